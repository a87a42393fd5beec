"""A program that speaks the page's own HTTP, as a browser does, or as a hostile client may."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx

_numbers = count()


class Client:
    """One tab: calls the functions of a page by their names, with the form as it stands unless told otherwise."""

    def __init__(self, address: str, headers: dict[str, str] | None = None) -> None:
        """Open the page; `headers` go with every request."""
        self.http = httpx.Client(base_url=address, headers=headers, timeout=30)
        self.session = f"client-{next(_numbers)}"
        config = self.http.get("/config").json()
        parts = {part["id"]: part["props"] for part in config["components"]}
        self.functions: dict[str, Any] = {each["api_name"]: each for each in config["dependencies"]}
        self.form: dict[int, Any] = {number: props.get("value") for number, props in parts.items()}
        self.number = {props.get("elem_id"): number for number, props in parts.items()}

    def upload(self, picture: Path) -> dict[str, Any]:
        """Bring a file, and give what the form holds for it."""
        with picture.open("rb") as file:
            (path,) = self.http.post("/gradio_api/upload", files={"files": (picture.name, file)}).json()
        return {"path": path, "meta": {"_type": "gradio.FileData"}}

    def fill(self, **values: Any) -> None:
        """Write into the form, by the fields' ids with `_` for `-`."""
        for name, value in values.items():
            self.form[self.number[name.replace("_", "-")]] = value

    def body(self, name: str, data: list[Any] | None = None, event_data: Any = None) -> dict[str, Any]:
        """Write a request that calls a function."""
        function = self.functions[name]
        values = data if data is not None else [self.form.get(part) for part in function["inputs"]]
        body = {"data": values, "fn_index": function["id"], "session_hash": self.session}
        targets = function["targets"]  # none for what is no event of an element
        return {**body, "event_data": event_data, "trigger_id": targets[0][0] if targets else None}

    def call(self, name: str, data: list[Any] | None = None, event_data: Any = None) -> list[dict[str, Any]]:
        """Call a function and wait for all that it says."""
        return list(self.follow(name, data, event_data))

    def follow(self, name: str, data: list[Any] | None = None, event_data: Any = None) -> Iterator[dict[str, Any]]:
        """Call a function and hear it piece by piece."""
        body = json.dumps(self.body(name, data, event_data))  # which, unlike httpx's own, writes NaN
        reply = self.http.post("/gradio_api/queue/join", content=body, headers={"content-type": "application/json"})
        if not reply.is_success:
            yield {"msg": "refused", "status": reply.status_code, "text": reply.text}
            return
        params = {"session_hash": self.session}
        with self.http.stream("GET", "/gradio_api/queue/data", params=params) as news:
            for line in news.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if message.get("msg") not in (None, "estimation", "heartbeat"):
                    yield message
                if message.get("msg") in ("process_completed", "unexpected_error"):
                    return


def sentences(messages: list[dict[str, Any]]) -> str:
    """Join what a person is told: toasts, errors and the explorer's own line."""
    return json.dumps(messages, ensure_ascii=False)
