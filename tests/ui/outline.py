"""The page as a few lines of text that change only when the page does: its parts, and what each event calls."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gradio as gr

from mmattr_app.jobs import JobQueue, Store
from mmattr_app.ui.examples import load_examples
from mmattr_app.ui.page import build


def outline(page: gr.Blocks) -> str:
    """List the component tree, then every event as `part.event -> function(inputs) -> outputs`."""
    config: dict[str, Any] = dict(page.get_config_file())
    parts = {part["id"]: part for part in config["components"]}
    lines = [line for child in config["layout"]["children"] for line in _tree(child, parts, 0)]
    lines += ["", *(_event(event, page, parts) for event in config["dependencies"])]
    return "\n".join(lines) + "\n"


def _name(part: dict[str, Any]) -> str:
    name = part["props"].get("elem_id")
    return f"{part['type']}#{name}" if name else part["type"]


def _tree(node: dict[str, Any], parts: dict[int, dict[str, Any]], depth: int) -> list[str]:
    below = [line for child in node.get("children", []) for line in _tree(child, parts, depth + 1)]
    return ["  " * depth + _name(parts[node["id"]]), *below]


def _event(event: dict[str, Any], page: gr.Blocks, parts: dict[int, dict[str, Any]]) -> str:
    def names(ids: list[int]) -> str:
        return ", ".join(_name(parts[number]) for number in ids)

    sources = ", ".join(f"{_name(parts[part]) if part in parts else 'page'}.{what}" for part, what in event["targets"])
    function = getattr(page.fns[event["id"]].fn, "__name__", "javascript")
    return f"{sources} -> {function}({names(event['inputs'])}) -> {names(event['outputs'])}"


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        print(outline(build(JobQueue.on([], Store(Path(folder))), load_examples())), end="")
