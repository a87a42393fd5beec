"""Middleware: checks of every request before Gradio gets it; some requests are refused."""

import json
import time
from collections import deque
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mmattr_app.ui.connections import Connections
from mmattr_app.ui.mcp_tools import CALL, is_mcp
from mmattr_app.ui.request_log import note
from mmattr_app.ui.visitors import AGENT, Users

TRIES = 30  # logins a minute from one address: a class that logs in together may share one
REMEMBERED = 10_000  # logins of all addresses that are counted
TOO_MANY = JSONResponse({"detail": "Too many tries to log in; wait a minute."}, 429)
# Not "Basic": at that word a browser asks for a password in a window of its own, and then sends it with every request,
# also with those that pages of other sites make.
LOGIN_NEEDED = JSONResponse(
    {"detail": "Log in: send the header Authorization: Basic with base64 of NAME:PASSWORD."},
    401,
    {"WWW-Authenticate": 'X-Basic realm="mmattr"'},
)
MCP = "/gradio_api/mcp"  # part of every address of MCP
LARGEST = 4_000_000  # bytes of a request that is not an upload; even a large drawing is far smaller


class LoginAttempts:
    """Counts the attempts to log in during the last minute, for each address."""

    def __init__(self) -> None:
        """Start with no attempts."""
        self._made: deque[tuple[float, str]] = deque(maxlen=REMEMBERED)

    def too_many(self, scope: Scope) -> bool:
        """Say whether the address of a request has made as many attempts as it may."""
        while self._made and time.monotonic() - self._made[0][0] > 60:
            self._made.popleft()
        return sum(other == _address(scope) for _, other in self._made) >= TRIES

    def count(self, scope: Scope) -> None:
        """Count one more attempt of the address of a request."""
        self._made.append((time.monotonic(), _address(scope)))


class LoginLimit:
    """Middleware: at most `TRIES` logins a minute from one address on the page."""

    def __init__(self, app: ASGIApp, tries: LoginAttempts) -> None:
        """Pass requests on to `app`."""
        self._app, self._tries = app, tries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a login on, unless its address has made too many in the last minute."""
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].rstrip("/") == "/login":
            if self._tries.too_many(scope):
                await TOO_MANY(scope, receive, send)
                return
            self._tries.count(scope)
        await self._app(scope, receive, send)


class AgentLogin:
    """Middleware: where the page has accounts, an agent logs in with every request, by `Authorization: Basic`.

    Gradio asks for a login at its own addresses, but not at those of MCP.
    """

    def __init__(self, app: ASGIApp, tries: LoginAttempts, users: Users) -> None:
        """Pass requests on to `app`."""
        self._app, self._tries, self._users = app, tries, users

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let only known agents use MCP. Requests for a file of a result always pass: its route checks the login."""
        if scope["type"] == "http" and (MCP in scope["path"] or "/result/" in scope["path"]):
            refusal = self._judge(scope)
            if refusal and MCP in scope["path"]:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _judge(self, scope: Scope) -> JSONResponse | None:
        """Write the name of the agent into the scope and return None; without a valid login, return the refusal."""
        header = dict(scope["headers"]).get(b"authorization", b"")
        if not header:
            return LOGIN_NEEDED
        if self._tries.too_many(scope):
            return TOO_MANY
        if name := self._users.named_in(header):
            scope[AGENT] = name
            return None
        self._tries.count(scope)
        return LOGIN_NEEDED


def _address(scope: Scope) -> str:
    return (scope.get("client") or ("",))[0]


class Guard:
    """Middleware: reads every JSON request before Gradio does, and refuses what Gradio would stumble over or fetch."""

    def __init__(self, app: ASGIApp) -> None:
        """Pass requests on to `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; if handling it raises an error, log that and answer with one sentence."""
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
        """Pass a request on if it is not too large, holds only valid text, and names no web address as a file."""
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
            await JSONResponse({"detail": "This request is not valid text."}, 400)(scope, receive, send)
        elif _names_an_address(body):
            detail = "Nothing is fetched from an address; upload the picture itself."
            await JSONResponse({"detail": detail}, 403)(scope, receive, send)
        else:
            await self._app(scope, _replay(body, receive), send)


def _is_upload(scope: Scope) -> bool:
    return dict(scope["headers"]).get(b"content-type", b"").startswith(b"multipart/form-data")


async def _read(receive: Receive) -> bytes | None:
    """Read the whole body; None if it is too large."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST:
            return None
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """Make a `receive` that gives first the body that was read, and then what really arrives, such as a disconnect."""
    read = False

    async def replay() -> Message:
        nonlocal read
        if read:
            return await receive()
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _is_text(body: bytes) -> bool:
    """Say whether a body can be written as UTF-8; JSON allows lone surrogates, which cannot."""
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeError:
        return False
    except (ValueError, RecursionError):
        return True  # not JSON: Gradio refuses it itself
    return True


def _names_an_address(body: bytes) -> bool:
    try:
        return _holds_address(json.loads(body))
    except (ValueError, RecursionError):
        return False  # not JSON: Gradio refuses it itself


def _holds_address(value: Any) -> bool:
    if isinstance(value, dict):
        path = value.get("path")
        return (isinstance(path, str) and _is_refused_path(path)) or any(map(_holds_address, value.values()))
    return isinstance(value, list) and any(map(_holds_address, value))


def _is_refused_path(path: str) -> bool:
    """Say whether a path is a web address or has a line break, which Gradio would write into the log."""
    return "://" in path or _breaks_lines(path)


def _breaks_lines(text: str) -> bool:
    return any(letter < " " for letter in text)


class StreamCounter:
    """Middleware: tells `Connections` which streams are open."""

    def __init__(self, app: ASGIApp, connections: Connections) -> None:
        """Pass requests on to `app`."""
        self._app, self._connections = app, connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a stream for as long as it is open."""
        path = scope["path"].rstrip("/") if scope["type"] == "http" else ""
        before, _, last = path.rpartition("/")
        if path.endswith("/queue/join"):
            await self._connections.forget()
        if path.endswith("/queue/data"):
            last = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
        elif is_mcp(scope.get("method"), path):
            last = scope[CALL] = token_urlsafe(8)
        elif not (before.endswith("/heartbeat") or _is_call(scope.get("method"), before)):
            await self._app(scope, receive, send)
            return
        with self._connections.stream(last, of_events=not before.endswith("/heartbeat")):
            await self._app(scope, receive, send)


def _is_call(method: Any, path: str) -> bool:
    """Say whether a program asks for the events of a call: GET .../call/NAME/EVENT."""
    return method == "GET" and path.rpartition("/")[0].endswith(("/call", "/call/v2"))
