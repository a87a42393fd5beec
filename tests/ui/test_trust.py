"""Who may name any model, folder or server: a browser on the machine itself, unless a setting says otherwise."""

from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from playwright.sync_api import Browser
from starlette.requests import Request

from mmattr_app.errors import AppError
from mmattr_app.jobs import JobQueue
from mmattr_app.settings import settings
from mmattr_app.ui.examples import Example
from mmattr_app.ui.page import build, launch
from mmattr_app.ui.visitors import is_loopback, may_name_any_model
from tests.games import ToyWorker
from tests.ui.client import Client, sentences
from tests.ui.test_visitors import explain

FORWARDED = [
    {"X-Forwarded-For": "203.0.113.7"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-Host": "example.org"},
    {"Forwarded": "for=127.0.0.1"},
    {"X-Real-IP": "127.0.0.1"},
    {"Via": "1.1 proxy"},
    {"Host": "example.org"},  # DNS rebinding, or a proxy that adds nothing
    {"Host": "127.0.0.1.example.org"},
    {"Origin": "https://example.org"},  # another page, or a proxy that hides even the name
    {"Origin": "null"},
]


@pytest.fixture(autouse=True)
def read_again() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def local(queue: JobQueue, example: Example) -> Iterator[str]:
    """Serve the page as `app.py` does on one's own machine."""
    page = build(queue, [example], listens_locally=True)
    yield launch(page, queue, port=None, prevent_thread_lock=True, quiet=True)[1].rstrip("/")
    page.close()


def told_about(address: str, model: str, picture: Path, headers: dict[str, str] | None = None) -> str:
    """Ask a model of one's own choice, in a tab that was offered all it could be, and give what comes back."""
    client = Client(address)
    offered = sentences(client.call("models"))
    client.http.headers.update(headers or {})
    client.fill(image=client.upload(picture), prompt="Who asks?", model=model)
    return offered + sentences(client.call("explain"))


@pytest.mark.parametrize("model", ["vllm:http://127.0.0.1:9#m", "./assets", "owner/name"])
def test_a_forwarded_request_never_names_a_model_folder_or_server(
    local: str, own_picture: Path, model: str, toy: ToyWorker
) -> None:
    asked = toy.masks
    for headers in FORWARDED:
        assert "choose one of them" in told_about(local, model, own_picture, headers), headers
        offered = sentences(Client(local, headers).call("models"))
        assert '"allow_custom_value": false' in offered
        assert "Qwen" not in offered
    assert toy.masks == asked


def test_whoever_sits_at_the_machine_names_any_model(local: str, own_picture: Path) -> None:
    told = told_about(local, "owner/name", own_picture)
    assert "Qwen" in told
    assert '"allow_custom_value": true' in told
    assert '"state": "done"' in told


def test_whoever_sits_at_the_machine_types_a_model_into_the_list(local: str, browser: Browser, queue: JobQueue) -> None:
    page = browser.new_page()
    page.goto(local)
    page.wait_for_selector("#explorer [data-state=done]")
    page.get_by_text("A 5M-parameter teaching model").wait_for()
    page.locator("#model input").fill("owner/name")
    page.locator("#model input").press("Enter")
    explain(page)
    assert queue.jobs()[-1].kind.model == "owner/name"
    page.close()


def asks_for_any_model(version: str, **headers: str) -> bool:
    pairs = [(name.encode(), value.encode()) for name, value in {"host": "localhost:7860", **headers}.items()]
    scope = {"type": "http", "http_version": version, "headers": pairs, "client": ("127.0.0.1", 1)}
    return may_name_any_model(gr.Request(Request(scope)), listens_locally=True)


def test_a_proxy_that_adds_nothing_is_known_by_its_old_protocol() -> None:
    assert asks_for_any_model("1.1")
    assert asks_for_any_model("1.1", origin="http://localhost:7860")
    assert not asks_for_any_model("1.0")
    assert not asks_for_any_model("1.1", origin="http://[broken")


def test_a_page_that_others_can_reach_trusts_nobody(address: str, own_picture: Path) -> None:
    assert '"state": "done"' not in told_about(address, "owner/name", own_picture)


@pytest.mark.parametrize(("choice", "trusted"), [("yes", True), ("no", False)])
def test_a_setting_says_outright_who_may_name_any_model(
    local: str, own_picture: Path, monkeypatch: pytest.MonkeyPatch, choice: str, trusted: bool
) -> None:
    monkeypatch.setenv("MMATTR_TRUST_VISITORS", choice)
    settings.cache_clear()
    for headers in ({}, {"Via": "1.1 proxy"}):
        assert ('"state": "done"' in told_about(local, "owner/name", own_picture, headers)) is trusted


def test_another_word_for_whom_to_trust_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMATTR_TRUST_VISITORS", "1")
    with pytest.raises(AppError, match="MMATTR_TRUST_VISITORS is '1'; give one of auto, yes, no"):
        settings()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "app.localhost", "::ffff:127.0.0.1"])
def test_a_name_of_this_machine_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "::", "10.0.0.1", "localhost.example.org", "127.0.0.1.example.org"])
def test_any_other_name_is_not(host: str) -> None:
    assert not is_loopback(host)
