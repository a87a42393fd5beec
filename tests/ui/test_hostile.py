"""What a stranger may try against a public page, past the page itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from mmattr_app.jobs import Desk
from mmattr_app.ui.downloads import Downloads
from mmattr_app.ui.examples import Example
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.page import build
from mmattr_app.ui.session import Session
from tests.ui.test_page import ask, choose, state

Visit = Callable[..., Page]


def number_of(desk: Desk, example: Example, function: str) -> int:
    """Find the number under which the browser calls a handler."""
    page = build(desk, [example])
    return next(number for number, event in page.fns.items() if getattr(event.fn, "__name__", "") == function)


def join(address: str, number: int, data: list[Any]) -> httpx.Response:
    body = {"data": data, "fn_index": number, "session_hash": "stranger"}
    return httpx.post(f"{address}gradio_api/queue/join", json=body)


@pytest.mark.parametrize("path", ["http://127.0.0.1:1/x.png", "HTTPS://example.org/x.png", "file:///etc/passwd"])
def test_no_address_is_ever_fetched(address: str, desk: Desk, example: Example, path: str) -> None:
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    number = number_of(desk, example, "picture")
    for data in ([file, 8, 8, "demo", None], ["prompt", {"deep": [file]}, 8, "demo", None]):
        reply = join(address, number, data)
        assert reply.status_code == 403
        assert "Nothing is fetched" in reply.text


def test_a_request_of_any_size_is_not_read(address: str) -> None:
    assert httpx.post(f"{address}gradio_api/queue/join", content=b" " * 5_000_000).status_code == 413


@pytest.mark.parametrize("path", ["/etc/passwd", "app.py", "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", ".ssh/id"])
def test_no_file_of_the_server_is_handed_out(address: str, path: str) -> None:
    reply = httpx.get(f"{address}gradio_api/file={path}")
    assert reply.status_code in (403, 404)
    assert b"root:" not in reply.content


def test_the_results_cannot_be_listed(address: str, desk: Desk) -> None:
    for where in (desk.store.folder, desk.store.folder.parent):
        assert httpx.get(f"{address}gradio_api/file={where}").status_code in (403, 404, 422)


@pytest.mark.parametrize("guess", ["", "../..", "A" * 22, "${7*7}", "<b>", "'; drop", "\0"])
def test_a_guessed_id_shows_the_example(desk: Desk, example: Example, guess: str) -> None:
    handlers = Handlers(desk, [example], Downloads(desk.store))
    ((shown, _),) = handlers.come_back(guess, Session())
    assert shown["state"] == "done"
    assert shown["job"] == ""


def test_a_hostile_file_name_is_only_a_name(visit: Visit, tmp_path: Path, own_picture: Path) -> None:
    name = "<img src=x onerror=document.title='owned'>${7*7}.png"
    (tmp_path / name).write_bytes(own_picture.read_bytes())
    page = visit()
    title = page.title()
    choose(page, tmp_path / name)
    expect(page.locator("#explorer")).to_contain_text("64 regions")
    ask(page, own_picture)
    state(page, "done")
    assert page.title() == title
