"""What several jobs ask at the same moment is asked once, whatever happens to the one that asked first."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock
from typing import Any

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Answer, Keeps, LogProbs, Pixels, Question, Sampling, Task
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.jobs import Explain, Job, JobQueue, Store
from mmattr_app.jobs.queue import SharedSlots
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.workers.calls import Answering, Scoring
from mmattr_app.workers.inline import InlineSlot
from mmattr_app.workers.queued import QueuedWorker
from mmattr_app.workers.scheduler import Scheduler, Turn
from tests.games import WORTH, ToyWorker
from tests.jobs.conftest import last

MASKS = 6 + 2  # of a grid of 2x3: each region hidden, everything and nothing


class Counting(ToyWorker):
    """Notes what it is asked, in whatever slot; may be told to wait or to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = 0
        self.asked: list[bytes] = []
        self.failures = 0
        self._lock = Lock()

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        self.answers += 1
        yield from super().answer(question, text)

    def score(self, task: Task, keeps: Keeps, *, blank: bool) -> LogProbs:
        self.busy.set()
        self.gate.wait(10)
        with self._lock:
            if self.failures:
                self.failures -= 1
                raise AppError("It failed.")
            self.asked += [b"blank"] if blank else [keep.tobytes() for keep in keeps]
        return super().score(task, keeps, blank=blank)


@pytest.fixture
def toy() -> Iterator[Counting]:
    counting = Counting()
    yield counting
    counting.gate.set()


@pytest.fixture(params=[1, 2], ids=["one slot", "two slots"])
def slots(request: pytest.FixtureRequest, toy: Counting) -> SharedSlots:
    open_toy: Any = lambda *_, **__: toy  # noqa: E731  (it need not be an InlineWorker to act as one)
    return SharedSlots([InlineSlot(open_toy) for _ in range(request.param)])


@pytest.fixture
def submit(slots: SharedSlots, picture: Pixels, tmp_path: Path) -> Callable[..., Job]:
    queue = JobQueue(slots, Store(tmp_path))

    def job(session: str) -> Job:
        question = Question((picture.copy(),), "hello")
        return queue.submit(Explain(question, pipeline.segment(picture, "grid:2x3"), Plan("ablation"), "toy"), session)

    return job


def check(job: Job) -> None:
    """Follow a job to its end, which must be right."""
    result = last(job).result
    assert result, job.snapshot.says
    np.testing.assert_allclose(result.scores.values[:, 0], WORTH * np.arange(6), atol=1e-4)


def until(condition: Callable[[], bool]) -> None:
    """Wait, for ten seconds at most."""
    waiting = Event()
    for _ in range(1000):
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("it never came")


def test_what_jobs_ask_at_the_same_moment_is_asked_once(submit: Callable[..., Job], toy: Counting) -> None:
    toy.gate.clear()
    jobs = [submit(session) for session in "abcde"]
    toy.busy.wait(10)
    toy.gate.set()
    for job in jobs:
        check(job)
        assert job.snapshot.done == MASKS, "the progress of each counts all of its masks"
    assert len(toy.asked) == len(set(toy.asked)) == MASKS
    assert toy.answers == 1


def test_a_job_goes_on_where_the_one_that_asked_first_is_cancelled(submit: Callable[..., Job], toy: Counting) -> None:
    toy.gate.clear()
    first = submit("a")
    toy.busy.wait(10)
    second = submit("b")
    first.cancel()
    assert last(first).state == "cancelled", "at once, while the slot is still at work for it"
    toy.gate.set()
    check(second)


def test_a_job_asks_for_itself_where_the_one_that_asked_first_fails(submit: Callable[..., Job], toy: Counting) -> None:
    toy.gate.clear()
    toy.failures = 1
    first = submit("a")
    toy.busy.wait(10)
    second = submit("b")
    toy.gate.set()
    ends = [last(first), last(second)]
    assert [end.state for end in ends] == ["failed", "done"], "an error is told to the one that asked, and to no other"
    check(second)


def test_a_job_that_waits_for_what_another_asked_is_cancelled_at_once(
    submit: Callable[..., Job], toy: Counting
) -> None:
    toy.gate.clear()
    first = submit("a")
    toy.busy.wait(10)
    second = submit("b")
    until(lambda: second.snapshot.state != "queued" or second.snapshot.says.startswith(("next", "number")))
    second.cancel()
    assert last(second).state == "cancelled"
    assert not toy.gate.is_set()
    toy.gate.set()
    check(first)


@pytest.mark.parametrize("slots", [2], indirect=True)
@pytest.mark.parametrize("cancelled", [False, True])
def test_a_job_that_waits_for_another_slot_takes_no_more_turns_and_can_be_cancelled(
    slots: SharedSlots, toy: Counting, picture: Pixels, *, cancelled: bool
) -> None:
    answer = pipeline.ask(queued(slots.scheduler, "x"), Question((picture,), "hello"))
    call = Scoring(Task(answer, Regions(answer.question, pipeline.segment(picture, "grid:3x3"), "mean")), None)
    turns: list[Turn] = []
    stop = Event()

    def look(turn: Turn) -> None:
        turns.append(turn)
        if stop.is_set():
            raise Cancelled

    toy.gate.clear()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(lambda: list(queued(slots.scheduler, "a").run(call)))
        toy.busy.wait(10)
        second = threads.submit(lambda: list(queued(slots.scheduler, "b", look=look).run(call)))
        until(lambda: len(turns) > 5)  # some of them after the only turn, which found that the other slot is at it
        if cancelled:
            stop.set()
            with pytest.raises(Cancelled):
                second.result(10)
        assert not first.done()
        toy.gate.set()
        (mine,) = first.result(10)
        if not cancelled:
            np.testing.assert_array_equal(second.result(10), [mine])
    assert len(set(turns)) == 1
    assert toy.asked == [b"blank"]


def test_a_job_that_rests_before_its_turn_holds_nobody_up(slots: SharedSlots, toy: Counting, picture: Pixels) -> None:
    resting, over = Event(), Event()

    def rest() -> None:
        resting.set()
        over.wait(10)

    call = Answering(Question((picture,), "hello"))
    with ThreadPoolExecutor(1) as threads:
        other = threads.submit(lambda: list(queued(slots.scheduler, "a", rest=rest).run(call)))
        resting.wait(10)
        assert isinstance(list(queued(slots.scheduler, "b").run(call))[-1], Answer)
        over.set()
        other.result(10)
    assert toy.answers <= 2


def test_jobs_whose_masks_overlap_in_different_orders_wait_for_nobody_forever(
    slots: SharedSlots, toy: Counting, picture: Pixels
) -> None:
    answer = pipeline.ask(queued(slots.scheduler, "x"), Question((picture,), "hello"))
    task = Task(answer, Regions(answer.question, pipeline.segment(picture, "grid:3x3"), "mean"))
    keeps = ~np.eye(9, dtype=bool)
    orders = [list(range(6)), list(range(8, 2, -1)), [4, 0, 8, 2, 6, 5]]

    def work(session: int) -> list[Any]:
        one = queued(slots.scheduler, str(session))
        return [
            one,
            *(next(iter(one.run(Scoring(task, keeps[[row, other]])))) for row, other in pairs(orders[session])),
        ]

    with ThreadPoolExecutor(3) as threads:
        workers = list(threads.map(work, range(3), timeout=20))
    for (_, *replies), order in zip(workers, orders, strict=True):
        np.testing.assert_allclose(np.concatenate(replies)[:, 0], -90 - WORTH * np.array(order), rtol=1e-6)
    assert len(toy.asked) == len(set(toy.asked)) == 9


@pytest.mark.parametrize("slots", [1], indirect=True)
def test_what_was_shared_is_gone_with_the_jobs_that_asked(slots: SharedSlots, toy: Counting, picture: Pixels) -> None:
    call = Answering(Question((picture,), "hello"))
    one, two = (queued(slots.scheduler, session) for session in "ab")
    assert list(one.run(call))[-1] is list(two.run(call))[-1]
    assert toy.answers == 1
    del one, two
    gc.collect()
    until(lambda: not slots.scheduler.single_flight._flights)
    list(queued(slots.scheduler, "c").run(call))
    assert toy.answers == 2


@pytest.mark.parametrize(
    "other",
    [
        {"prompt": "Where?"},
        {"system": "Be short."},
        {"document": "A text."},
        {"max_tokens": 3},
        {"sampling": Sampling(1.0, seed=4)},
        {"pictures": (np.ones((4, 6, 3), np.uint8),)},
        {"pictures": (np.zeros((6, 4, 3), np.uint8),)},
        {"pictures": ()},
    ],
)
def test_another_question_model_or_text_is_asked_for_itself(other: dict[str, Any]) -> None:
    question = Question((np.zeros((4, 6, 3), np.uint8),), "What?")
    key = Answering(question).keys("demo")
    assert key == Answering(replace(question)).keys("demo")
    assert key != Answering(replace(question, **other)).keys("demo")
    assert key != Answering(question).keys("another")
    assert key != Answering(question, "A cat").keys("demo")


def queued(scheduler: Scheduler, session: str, **options: Any) -> QueuedWorker:
    """Give a job's view of the slots."""
    silent: Any = {"look": lambda _: None, "on_loading": lambda _: None}
    return QueuedWorker(scheduler, session, "toy", **silent | options)


def pairs(order: list[int]) -> Iterator[tuple[int, int]]:
    """Take two at a time."""
    return zip(order[::2], order[1::2], strict=True)
