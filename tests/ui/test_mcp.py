"""The calls as tools of agents, by the MCP package's own client."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import pytest
from mcp import ClientSession, McpError, types
from mcp.client.streamable_http import streamable_http_client

from mmattr_app.domain import Pixels
from mmattr_app.jobs import Job, JobQueue
from mmattr_app.settings import settings
from mmattr_app.ui import api
from mmattr_app.ui.page import build, launch
from tests.games import ToyWorker
from tests.tabs import run
from tests.ui.test_api import CALLS, encoded

SLOWEST = 30.0  # seconds


@pytest.fixture(scope="module")
def tools(queue: JobQueue) -> Iterator[str]:
    """Serve a page with `--mcp`, and give the address of its tools."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MMATTR_MCP", "1")
        settings.cache_clear()
        page = build(queue, [])
        _, url, _ = launch(page, queue, port=None, prevent_thread_lock=True, quiet=True)
    settings.cache_clear()
    yield f"{url}gradio_api/mcp/"
    page.close()


@asynccontextmanager
async def agent(address: str) -> AsyncIterator[ClientSession]:
    async with (
        streamable_http_client(address) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        with anyio.fail_after(SLOWEST):
            await session.initialize()
            yield session


def job_of(queue: JobQueue, prompt: str) -> Job | None:
    return next((job for job in queue.jobs() if job.kind.question.prompt == prompt), None)


async def wait_for(happened: Callable[[], bool]) -> None:
    with anyio.fail_after(SLOWEST):
        while not happened():  # noqa: ASYNC110  (it happens in another thread)
            await anyio.sleep(0.02)


async def running(queue: JobQueue, prompt: str) -> Job:
    await wait_for(lambda: (job := job_of(queue, prompt)) is not None and job.snapshot.state == "hiding")
    job = job_of(queue, prompt)
    assert job
    return job


def test_an_agent_sees_the_calls_and_no_event_of_the_page(tools: str) -> None:
    async def look() -> None:
        async with agent(tools) as session:
            listed = (await session.list_tools()).tools
        assert {tool.name for tool in listed} == CALLS
        explain = next(tool for tool in listed if tool.name == "explain_picture")
        assert explain.description
        assert explain.description.startswith("Ask a vision-language model about a picture")
        parameters = explain.inputSchema["properties"]
        says = "how the picture is cut, such as grid:8x8 or slic:64."
        assert parameters["regions"] == {"type": "string", "description": says, "default": "grid:16x16"}
        assert explain.inputSchema["required"] == ["image", "prompt"]

    run(look())


def test_an_agent_explains_a_picture_and_measures_the_map(tools: str, picture: Pixels) -> None:
    heard = list[float]()

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        del total, message
        heard.append(progress)

    async def explain() -> Any:
        how = {"image": encoded(picture), "prompt": "An agent", "regions": "grid:2x3", "method": "ablation"}
        async with agent(tools) as session:
            told = await session.call_tool("explain_picture", how, progress_callback=hear)
            assert not told.isError, told.content
            job = told.structuredContent and told.structuredContent["job"]
            measured = await session.call_tool("measure_map", {"job": job, "word": "agent"})
            assert not measured.isError, measured.content
            return told.structuredContent, measured.structuredContent

    told, measured = run(explain())
    assert told["result"]["meta"]["answer"] == "An agent!"
    assert told["result"]["meta"]["sentences"]
    assert "scores" not in told["result"]
    assert heard == sorted(set(heard))
    assert len(heard) > 1
    whole = httpx.get(told["files"]["json"]).json()
    assert len(whole["scores"]) == 6
    assert measured["result"]["meta"]["measured"][0]["figures"]["insertion"]


def test_an_agent_compares_and_cuts_and_asks(tools: str, picture: Pixels) -> None:
    async def call(name: str, **arguments: Any) -> Any:
        async with agent(tools) as session:
            told = await session.call_tool(name, arguments)
        assert not told.isError, told.content
        return told.structuredContent["result"] if told.structuredContent else None

    image = encoded(picture)
    cut = run(call("cut_picture", image=image, regions="grid:2x3"))
    assert cut == {"regions": 6, "shape": list(picture.shape[:2])}
    asked = run(call("ask_model", images=[image], prompt="Well"))
    assert asked["answer"] == "Well!"
    how = {"image": image, "prompt": "Both", "methods": "ablation,keep-one", "regions": "grid:1x2"}
    found = run(call("compare_methods", **how))
    assert [one["result"]["meta"]["method"] for one in found["maps"]] == ["ablation", "keep-one"]
    assert "scores" not in found["maps"][0]["result"]
    several = run(call("compare_methods", **how | {"image": [image, image]}))
    assert [one["result"]["meta"]["pictures"] for one in several["maps"]] == [2, 2]


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("explain_picture", {"image": "nothing", "prompt": "What?"}, "The picture cannot be read"),
        ("explain_picture", {"prompt": "What?"}, "'image' is a required property"),
        ("ask_model", {"images": [], "prompt": "What?", "temper": 1}, "ask_model takes no 'temper'"),
        ("ask_model", {"images": [], "prompt": "What?", "request": 1}, "ask_model takes no 'request'"),
        ("explain", {}, "There is no tool 'explain'"),
    ],
)
def test_what_an_agent_cannot_have_is_one_sentence(tools: str, name: str, arguments: Any, says: str) -> None:
    async def call() -> types.CallToolResult:
        async with agent(tools) as session:
            return await session.call_tool(name, arguments)

    told = run(call())
    assert told.isError
    assert says in getattr(told.content[0], "text", "")


def test_an_agent_that_cancels_stops_its_job(tools: str, picture: Pixels, queue: JobQueue, toy: ToyWorker) -> None:
    how = {"image": encoded(picture), "prompt": "Agent, stop", "regions": "grid:4x4"}

    async def cancel() -> str:
        async with agent(tools) as session, anyio.create_task_group() as group:

            async def call() -> None:
                with pytest.raises(McpError, match="Request cancelled"):
                    await session.call_tool("explain_picture", how)

            number = session._request_id
            group.start_soon(call)
            job = await running(queue, "Agent, stop")
            about = types.CancelledNotificationParams(requestId=number)
            await session.send_notification(types.ClientNotification(types.CancelledNotification(params=about)))
            await wait_for(lambda: job.snapshot.ended)
            return job.snapshot.state
        raise AssertionError

    toy.gate.clear()
    try:
        assert run(cancel()) == "cancelled"
    finally:
        toy.gate.set()


def test_a_job_whose_agent_is_gone_stops(
    tools: str, picture: Pixels, queue: JobQueue, toy: ToyWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "GONE", 0.2)
    how = {"image": encoded(picture), "prompt": "Agent, gone", "regions": "grid:4x4"}

    def body(method: str, number: int, **params: Any) -> str:
        return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})

    async def leave() -> str:
        headers = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
        async with httpx.AsyncClient(timeout=SLOWEST, headers=headers) as http:
            about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}
            opened = await http.post(tools, content=body("initialize", 0, **about))
            http.headers["mcp-session-id"] = opened.headers["mcp-session-id"]
            await http.post(tools, content='{"jsonrpc": "2.0", "method": "notifications/initialized"}')
            call = body("tools/call", 1, name="explain_picture", arguments=how)
            async with http.stream("POST", tools, content=call):
                job = await running(queue, "Agent, gone")
        await wait_for(lambda: job.snapshot.ended)
        return job.snapshot.state

    toy.gate.clear()
    try:
        assert run(leave()) == "cancelled"
    finally:
        toy.gate.set()


def test_a_page_without_the_switch_serves_no_tools(address: str) -> None:
    assert httpx.post(f"{address}gradio_api/mcp/", json={}).status_code == 404
