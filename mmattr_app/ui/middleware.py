"""Middleware: every request passes these before it comes to Gradio; some it does not pass."""

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

TRIES = 30  # a minute: a class that logs in together may share an address
REMEMBERED = 10_000  # tries of all addresses
TOO_MANY = JSONResponse({"detail": "Too many tries to log in; wait a minute."}, 429)
# The challenge is not called Basic: a browser would then ask for the password itself, and send it for any other site.
UNKNOWN = JSONResponse(
    {"detail": "Log in: send the header Authorization: Basic with base64 of NAME:PASSWORD."},
    401,
    {"WWW-Authenticate": 'X-Basic realm="mmattr"'},
)
MCP = "/gradio_api/mcp"  # in every address of it
LARGEST = 4_000_000  # bytes of a request that is no upload: a drawing is far smaller


class Tries:
    """Counts the tries to log in of the last minute, by address."""

    def __init__(self) -> None:
        """Begin with none."""
        self._made: deque[tuple[float, str]] = deque(maxlen=REMEMBERED)

    def too_many(self, scope: Scope) -> bool:
        """Say whether the address of a request has made its share."""
        while self._made and time.monotonic() - self._made[0][0] > 60:
            self._made.popleft()
        return sum(other == _address(scope) for _, other in self._made) >= TRIES

    def count(self, scope: Scope) -> None:
        """Count one more."""
        self._made.append((time.monotonic(), _address(scope)))


class LoginLimit:
    """Middleware: at most so many tries a minute of an address to log in on the page."""

    def __init__(self, app: ASGIApp, tries: Tries) -> None:
        """Stand before `app`."""
        self._app, self._tries = app, tries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a try pass when this address made few of late."""
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].rstrip("/") == "/login":
            if self._tries.too_many(scope):
                await TOO_MANY(scope, receive, send)
                return
            self._tries.count(scope)
        await self._app(scope, receive, send)


class AgentLogin:
    """Middleware: where people log in, an agent names itself with every request, in the header `Authorization: Basic`.

    Gradio guards its own addresses, but not those of MCP.
    """

    def __init__(self, app: ASGIApp, tries: Tries, users: Users) -> None:
        """Stand before `app`."""
        self._app, self._tries, self._users = app, tries, users

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let whoever is known pass to MCP; the file of a result may have its own way to say who is."""
        if scope["type"] == "http" and (MCP in scope["path"] or "/result/" in scope["path"]):
            refusal = self._judge(scope)
            if refusal and MCP in scope["path"]:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _judge(self, scope: Scope) -> JSONResponse | None:
        """Note who asks in the scope, or give what a stranger is told."""
        header = dict(scope["headers"]).get(b"authorization", b"")
        if not header:
            return UNKNOWN
        if self._tries.too_many(scope):
            return TOO_MANY
        if name := self._users.named_in(header):
            scope[AGENT] = name
            return None
        self._tries.count(scope)
        return UNKNOWN


def _address(scope: Scope) -> str:
    return (scope.get("client") or ("",))[0]


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


class Watch:
    """Middleware: tells Connections of every stream."""

    def __init__(self, app: ASGIApp, connections: Connections) -> None:
        """Stand before `app`."""
        self._app, self._connections = app, connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a stream from its request to its end."""
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
    """Say whether a program listens to the end of a call: GET .../call/NAME/EVENT."""
    return method == "GET" and path.rpartition("/")[0].endswith(("/call", "/call/v2"))
