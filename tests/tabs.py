"""A browser tab as the server sees it: the page's own HTTP and event stream, with no browser."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import Any, TypeVar

import httpx
from gradio_client.utils import apply_diff

Result = TypeVar("Result")

PATIENT = httpx.Timeout(60)


class Tab:
    """Presses what a person presses, and listens as the page's script does."""

    def __init__(self, client: httpx.AsyncClient, config: dict[str, Any]) -> None:
        """Share a client with other tabs; `config` is what `/config` says of the page."""
        self.name = token_hex(5)
        self._client = client
        self._parts = {part["props"].get("elem_id") or part["id"]: part for part in config["components"]}
        self._events = config["dependencies"]
        self.values = {part["id"]: part["props"].get("value") for part in config["components"]}

    async def upload(self, content: bytes, name: str = "picture.png") -> None:
        """Put a picture into the well."""
        reply = await self._client.post("gradio_api/upload", files={"files": (name, content)})
        (path,) = reply.raise_for_status().json()
        self.put("image", {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}})

    def put(self, part: str, value: Any) -> None:
        """Fill in a part of the form, by the name of its element."""
        self.values[self._parts[part]["id"]] = value

    async def press(self, part: str, event: str = "click") -> str:
        """Do something to a part of the page, or `load` the page that reads it; give the id of what comes of it."""
        target = self._parts[part]["id"]
        (found,) = (
            known
            for known in self._events
            for at, what in known["targets"]
            if what == event and (at == target or (event == "load" and target in known["inputs"]))
        )
        data = [self.values[number] for number in found["inputs"]]
        body = {"data": data, "fn_index": found["id"], "session_hash": self.name, "trigger_id": target}
        reply = await self._client.post("gradio_api/queue/join", json=body)
        return reply.raise_for_status().json()["event_id"]

    async def news(self) -> AsyncIterator[dict[str, Any]]:
        """Listen until nothing more comes; leaving the loop early drops the connection."""
        whole: dict[str, list[Any]] = {}
        where = f"gradio_api/queue/data?session_hash={self.name}"
        async with self._client.stream("GET", where, timeout=PATIENT) as lines:
            async for line in lines.aiter_lines():
                if not line.startswith("data:"):
                    continue
                message = json.loads(line.removeprefix("data:"))
                if message["msg"] == "close_stream":
                    return
                if message["msg"] == "process_generating" and message["success"]:
                    _complete(message, whole)
                yield message


def _complete(message: dict[str, Any], whole: dict[str, list[Any]]) -> None:
    """Put the values into a message that only says how they differ from those before."""
    event, data = message["event_id"], message["output"]["data"]
    if event in whole:
        data = [apply_diff(before, change) for before, change in zip(whole[event], data, strict=True)]
    message["output"]["data"] = whole[event] = data


async def config(client: httpx.AsyncClient) -> dict[str, Any]:
    """Read what the page is made of."""
    return (await client.get("config")).raise_for_status().json()


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run it in an event loop of its own; that of Playwright may be at work in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def told(handler: AsyncIterator[Any]) -> list[Any]:
    """List all that a handler of the page tells."""

    async def listen() -> list[Any]:
        return [news async for news in handler]

    return run(listen())
