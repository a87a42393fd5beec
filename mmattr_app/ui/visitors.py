"""Who may come in, what they may name, and whose jobs and followers are counted together."""

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

MESSAGES = 30  # that all followers together are sent in a second
AGENT = "mmattr_agent"  # the key under which a request's scope names the agent that has logged in
FORM = "NAME:PASSWORD"
FORWARDED = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "fastly-client-ip")


class Users:
    """Says whether a name and a password belong together, in the same time whether they do or not."""

    def __init__(self, passwords: dict[str, str]) -> None:
        """Keep digests alone: of one length, and of no use to whoever reads this process's memory later."""
        self._key = token_bytes(32)
        self._nobody = token_bytes(64)
        self._digests = {name: self._digest(password) for name, password in passwords.items()}

    def __call__(self, name: str, password: str) -> bool:
        """Answer Gradio, which asks this at its door."""
        return compare_digest(self._digests.get(name, self._nobody), self._digest(password))

    def named_in(self, header: bytes) -> str:
        """Give the name in a header `Authorization: Basic ...` whose password is right; else nothing."""
        scheme, _, told = header.partition(b" ")
        try:
            name, _, password = b64decode(told.strip(), validate=True).decode().partition(":")
        except ValueError:
            return ""
        return name if scheme.lower() == b"basic" and self(name, password) else ""

    def _digest(self, password: str) -> bytes:
        return blake2b(password.encode(), key=self._key).digest()


def read_users() -> Users | None:
    """Read the file of the settings; None lets everybody in. No sentence holds what stands there."""
    if not settings().users:
        return None
    try:
        lines = Path(settings().users).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        # The value may be a password that was meant for the file.
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
    """Name whoever asks: by the name they came in with, else by their address."""
    if request.username:
        return f"user {request.username}"
    return f"address {request.client.host}" if request.client else ""


def may_enter(request: Any) -> bool:
    """Say whether a request for a route of ours comes with a login, where one is needed; Gradio guards only its own."""
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
    """Name the models to choose from; strangers may not have this machine fetch gigabytes."""
    return [*(MODELS if any_model else SHIPPED), *settings().allowed_models]


def check_model(model: str, *, any_model: bool) -> None:
    """Refuse a model that the page does not offer, where a visitor may not name any."""
    known = offered(any_model=any_model)
    named = {*known, *(f"{name}@{precision}" for name in known for precision in PRECISIONS)}
    if not any_model and model not in named:
        raise AppError(f"This page offers the models {', '.join(known)}; choose one of them.")


def is_loopback(host: str | None) -> bool:
    """Say whether an address, or a host's name, means the machine itself."""
    if host is None or host == "localhost" or host.endswith(".localhost"):
        return host is not None
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _comes_from_this_machine(request: gr.Request) -> bool:
    """Say whether a browser on this machine asked, with no proxy in between and under a name of this machine.

    Another name in Host means DNS rebinding or a proxy, another one in Origin a page of somebody else. No browser
    speaks HTTP/1.0, but nginx does when it is told nothing else.
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
    """Counts them, for each visitor and in all; only the event loop may call it."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._visitors: Counter[str] = Counter()

    def check(self, visitor: str) -> None:
        """Refuse one too many."""
        limits = settings()
        if self._visitors.total() >= limits.max_followers:
            raise AppError(f"{limits.max_followers} tabs follow runs here already; try again in a minute.")
        if self._visitors[visitor] >= limits.max_followers_visitor:
            most = limits.max_followers_visitor
            raise AppError(f"{most} tabs from where you are follow runs already; close some, or try again in a minute.")

    def pause(self) -> float:
        """Give the seconds between two messages to one of them; where many follow, the model needs the processor."""
        return max(0.1, self._visitors.total() / MESSAGES)

    @contextmanager
    def one(self, visitor: str) -> Iterator[None]:
        """Count one more meanwhile."""
        self.check(visitor)
        self._visitors[visitor] += 1
        try:
            yield
        finally:
            self._visitors[visitor] -= 1
            if not self._visitors[visitor]:
                del self._visitors[visitor]
