"""Who may come in, who may name any model, and which requests are refused before Gradio reads them."""

import json
import time
from collections import deque
from hashlib import blake2b
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path
from secrets import token_bytes
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mmattr_app.errors import AppError
from mmattr_app.settings import settings
from mmattr_app.ui.request_log import note

FORM = "NAME:PASSWORD"
FORWARDED = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "fastly-client-ip")

TRIES = 30  # a minute: a class that logs in together may share an address
REMEMBERED = 10_000  # tries of all addresses

LARGEST = 4_000_000  # bytes of a request that is no upload: a drawing is far smaller


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
    if app.auth is None:
        return True
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return any(request.cookies.get(name) in app.tokens for name in names)


def may_name_any_model(request: gr.Request, *, listens_locally: bool) -> bool:
    """Say whether a visitor may name a model, folder or server that the page does not offer."""
    choice = settings().trust_visitors
    return choice == "yes" or (choice == "auto" and listens_locally and _comes_from_this_machine(request))


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


class Knocking:
    """Counts what comes to the door of Gradio."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app
        self._tries: deque[tuple[float, str]] = deque(maxlen=REMEMBERED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a try pass when this address made few of late."""
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].rstrip("/") == "/login":
            address = (scope.get("client") or ("",))[0]
            if not self._may_try(address):
                reply = JSONResponse({"detail": "Too many tries to log in; wait a minute."}, 429)
                await reply(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _may_try(self, address: str) -> bool:
        now = time.monotonic()
        while self._tries and now - self._tries[0][0] > 60:
            self._tries.popleft()
        if sum(other == address for _, other in self._tries) >= TRIES:
            return False
        self._tries.append((now, address))
        return True


class Guard:
    """Reads every JSON request before Gradio does."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, and answer it when what comes after stumbles over it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._judge(scope, receive, watched)
        except Exception as error:  # noqa: BLE001  (it is logged)
            fault = note(error, f"{scope['method']} {scope['path']}")
            if begun:
                await send({"type": "http.response.body", "body": b""})
            else:
                detail = "This request cannot be read." if fault else "Something went wrong here; it is logged."
                await JSONResponse({"detail": detail}, 400 if fault else 500)(scope, receive, send)

    async def _judge(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass that is text and names no address where a file should be."""
        if _breaks_lines(scope["path"]):
            await JSONResponse({"detail": "This address cannot be read."}, 400)(scope, receive, send)
            return
        if scope["method"] != "POST" or _is_upload(scope):
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            await JSONResponse({"detail": "This request is too large."}, 413)(scope, receive, send)
        elif not _is_text(body):
            await JSONResponse({"detail": "This request is no text."}, 400)(scope, receive, send)
        elif _names_an_address(body):
            detail = "Nothing is fetched from an address; upload the picture itself."
            await JSONResponse({"detail": detail}, 403)(scope, receive, send)
        else:
            await self._app(scope, _again(body, receive), send)


def _is_upload(scope: Scope) -> bool:
    return dict(scope["headers"]).get(b"content-type", b"").startswith(b"multipart/form-data")


async def _read(receive: Receive) -> bytes | None:
    """Read the whole body; None when it is too large."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST:
            return None
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return body


def _again(body: bytes, receive: Receive) -> Receive:
    """Give the body to whoever reads next, and after it what comes later, such as a closed connection."""
    read = False

    async def replay() -> Message:
        nonlocal read
        if read:
            return await receive()
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _is_text(body: bytes) -> bool:
    """Find halves of characters, which JSON can spell and nothing can write again."""
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeError:
        return False
    except (ValueError, RecursionError):
        return True  # no JSON: Gradio says so itself
    return True


def _names_an_address(body: bytes) -> bool:
    try:
        return _holds_address(json.loads(body))
    except (ValueError, RecursionError):
        return False  # no JSON: Gradio says so itself


def _holds_address(value: Any) -> bool:
    if isinstance(value, dict):
        path = value.get("path")
        return (isinstance(path, str) and _is_strange(path)) or any(map(_holds_address, value.values()))
    return isinstance(value, list) and any(map(_holds_address, value))


def _is_strange(path: str) -> bool:
    """Find addresses, and line breaks, which Gradio would write into the log."""
    return "://" in path or _breaks_lines(path)


def _breaks_lines(text: str) -> bool:
    return any(letter < " " for letter in text)
