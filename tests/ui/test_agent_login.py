"""Agents where people log in: each request names one of them, or gets nothing."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from mmattr_app.domain import Pixels
from mmattr_app.jobs import JobQueue
from mmattr_app.settings import settings
from mmattr_app.ui import api, visitors
from mmattr_app.ui.page import build, launch
from mmattr_app.ui.visitors import Users
from tests.tabs import run
from tests.ui.test_api import encoded

NAME, PASSWORD = "Zoë", "se:cret ü"
UNDER = ("", "/", "/http", "/sse", "/schema", "/messages/")  # what Gradio serves to agents


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.fixture
def page_of_users(queue: JobQueue, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "users").write_text(f"ann:other\n{NAME}:{PASSWORD}\n", encoding="utf-8")
    monkeypatch.setenv("MMATTR_MCP", "1")
    monkeypatch.setenv("MMATTR_USERS", str(tmp_path / "users"))
    settings.cache_clear()
    page = build(queue, [])
    _, url, _ = launch(page, queue, port=None, prevent_thread_lock=True, quiet=True)
    yield url.rstrip("/")
    page.close()
    settings.cache_clear()


def test_an_agent_that_logs_in_explains_and_fetches_the_result_in_its_name(
    page_of_users: str, picture: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()
    monkeypatch.setattr(api, "visitor", lambda request: asked.append(visitors.visitor(request)) or asked[-1])
    key = basic(NAME, PASSWORD)

    async def explain() -> Any:
        how = {"image": encoded(picture), "prompt": "In my name", "regions": "grid:1x2", "method": "ablation"}
        async with (
            httpx.AsyncClient(headers=key, timeout=60) as client,
            streamable_http_client(f"{page_of_users}/gradio_api/mcp/", http_client=client) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            told = await session.call_tool("explain_picture", how)
        assert not told.isError, told.content
        return told.structuredContent

    told = run(explain())
    assert told["result"]["meta"]["answer"] == "In my name!"
    assert set(asked) == {f"user {NAME}"}
    file = told["files"]["json"]
    assert len(httpx.get(file, headers=key).json()["scores"]) == 2
    for strange in ({}, basic(NAME, "wrong")):
        assert httpx.get(file, headers=strange).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic(NAME, "wrong"),
        basic("ann", PASSWORD),
        basic("nobody", ""),
        basic("", ""),
        {"Authorization": f"Bearer {base64.b64encode(f'{NAME}:{PASSWORD}'.encode()).decode()}"},
        {"Authorization": "Basic ?"},
        {"Authorization": "Basic"},
        {"Authorization": "Basic /w=="},  # no UTF-8
    ],
)
def test_a_strange_agent_gets_nothing(page_of_users: str, headers: dict[str, str]) -> None:
    opened = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    for under in UNDER:
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            address = f"{page_of_users}/gradio_api/mcp{under}"
            if headers and (under, method) != ("/", "POST"):
                continue  # each is a try of a password, which are counted
            reply = httpx.request(method, address, headers=headers, content=opened)
            assert (reply.status_code, list(reply.json())) == (401, ["detail"]), (method, under)
            assert not reply.headers["www-authenticate"].startswith("Basic")


def test_an_agent_that_tries_password_after_password_has_to_wait(page_of_users: str) -> None:
    address = f"{page_of_users}/gradio_api/mcp/"
    codes = [httpx.post(address, headers=basic(NAME, f"guess {number}")).status_code for number in range(32)]
    assert codes == [401] * 30 + [429] * 2
    assert httpx.post(address, headers=basic(NAME, PASSWORD)).status_code == 429
    data = {"username": NAME, "password": PASSWORD}
    assert httpx.post(f"{page_of_users}/login", data=data).status_code == 429  # counted together
    assert httpx.get(f"{page_of_users}/health").is_success


def test_a_name_comes_out_of_a_header_with_its_password_alone() -> None:
    users = Users({NAME: PASSWORD})
    assert users.named_in(basic(NAME, PASSWORD)["Authorization"].encode()) == NAME
    assert users.named_in(basic(NAME, PASSWORD)["Authorization"].replace("Basic", "basic").encode()) == NAME
    assert users.named_in(basic(NAME, PASSWORD + " ")["Authorization"].encode()) == ""
