"""What a stranger may try against a public page, past the page itself."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import numpy as np
import pytest
from gradio.utils import get_upload_folder
from playwright.sync_api import Page, expect

from mmattr_app import pipeline
from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.jobs import JobQueue
from mmattr_app.ui.examples import Example
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.page import build
from mmattr_app.ui.returning import Returning
from mmattr_app.ui.session import Session
from tests.games import ToyWorker
from tests.tabs import told
from tests.ui.test_page import ask, state

Visit = Callable[..., Page]


def number_of(queue: JobQueue, example: Example, function: str) -> int:
    """Find the number under which the browser calls a handler."""
    page = build(queue, [example])
    return next(number for number, event in page.fns.items() if getattr(event.fn, "__name__", "") == function)


def join(address: str, number: int, data: list[Any]) -> httpx.Response:
    body = {"data": data, "fn_index": number, "session_hash": "stranger"}
    return httpx.post(f"{address}gradio_api/queue/join", json=body)


class Trap:
    """Writes a file when it is read back from a pickle."""

    def __init__(self, file: Path) -> None:
        """Choose the file."""
        self._file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._file,)


@pytest.mark.parametrize(
    "path", ["http://127.0.0.1:1/x.png", "HTTPS://example.org/x.png", "file:///etc/passwd", "/x\nmmattr INFO job"]
)
def test_no_address_is_ever_fetched(address: str, queue: JobQueue, example: Example, path: str) -> None:
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    number = number_of(queue, example, "picture")
    for data in ([file, 8, 8, "demo", None], ["prompt", {"deep": [file]}, 8, "demo", None]):
        reply = join(address, number, data)
        assert reply.status_code == 403
        assert "Nothing is fetched" in reply.text


def test_a_request_that_calls_itself_an_upload_names_no_address_either(
    address: str, queue: JobQueue, example: Example
) -> None:
    file = {"path": "http://127.0.0.1:1/x.png", "meta": {"_type": "gradio.FileData"}}
    body = {"data": [file], "fn_index": number_of(queue, example, "picture"), "session_hash": "stranger"}
    smuggled = {"content": json.dumps(body), "headers": {"content-type": "multipart/form-data; boundary=x"}}
    for where in ("queue/join", "component_server"):
        assert not httpx.post(f"{address}gradio_api/{where}", **smuggled).is_success


@pytest.mark.parametrize("where", ["file=http://127.0.0.1:1/x.png", "proxy=http://127.0.0.1:1/x.png"])
def test_no_address_is_fetched_for_a_link_either(address: str, where: str) -> None:
    assert httpx.get(f"{address}gradio_api/{where}").status_code in (302, 400, 403, 404)


def test_an_upload_past_the_page_has_the_same_limit(address: str) -> None:
    reply = httpx.post(f"{address}gradio_api/upload", files={"files": ("a.png", bytes(21_000_000))}, timeout=30)
    assert reply.status_code == 413


@pytest.mark.parametrize("name", ["../../../evil.png", "/etc/evil.png", "..", "a/../../evil.png", "x" * 300 + ".png"])
def test_the_name_of_an_upload_leads_nowhere(address: str, name: str) -> None:
    reply = httpx.post(f"{address}gradio_api/upload", files={"files": (name, b"content")})
    if reply.is_success:
        (path,) = reply.json()
        assert Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve())
        Path(path).unlink()


@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/../etc/hostname", str(Path(__file__).resolve())])
def test_a_path_on_the_server_is_no_picture(address: str, queue: JobQueue, example: Example, path: str) -> None:
    number = number_of(queue, example, "picture")
    config = httpx.get(f"{address}config").json()
    values = {part["id"]: part["props"].get("value") for part in config["components"]}
    inputs = next(event for event in config["dependencies"] if event["id"] == number)["inputs"]
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    assert join(address, number, [file, *(values[part] for part in inputs[1:])]).is_success
    told = ""
    with httpx.stream("GET", f"{address}gradio_api/queue/data?session_hash=stranger", timeout=20) as news:
        for line in news.iter_lines():
            told += line
            if "process_completed" in line:
                break
    assert '"success":false' in told
    assert "root:" not in told


def test_a_pickle_among_the_masks_is_never_opened(tmp_path: Path, picture: Pixels) -> None:
    array = np.empty(1, object)
    array[0] = Trap(tmp_path / "sprung")
    np.save(tmp_path / "labels.npy", array, allow_pickle=True)
    np.savez(tmp_path / "masks.npz", array)
    (tmp_path / "bare.npy").write_bytes(pickle.dumps(array[0]))
    for regions in ("labels:labels.npy", "masks:masks.npz", "labels:bare.npy"):
        kind, _, name = regions.partition(":")
        with pytest.raises(AppError, match=r"is no \.np"):
            pipeline.segment(picture, f"{kind}:{tmp_path / name}")
    assert not (tmp_path / "sprung").exists()


def test_a_request_of_any_size_is_not_read(address: str) -> None:
    assert httpx.post(f"{address}gradio_api/queue/join", content=b" " * 5_000_000).status_code == 413


@pytest.mark.parametrize("path", ["/etc/passwd", "app.py", "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", ".ssh/id"])
def test_no_file_of_the_server_is_handed_out(address: str, path: str) -> None:
    reply = httpx.get(f"{address}gradio_api/file={path}")
    assert reply.status_code in (403, 404)
    assert b"root:" not in reply.content


def test_the_results_cannot_be_listed(address: str, queue: JobQueue) -> None:
    for where in (queue.store.folder, queue.store.folder.parent):
        assert httpx.get(f"{address}gradio_api/file={where}").status_code in (403, 404, 422)


@pytest.mark.parametrize("guess", ["", "../..", "A" * 22, "${7*7}", "<b>", "'; drop", "\0"])
def test_a_guessed_id_shows_the_example(queue: JobQueue, example: Example, guess: str) -> None:
    returning = Returning(Handlers(queue), [example])
    ((shown, *_),) = told(returning.come_back(gr.Request(), guess, Session()))
    assert shown["state"] == "done"
    assert shown["job"] == ""
    assert ("This run is lost" in shown["notice"]) == bool(guess)


def test_a_hostile_file_name_is_only_a_name(visit: Visit, tmp_path: Path, own_picture: Path) -> None:
    name = "<img src=x onerror=document.title='owned'>${7*7}.png"
    (tmp_path / name).write_bytes(own_picture.read_bytes())
    page = visit()
    title = page.title()
    ask(page, tmp_path / name)
    state(page, "done")
    assert page.title() == title


def test_a_hostile_model_name_is_only_a_name(visit: Visit, own_picture: Path, toy: ToyWorker) -> None:
    name = "<img src=x onerror=document.title='owned'>"
    toy.error = AppError(f"There is no folder {name}; check the path.")
    page = visit()
    title = page.title()
    ask(page, own_picture)
    state(page, "failed")
    expect(page.locator("#explorer")).to_contain_text(name)
    expect(page.locator(".toast-body")).to_contain_text(name)
    assert page.locator("#explorer img[src=x], .toast-body img").count() == 0
    assert page.title() == title
