"""Refuse requests that would have the server fetch an address, which Gradio would, and those that nobody can read."""

import json
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mmattr_app.ui.request_log import note

LARGEST = 4_000_000  # bytes of a request that is no upload: a drawing is far smaller


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
