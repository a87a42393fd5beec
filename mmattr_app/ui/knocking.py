"""Refuse an address that tries one password after another."""

import time
from collections import deque

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

TRIES = 30  # a minute: a class that logs in together may share an address
REMEMBERED = 10_000  # tries of all addresses


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
