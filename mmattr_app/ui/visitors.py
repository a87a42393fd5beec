"""Accounts and limits of visitors: who may log in, which models they may choose, how many tabs may follow jobs."""

from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path
from secrets import token_bytes
from typing import Any
from urllib.parse import urlsplit

import gradio as gr

from mmattr_app.errors import AppError
from mmattr_app.models.catalogue import MODELS, PRECISIONS, SHIPPED
from mmattr_app.settings import settings

MESSAGES_A_SECOND = 30  # at most so many updates for all followers together
AGENT = "mmattr_agent"  # key in a request's scope: the name of the agent that has logged in
FORM = "NAME:PASSWORD"
FORWARDED = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "fastly-client-ip")


class Users:
    """The accounts. Checking a password takes the same time whether it is right, wrong or of an unknown name."""

    def __init__(self, passwords: dict[str, str]) -> None:
        """Keep only keyed digests of the passwords: all of one length, and the passwords are not left in memory."""
        self._key = token_bytes(32)
        self._nobody = token_bytes(64)
        self._digests = {name: self._digest(password) for name, password in passwords.items()}

    def __call__(self, name: str, password: str) -> bool:
        """Say whether the password of a name is right; Gradio calls this at a login."""
        return compare_digest(self._digests.get(name, self._nobody), self._digest(password))

    def named_in(self, header: bytes) -> str:
        """Give the name in a header `Authorization: Basic ...` if its password is right, else an empty text."""
        scheme, _, told = header.partition(b" ")
        try:
            name, _, password = b64decode(told.strip(), validate=True).decode().partition(":")
        except ValueError:
            return ""
        return name if scheme.lower() == b"basic" and self(name, password) else ""

    def _digest(self, password: str) -> bytes:
        return blake2b(password.encode(), key=self._key).digest()


def read_users() -> Users | None:
    """Read the accounts from the file that `MMATTR_USERS` names; None without one. Errors never quote the file."""
    if not settings().users:
        return None
    try:
        lines = Path(settings().users).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        # The value is not quoted: somebody may have put a password there by mistake.
        raise AppError(f"MMATTR_USERS names no file that can be read; give one with a line {FORM} a person.") from None
    passwords: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        name, _, password = line.partition(":")
        name = name.strip()
        if line.strip() and not (name and password):
            raise AppError(f"Line {number} of the file that MMATTR_USERS names is not {FORM}; write it so.")
        if name in passwords:
            raise AppError(f"Line {number} of the file that MMATTR_USERS names repeats a name; give each name once.")
        if name:
            passwords[name] = password
    if not passwords:
        raise AppError(f"The file that MMATTR_USERS names is empty; write a line {FORM} for each person into it.")
    return Users(passwords)


def visitor(request: gr.Request) -> str:
    """Name the visitor who sent a request: by the account, else by the network address."""
    if request.username:
        return f"user {request.username}"
    return f"address {request.client.host}" if request.client else ""


def may_enter(request: Any) -> bool:
    """Say whether a request for one of our own routes is logged in, where the page has accounts.

    Gradio checks the login only for its own routes.
    """
    app = request.app
    if app.auth is None or AGENT in request.scope:
        return True
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return any(request.cookies.get(name) in app.tokens for name in names)


def may_name_any_model(request: gr.Request, *, listens_locally: bool) -> bool:
    """Say whether a visitor may name a model, folder or server that the page does not offer."""
    choice = settings().trust_visitors
    return choice == "yes" or (choice == "auto" and listens_locally and _comes_from_this_machine(request))


def offered(*, any_model: bool) -> list[str]:
    """List the models to choose from; only visitors who may name any model see those that must be downloaded first."""
    return [*(MODELS if any_model else SHIPPED), *settings().allowed_models]


def check_model(model: str, *, any_model: bool) -> None:
    """Refuse a model that the page does not offer, unless the visitor may name any model."""
    known = offered(any_model=any_model)
    named = {*known, *(f"{name}@{precision}" for name in known for precision in PRECISIONS)}
    if not any_model and model not in named:
        raise AppError(f"This page offers the models {', '.join(known)}; choose one of them.")


def is_loopback(host: str | None) -> bool:
    """Say whether an address or a host name means this machine itself."""
    if host is None or host == "localhost" or host.endswith(".localhost"):
        return host is not None
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _comes_from_this_machine(request: gr.Request) -> bool:
    """Say whether the request comes from a browser on this machine, without a proxy, by a name of this machine.

    Another name in the header Host means DNS rebinding or a proxy; another name in Origin means a page of another site.
    Browsers do not use HTTP/1.0, but the proxy nginx does unless it is configured otherwise.
    """
    asked: Any = request.request
    headers = asked.headers
    if any(name in FORWARDED or name.startswith("x-forwarded") for name in headers.keys()):  # noqa: SIM118
        return False
    hosts = [f"//{host}" for host in headers.getlist("host")]
    return (
        asked.client is not None
        and is_loopback(asked.client.host)
        and asked.scope.get("http_version") != "1.0"
        and bool(hosts)
        and all(is_loopback(_hostname(url)) for url in (*hosts, *headers.getlist("origin")))
    )


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


class Followers:
    """Counts the followers, which are tabs or programs that follow a job: for each visitor, and in all.

    Only the event loop may call it.
    """

    def __init__(self) -> None:
        """Start without followers."""
        self._visitors: Counter[str] = Counter()

    def check(self, visitor: str) -> None:
        """Refuse one more follower of a visitor if that would be too many."""
        limits = settings()
        if self._visitors.total() >= limits.max_followers:
            raise AppError(f"{limits.max_followers} tabs follow runs here already; try again in a minute.")
        if self._visitors[visitor] >= limits.max_followers_visitor:
            most = limits.max_followers_visitor
            raise AppError(f"{most} tabs from where you are follow runs already; close some, or try again in a minute.")

    def pause(self) -> float:
        """Give the seconds between two updates for one follower: more where many follow, to save processor time."""
        return max(0.1, self._visitors.total() / MESSAGES_A_SECOND)

    @contextmanager
    def one(self, visitor: str) -> Iterator[None]:
        """Count one follower of a visitor for as long as it follows."""
        self.check(visitor)
        self._visitors[visitor] += 1
        try:
            yield
        finally:
            self._visitors[visitor] -= 1
            if not self._visitors[visitor]:
                del self._visitors[visitor]
