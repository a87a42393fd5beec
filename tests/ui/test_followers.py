"""Many tabs may follow jobs at once, and the page goes on for everybody."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier
from typing import Any

import gradio as gr
import httpx
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain, Job, JobQueue
from mmattr_app.pipeline import Plan
from mmattr_app.settings import Settings
from mmattr_app.ui.examples import Example
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.page import Page, build, launch
from mmattr_app.ui.session import Session
from mmattr_app.ui.visitors import Followers
from tests.games import ToyWorker
from tests.tabs import Tab, config, run
from tests.ui.test_region_choices import FILLED

MANY = 120
VISITOR = gr.Request(session_hash="a tab", client=None)

Open = Callable[[], Tab]


@pytest.fixture
def running(queue: JobQueue, toy: ToyWorker, picture: Pixels) -> Iterator[Job]:
    """Give a job that waits at the gate."""
    toy.gate.clear()
    cut = pipeline.segment(picture, "grid:8x8")
    job = queue.submit(Explain(Question((picture,), "who follows?"), cut, Plan("ablation"), "toy"))
    yield job
    job.cancel()
    toy.gate.set()


@pytest.fixture
def page(queue: JobQueue, example: Example) -> Iterator[Page]:
    """Serve a page that no other test looks at."""
    page = build(queue, [example])
    launch(page, queue, port=None, prevent_thread_lock=True, quiet=True)
    yield page
    page.close()


def with_tabs(address: str, act: Callable[[Open], Awaitable[None]]) -> None:
    """Let `act` open as many tabs as it likes, all without a browser."""

    async def begin() -> None:
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=address, timeout=30, limits=limits) as client:
            parts = await config(client)
            await act(lambda: Tab(client, parts))

    run(begin())


async def follows(tab: Tab, job: Job, seen: asyncio.Semaphore) -> None:
    """Open a link to a job and listen; `seen` hears of it when the job is on show."""
    tab.put("last-job", job.id)
    await tab.press("last-job", "load")
    async for news in tab.news():
        if news["msg"] == "process_generating":
            assert news["output"]["data"][0]["job"] == job.id
            seen.release()


def test_a_preview_comes_back_while_many_tabs_follow_jobs(address: str, running: Job, own_picture: Path) -> None:
    picture_file = own_picture.read_bytes()

    async def act(open_tab: Callable[[], Tab]) -> None:
        seen = asyncio.Semaphore(0)
        followers = [asyncio.create_task(follows(open_tab(), running, seen)) for _ in range(MANY)]
        for _ in range(MANY):
            await asyncio.wait_for(seen.acquire(), 30)
        assert running.followers == MANY
        another = open_tab()
        await another.upload(picture_file)
        asked = await another.press("image", "input")
        async for news in another.news():
            if news["msg"] == "process_completed" and news["event_id"] == asked:
                assert news["output"]["data"][0]["says"].startswith("256 regions")
                break
        assert running.followers == MANY
        for follower in followers:
            follower.cancel()
        await asyncio.gather(*followers, return_exceptions=True)

    with_tabs(address, act)


async def until(happened: Callable[[], bool]) -> None:
    while not happened():  # noqa: ASYNC110  (other threads make it happen)
        await asyncio.sleep(0.01)


def test_a_tab_that_drops_its_connection_follows_no_more(address: str, running: Job) -> None:
    async def act(open_tab: Open) -> None:
        seen = asyncio.Semaphore(0)
        follower = asyncio.create_task(follows(open_tab(), running, seen))
        await seen.acquire()
        follower.cancel()
        await asyncio.wait_for(until(lambda: running.followers == 0), 30)

    with_tabs(address, act)


def test_a_tab_that_never_listens_is_not_told_for_long(
    address: str, running: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmattr_app.ui.handlers.UNHEARD", 0.1)

    async def act(open_tab: Open) -> None:
        tab = open_tab()
        tab.put("last-job", running.id)
        await tab.press("last-job", "load")
        await asyncio.wait_for(until(lambda: running.followers == 1), 30)
        await asyncio.wait_for(until(lambda: running.followers == 0), 30)

    with_tabs(address, act)


def test_of_several_followers_in_a_tab_only_the_newest_stays(queue: JobQueue, running: Job) -> None:
    handlers, session = Handlers(queue), Session()

    async def press_twice() -> None:
        first, second = (handlers.follow(running, session, VISITOR) for _ in range(2))
        await anext(first)
        await anext(second)
        with pytest.raises(StopAsyncIteration):
            await anext(first)
        assert running.followers == 1
        await second.aclose()

    run(press_twice())


def test_clicks_that_arrive_together_are_one_job(queue: JobQueue, toy: ToyWorker, picture: Pixels) -> None:
    toy.gate.clear()
    handlers, session, together = Handlers(queue), Session(), Barrier(8)
    wanted = Explain(Question((picture,), "together"), pipeline.segment(picture, "grid:2x2"), Plan("ablation"), "demo")

    def make(*_: object) -> Explain:
        together.wait(10)
        return wanted

    with ThreadPoolExecutor(8) as clicks:
        jobs = list(clicks.map(lambda _: handlers._submit(make, FILLED, session, VISITOR), range(8)))
    jobs[0].cancel()
    toy.gate.set()
    assert set(jobs) == {jobs[0]}


def limit(monkeypatch: pytest.MonkeyPatch, **limits: Any) -> None:
    monkeypatch.setattr("mmattr_app.ui.visitors.settings", lambda: Settings(**limits))


def test_one_follower_too_many_is_one_sentence_and_makes_room_again(monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, max_followers=2)
    followers = Followers()
    sentence = "2 tabs follow runs here already; try again in a minute"
    with followers.one("ada"), followers.one("grace"), pytest.raises(AppError, match=sentence):
        followers.check("somebody else")
    with followers.one("somebody else"):
        pass


def test_nobody_takes_the_room_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, max_followers_visitor=1)
    followers = Followers()
    sentence = "1 tabs from where you are follow runs already; close some"
    with followers.one("greedy"), followers.one("modest"), pytest.raises(AppError, match=sentence):
        followers.check("greedy")


def test_many_followers_are_told_less_often_so_that_telling_takes_no_more_of_the_processor() -> None:
    followers = Followers()
    with ExitStack() as tabs:
        tabs.enter_context(followers.one("ada"))
        assert followers.pause() == 0.1
        for number in range(59):
            tabs.enter_context(followers.one(f"pupil {number}"))
        assert followers.pause() == 2.0
    assert followers.pause() == 0.1


def test_what_tabs_left_behind_is_kept_of_the_newest_only(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmattr_app.ui.connections.KEPT", 3)
    queue: Any = page._queue

    async def act(open_tab: Open) -> None:
        gone = [open_tab() for _ in range(8)]
        for tab in gone:
            await tab.press("last-job", "load")  # and never listens
            await asyncio.wait_for(until(lambda tab=tab: tab.name in page.state_holder.session_data), 30)
        await open_tab().press("last-job", "load")
        for kept in (page.state_holder.session_data, queue.pending_messages_per_session):
            assert {tab.name for tab in gone} & set(kept) == {tab.name for tab in gone[-3:]}

    with_tabs(str(page.local_url), act)


def test_a_tab_that_is_open_is_never_forgotten(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmattr_app.ui.connections.KEPT", 0)

    async def act(open_tab: Open) -> None:
        here = open_tab()
        heartbeat = f"{page.local_url}gradio_api/heartbeat/{here.name}"
        async with httpx.AsyncClient() as browser, browser.stream("GET", heartbeat):
            await here.press("last-job", "load")
            async for _ in here.news():
                pass
            await open_tab().press("last-job", "load")
            assert here.name in page.state_holder.session_data
        await asyncio.wait_for(until(lambda: not page.connections._open), 30)
        await open_tab().press("last-job", "load")
        assert here.name not in page.state_holder.session_data

    with_tabs(str(page.local_url), act)
