"""Where people log in, nobody else gets anything; a wrong list of people is one sentence at the start."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from playwright.sync_api import Browser, Page
from starlette.requests import Request

from mmattr_app.errors import AppError
from mmattr_app.jobs import Desk
from mmattr_app.settings import settings
from mmattr_app.ui.examples import Example
from mmattr_app.ui.page import build, launch
from mmattr_app.ui.visitors import Users, is_loopback, may_name_any_model, read_users
from tests.games import ToyWorker
from tests.ui.client import Client, sentences

RESULT = "A" * 22
OPENS = "correct horse: battery"
PUBLIC = {  # what a login page is made of, and what tells nothing
    *("/", "/login_check", "/logout", "/user", "/token", "/app_id", "/startup-events", "/health"),
    "/heartbeat/x",  # ends a tab, for whoever guesses its random number
    "/openapi.json",  # which addresses Gradio has, not what is behind them
    *("/theme.css", "/robots.txt", "/favicon.ico", "/manifest.json", "/pwa_icon"),
}


@pytest.fixture(autouse=True)
def read_again() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def serve(
    desk: Desk, example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[Any, str]]]:
    pages: list[Any] = []

    def start(**variables: str) -> tuple[Any, str]:
        (tmp_path / "users").write_text(f"ada:{OPENS}\n\n grace : x\r\n")
        for name, value in {"MMATTR_USERS": str(tmp_path / "users"), **variables}.items():
            monkeypatch.setenv(name, value)
        pages.append(build(desk, [example]))
        _, url, _ = launch(pages[-1], desk, port=None, prevent_thread_lock=True, quiet=True)
        return pages[-1], url.rstrip("/")

    yield start
    for page in pages:
        page.close()


def inside(part: Any) -> list[Any]:
    """List the routes of a router that FastAPI took in as a whole."""
    router = getattr(part, "original_router", None)
    return router.routes if router else []


def log_in(address: str, name: str, password: str) -> httpx.Response:
    return httpx.post(f"{address}/login", data={"username": name, "password": password})


def explain(page: Page) -> None:
    page.locator("#prompt textarea").fill("Who asks?")
    page.locator("#explain").click()
    page.get_by_text("Who asks?").first.wait_for()
    page.wait_for_selector("#explorer [data-state=done]")


def test_a_stranger_gets_the_login_page_and_nothing_else(serve: Callable[..., tuple[Any, str]]) -> None:
    page, address = serve()
    routes = [*page.app.routes, *(route for part in page.app.routes for route in inside(part))]
    paths = {route.path for route in routes if "GET" in (getattr(route, "methods", None) or ())}
    assert {"/", "/config", "/gradio_api/info", "/gradio_api/queue/data"} <= paths
    for path in paths:
        filled = re.sub(r"\{[^}]*\}", "x", path)
        with httpx.stream("GET", address + filled, timeout=5) as reply:
            bare = filled.removeprefix("/gradio_api").rstrip("/") or "/"
            assert not reply.is_success or bare in PUBLIC, path


@pytest.mark.parametrize("path", ["queue/join", "run/x", "api/x", "call/x", "upload", "component_server"])
def test_a_stranger_can_start_nothing(serve: Callable[..., tuple[Any, str]], path: str) -> None:
    _, address = serve()
    assert httpx.post(f"{address}/gradio_api/{path}", json={"data": [], "fn_index": 0}).status_code == 401
    file = {"files": ("a.png", b"bytes")}
    assert httpx.post(f"{address}/gradio_api/{path}", files=file).status_code == 401


def test_a_link_to_a_result_is_not_enough(serve: Callable[..., tuple[Any, str]], desk: Desk, example: Example) -> None:
    _, address = serve()
    desk.store.put(RESULT, example.attribution)
    link, file = f"{address}/?result={RESULT}", f"{address}/result/{RESULT}/mmattr.npz"
    assert '"auth_required":true' in httpx.get(link).text
    assert example.attribution.answer.question.prompt not in httpx.get(link).text
    assert httpx.get(file).status_code == 401
    key = log_in(address, "ada", OPENS).cookies
    assert '"auth_required":true' not in httpx.get(link, cookies=key).text
    assert httpx.get(file, cookies=key).is_success
    desk.store.delete(RESULT)


def test_a_probe_needs_no_password_and_numbers_only_where_told(serve: Callable[..., tuple[Any, str]]) -> None:
    _, address = serve()
    assert httpx.get(f"{address}/health").json()["status"] == "ok"
    assert not httpx.get(f"{address}/metrics").is_success
    settings.cache_clear()
    _, told = serve(MMATTR_OPEN_METRICS="1")
    assert "mmattr_jobs" in httpx.get(f"{told}/metrics").text


@pytest.mark.parametrize(
    ("name", "password"),
    [("ada", "wrong"), ("ada", ""), ("", ""), ("nobody", OPENS), ("grace", OPENS), ("ada", f" {OPENS}")],
)
def test_a_wrong_password_opens_nothing(
    serve: Callable[..., tuple[Any, str]], caplog: pytest.LogCaptureFixture, name: str, password: str
) -> None:
    _, address = serve()
    with caplog.at_level("DEBUG"):
        reply = log_in(address, name, password)
        assert log_in(address, "ada", OPENS).is_success
    assert not reply.is_success
    assert not reply.cookies
    assert OPENS not in caplog.text


def test_who_tries_password_after_password_has_to_wait(serve: Callable[..., tuple[Any, str]]) -> None:
    _, address = serve()
    codes = [log_in(address, "ada", f"guess {number}").status_code for number in range(35)]
    assert codes == [400] * 30 + [429] * 5
    assert log_in(address, "ada", OPENS).status_code == 429
    assert httpx.get(f"{address}/health").is_success


def test_whoever_logs_in_finds_the_page(serve: Callable[..., tuple[Any, str]], desk: Desk, browser: Browser) -> None:
    _, address = serve()
    page = browser.new_page()
    page.goto(address)
    page.get_by_label("username").fill("ada")
    page.get_by_label("password").fill(OPENS)
    page.get_by_role("button", name="Login").click()
    page.wait_for_selector("#explorer [data-state=done]")
    page.locator("[data-token='0']").first.click()
    explain(page)
    assert desk.jobs()[-1].visitor == "user ada"
    page.close()


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


@pytest.fixture
def local(desk: Desk, example: Example) -> Iterator[str]:
    """Serve the page as `app.py` does on one's own machine."""
    page = build(desk, [example], listens_locally=True)
    yield launch(page, desk, port=None, prevent_thread_lock=True, quiet=True)[1].rstrip("/")
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


def test_whoever_sits_at_the_machine_types_a_model_into_the_list(local: str, browser: Browser, desk: Desk) -> None:
    page = browser.new_page()
    page.goto(local)
    page.wait_for_selector("#explorer [data-state=done]")
    page.get_by_text("Model, occluder, budget").click()
    page.get_by_text("Or a Hugging Face id").wait_for()
    page.locator("#model input").fill("owner/name")
    page.locator("#model input").press("Enter")
    explain(page)
    assert desk.jobs()[-1].request.model == "owner/name"
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


def test_a_visitor_behind_a_proxy_is_known_by_his_own_address(address: str, desk: Desk, browser: Browser) -> None:
    page = browser.new_page(extra_http_headers={"X-Forwarded-For": "203.0.113.7"})
    page.goto(address)
    page.wait_for_selector("#explorer [data-state=done]")
    explain(page)
    assert desk.jobs()[-1].visitor == "address 203.0.113.7"
    page.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty; write a line NAME:PASSWORD"),
        ("\n \n", "is empty"),
        ("ada:secret\nsecret", "Line 2 of the file that MMATTR_USERS names is not NAME:PASSWORD"),
        ("ada:secret\n:secret", "Line 2"),
        ("ada:", "Line 1"),
        ("ada:secret\nada:secret2", "Line 2 of the file that MMATTR_USERS names repeats a name"),
        (b"\xff\xfesecret", "names no file that can be read"),
        (None, "names no file that can be read; give one with a line NAME:PASSWORD a person"),
    ],
)
def test_a_wrong_list_is_one_sentence_without_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | bytes | None, words: str
) -> None:
    path = tmp_path / "users"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setenv("MMATTR_USERS", str(path) if content is not None else "ada:secret")
    with pytest.raises(AppError, match=words) as told:
        read_users()
    assert "secret" not in str(told.value)


def test_without_a_list_everybody_comes_in() -> None:
    assert read_users() is None


def test_no_password_is_kept_as_it_is() -> None:
    users = Users({"ada": OPENS})
    assert users("ada", OPENS)
    assert OPENS.encode() not in repr(vars(users)).encode()
