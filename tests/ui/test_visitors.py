"""Where people log in, nobody else gets anything; a wrong list of people is one sentence at the start."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from mmattr_app.errors import AppError
from mmattr_app.jobs import JobQueue
from mmattr_app.settings import settings
from mmattr_app.ui.examples import Example
from mmattr_app.ui.page import build, launch
from mmattr_app.ui.visitors import Users, read_users

RESULT = "A" * 22
OPENS = "correct horse: battery"
PUBLIC = {  # what a login page is made of, and what tells nothing
    *("/", "/login_check", "/logout", "/user", "/token", "/app_id", "/startup-events", "/health"),
    "/heartbeat/x",  # ends a tab, for whoever guesses its random number
    "/openapi.json",  # which addresses Gradio has, not what is behind them
    *("/theme.css", "/plotly.min.js", "/robots.txt", "/favicon.ico", "/manifest.json", "/pwa_icon"),
}


@pytest.fixture(autouse=True)
def read_again() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def serve(
    queue: JobQueue, example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., tuple[Any, str]]]:
    pages: list[Any] = []

    def start(**variables: str) -> tuple[Any, str]:
        (tmp_path / "users").write_text(f"ada:{OPENS}\n\n grace : x\r\n")
        for name, value in {"MMATTR_USERS": str(tmp_path / "users"), **variables}.items():
            monkeypatch.setenv(name, value)
        pages.append(build(queue, [example]))
        _, url, _ = launch(pages[-1], queue, port=None, prevent_thread_lock=True, quiet=True)
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


def test_a_link_to_a_result_is_not_enough(
    serve: Callable[..., tuple[Any, str]], queue: JobQueue, example: Example
) -> None:
    _, address = serve()
    queue.store.put(RESULT, example.attribution)
    link, file = f"{address}/?result={RESULT}", f"{address}/result/{RESULT}/mmattr.npz"
    assert '"auth_required":true' in httpx.get(link).text
    assert example.attribution.answer.question.prompt not in httpx.get(link).text
    assert httpx.get(file).status_code == 401
    key = log_in(address, "ada", OPENS).cookies
    assert '"auth_required":true' not in httpx.get(link, cookies=key).text
    assert httpx.get(file, cookies=key).is_success
    queue.store.delete(RESULT)


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


def test_whoever_logs_in_finds_the_page(
    serve: Callable[..., tuple[Any, str]], queue: JobQueue, browser: Browser
) -> None:
    _, address = serve()
    page = browser.new_page()
    page.goto(address)
    page.get_by_label("username").fill("ada")
    page.get_by_label("password").fill(OPENS)
    page.get_by_role("button", name="Login").click()
    page.wait_for_selector("#explorer [data-state=done]")
    page.locator("[data-token='0']").first.click()
    explain(page)
    assert queue.jobs()[-1].visitor == "user ada"
    page.close()


def test_a_visitor_behind_a_proxy_is_known_by_his_own_address(address: str, queue: JobQueue, browser: Browser) -> None:
    page = browser.new_page(extra_http_headers={"X-Forwarded-For": "203.0.113.7"})
    page.goto(address)
    page.wait_for_selector("#explorer [data-state=done]")
    explain(page)
    assert queue.jobs()[-1].visitor == "address 203.0.113.7"
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
