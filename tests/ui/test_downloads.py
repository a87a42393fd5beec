"""Files of a result: served by its id from an address that tells nothing of the server, whole or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio.utils import get_upload_folder

from mmattr_app.jobs import JobQueue, Store
from mmattr_app.settings import settings
from mmattr_app.ui.downloads import result_file
from mmattr_app.ui.examples import Example
from mmattr_app.ui.page import footer
from mmattr_app.ui.views import OFFERED, example_view, file_links, stored_view

RESULT = "R" * 22


@pytest.fixture
def links(queue: JobQueue, example: Example) -> Iterator[dict[str, str]]:
    """Store a result and give its links."""
    queue.store.put(RESULT, example.attribution)
    yield file_links(RESULT, queue.store)
    queue.store.delete(RESULT)


@pytest.mark.parametrize("ending", OFFERED)
def test_a_link_names_no_folder_and_gives_the_file_to_keep(address: str, links: dict[str, str], ending: str) -> None:
    assert links[ending] == f"result/{RESULT}/mmattr.{ending}"
    reply = httpx.get(address + links[ending])
    assert reply.is_success
    assert reply.headers["content-disposition"] == f'attachment; filename="mmattr.{ending}"'
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in reply.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        f"{RESULT}/picture.png",
        f"{RESULT}/",
        f"{RESULT}",
        "",
        f"{'S' * 22}/mmattr.npz",
        f"{RESULT}/..%2f{RESULT}%2fmmattr.npz",
        f"..%2f{RESULT}/mmattr.npz",
        "%2e%2e/mmattr.npz",
        f"{RESULT}/mmattr.html%00",
        f"{RESULT}%00/mmattr.html",
    ],
)
@pytest.mark.usefixtures("links")
def test_nothing_else_of_the_results_is_served(address: str, path: str) -> None:
    assert httpx.get(f"{address}result/{path}").status_code in (400, 404)


@pytest.mark.usefixtures("links")
def test_gradio_serves_no_result_by_its_path(address: str, queue: JobQueue) -> None:
    for ending in OFFERED:
        file = result_file(queue.store, RESULT, f"mmattr.{ending}")
        assert file
        assert file.exists()
        assert httpx.get(f"{address}gradio_api/file={file}").status_code == 403


def test_the_page_s_own_description_names_no_folder_but_that_of_uploads(
    address: str, queue: JobQueue, example: Example
) -> None:
    """The upload folder is named where Gradio asks for a picture by its path."""
    for text in (httpx.get(f"{address}config").text, httpx.get(address).text):
        assert get_upload_folder() in text
        for folder in (Path(__file__).parents[2], Path.home(), queue.store.folder, example.picture.parent):
            assert str(folder) not in text


def test_nobody_finds_an_html_file_that_is_half_written(
    tmp_path: Path, example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, halves = Store(tmp_path), []
    store.put(RESULT, example.attribution)
    write = Path.write_text

    def in_halves(path: Path, text: str, **more: Any) -> int:
        write(path, text[: len(text) // 2], **more)
        halves.append((tmp_path / RESULT / path.with_stem("mmattr").name).exists())
        return write(path, text, **more)

    monkeypatch.setattr(Path, "write_text", in_halves)
    for ending in OFFERED:
        assert result_file(store, RESULT, f"mmattr.{ending}") == tmp_path / RESULT / f"mmattr.{ending}"
    assert halves == [False, False]
    assert "</html>" in (tmp_path / RESULT / "mmattr.html").read_text()[-200:]
    assert {path.name for path in (tmp_path / RESULT).iterdir()} == {
        "picture.png",
        *(f"mmattr.{ending}" for ending in OFFERED),
    }


def test_a_result_comes_with_the_code_that_makes_it_again(queue: JobQueue, example: Example) -> None:
    queue.store.put(RESULT, example.attribution)
    shown = [example_view(example), stored_view(example.attribution, RESULT, queue.store)]
    queue.store.delete(RESULT)
    for view in shown:
        assert "'A yellow house',\n" in view.code["python"]
        assert "explain picture.png '--prompt=A yellow house' --model=toy" in view.code["command"]
        assert view.code["needs"] == ""


def test_a_result_that_is_deleted_meanwhile_has_no_files(
    tmp_path: Path, example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.put(RESULT, example.attribution)
    folder = store.find(RESULT)
    store.delete(RESULT)
    monkeypatch.setattr(store, "find", lambda _: folder)
    assert result_file(store, RESULT, "mmattr.json") is None


@pytest.mark.parametrize(
    ("hours", "words"),
    [("1", "an hour"), ("2", "2 hours"), ("24", "a day"), ("36", "36 hours"), ("48", "2 days"), ("720", "30 days")],
)
def test_the_foot_of_the_page_says_how_long_a_result_is_kept(
    monkeypatch: pytest.MonkeyPatch, hours: str, words: str
) -> None:
    monkeypatch.setenv("MMATTR_KEEP_HOURS", hours)
    settings.cache_clear()
    assert f"for at most {words};" in footer()
    settings.cache_clear()
