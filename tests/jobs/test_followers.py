"""A job goes on for whoever follows it, from threads and event loops, and rests while nobody does."""

import asyncio
from collections.abc import Callable
from threading import Condition, Event, Thread
from typing import Any

import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Pixels, Question
from mmattr_app.jobs import Explain, Job
from mmattr_app.jobs.queue import SharedSlots
from mmattr_app.pipeline import Plan
from mmattr_app.workers.inline import InlineSlot
from tests.games import ToyWorker
from tests.jobs.conftest import last
from tests.tabs import run


class Noticed(Condition):
    """Tells when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.set()
        return super().wait(timeout)


@pytest.fixture
def start(worker: ToyWorker, picture: Pixels) -> Callable[..., Job]:
    def begin(**settings: Any) -> Job:
        job = Job(
            Explain(Question((picture,), "?"), pipeline.segment(picture, "grid:4x4"), Plan("ablation"), "toy"),
            **settings,
        )
        Thread(target=SharedSlots([InlineSlot(lambda *_, **__: worker)]), args=(job,), daemon=True).start()  # type: ignore[arg-type]
        return job

    return begin


def test_an_event_loop_hears_what_a_thread_hears(start: Callable[..., Job]) -> None:
    job = start()

    async def listen() -> list[str]:
        return [snapshot.state async for snapshot in job.follow_async(pause=lambda: 0)]

    states = run(listen())
    assert states[-1] == "done"
    assert job.followers == 0


def test_the_end_is_told_without_a_pause(start: Callable[..., Job]) -> None:
    job = start()

    async def listen() -> list[str]:
        async with asyncio.timeout(20):
            return [snapshot.state async for snapshot in job.follow_async(pause=lambda: 60)]

    assert run(listen())[-1] == "done"


def test_a_job_left_alone_asks_nothing_more_until_somebody_follows_it_again(
    start: Callable[..., Job], worker: ToyWorker
) -> None:
    worker.gate.clear()
    job = start(rest=0.0)
    follower = job.follow(pause=0)
    assert next(snapshot for snapshot in follower if snapshot.state == "hiding")
    job._changed = noticed = Noticed()
    follower.close()
    worker.gate.set()
    assert noticed.waited.wait(10), "it should rest after the chunk that was under way"
    assert not job.snapshot.ended
    assert worker.chunks <= 1
    assert last(job).state == "done"


def test_a_job_left_alone_for_too_long_ends(start: Callable[..., Job], worker: ToyWorker) -> None:
    job = start(rest=0.0, patience=0.0)
    while not job.snapshot.ended:
        assert job.followers == 0
    assert job.snapshot.state == "cancelled"
    assert worker.chunks == 0
