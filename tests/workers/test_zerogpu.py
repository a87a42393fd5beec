"""A lease runs a whole job in another process; here a stand-in for `spaces` forks as the real one does."""

import multiprocessing
import sys
from collections.abc import Callable, Generator, Iterator
from multiprocessing.synchronize import Event
from types import ModuleType
from typing import Any

import pytest

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain, Job, Sharpen
from mmattr_app.jobs.zerogpu import LeasedGpu
from mmattr_app.pipeline import Plan
from tests.games import ToyWorker, explain_regions

Lease = Callable[..., Generator[Any, None, None]]
fork = multiprocessing.get_context("fork")


class FakeSpaces(ModuleType):
    """Decorates a generator so that it runs in a fork: arguments and results are pickled, an error is its name."""

    def __init__(self) -> None:
        super().__init__("spaces")
        self.durations: list[float] = []
        self.refuses = False
        self.taken_back = False
        self.ended_early = fork.Event()

    def GPU(self, *, duration: Callable[..., float]) -> Callable[[Lease], Lease]:  # noqa: N802  (its real name)
        def decorate(task: Lease) -> Lease:
            def lease(*args: Any) -> Generator[Any, None, None]:
                self.durations.append(duration(*args))
                if self.refuses:
                    raise RuntimeError("quota exceeded")
                arguments, results, stop = fork.SimpleQueue(), fork.SimpleQueue(), fork.Event()
                process = fork.Process(target=_run, args=(task, arguments, results, stop, self.ended_early))
                process.start()
                arguments.put(args)
                try:
                    for event in _until_end(results):
                        yield event
                        if self.taken_back and "text" in event:
                            raise RuntimeError("GPU task aborted")
                finally:
                    stop.set()
                    _drain(results)
                    process.join()

            return lease

        return decorate


def _run(task: Lease, arguments: Any, results: Any, stop: Event, ended_early: Event) -> None:
    try:
        events = task(*arguments.get())
        for event in events:
            if stop.is_set():
                events.close()
                ended_early.set()
                break
            results.put(("event", event))
    except Exception as error:  # noqa: BLE001  (as the real one: only its name comes back)
        results.put(("error", type(error).__name__))
    results.put(("end", None))


def _until_end(results: Any) -> Iterator[Any]:
    while True:
        kind, content = results.get()
        if kind == "end":
            results.put(("end", None))
            return
        if kind == "error":
            raise RuntimeError(content)
        yield content


def _drain(results: Any) -> None:
    while results.get()[0] != "end":
        pass


@pytest.fixture
def spaces(monkeypatch: pytest.MonkeyPatch) -> FakeSpaces:
    fake = FakeSpaces()
    monkeypatch.setitem(sys.modules, "spaces", fake)
    return fake


@pytest.fixture
def job(picture: Pixels) -> Job:
    return Job(Explain(Question((picture,), "hello"), pipeline.segment(picture, "grid:2x3"), Plan("ablation"), "toy"))


def open_toy(_: str) -> Worker:
    return ToyWorker()


def test_a_lease_gives_the_numbers_of_this_process(spaces: FakeSpaces, job: Job, picture: Pixels) -> None:
    LeasedGpu(open_toy, ["toy"])(job)
    end = job.snapshot
    assert end.state == "done"
    assert end.attribution is not None
    toy = ToyWorker()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    here = explain_regions(toy, answer, end.attribution.segmentation, Plan("ablation"))
    assert (end.attribution.scores.values == here.scores.values).all()
    assert 15 < spaces.durations[0] < 20


def test_a_map_is_sharpened_in_a_short_lease(spaces: FakeSpaces, job: Job) -> None:
    LeasedGpu(open_toy, ["toy"])(job)
    known = job.snapshot.attribution
    assert known is not None
    finer = Job(Sharpen(known, (0,), "toy"))
    LeasedGpu(open_toy, ["toy"])(finer)
    assert finer.snapshot.state == "done", finer.snapshot.says
    assert finer.snapshot.attribution is not None
    assert finer.snapshot.attribution.segmentation.regions > known.segmentation.regions
    assert spaces.durations[-1] < 20


def test_cancel_ends_the_lease(spaces: FakeSpaces, job: Job) -> None:
    job.cancel()
    LeasedGpu(open_toy, ["toy"])(job)
    assert (job.snapshot.state, job.snapshot.says) == ("cancelled", "cancelled")
    assert spaces.ended_early.is_set()


def test_no_gpu_is_one_sentence(spaces: FakeSpaces, job: Job) -> None:
    spaces.refuses = True
    LeasedGpu(open_toy, ["toy"])(job)
    assert job.snapshot.state == "failed"
    assert job.snapshot.says == "No GPU could be had for this now; try again in a few minutes."


def test_a_lease_that_is_taken_back_half_way_is_one_sentence(spaces: FakeSpaces, job: Job) -> None:
    spaces.taken_back = True
    LeasedGpu(open_toy, ["toy"])(job)
    assert job.snapshot.state == "failed"
    assert job.snapshot.text == "hello", "what was said before stays"


@pytest.mark.usefixtures("spaces")
def test_what_a_person_can_put_right_comes_back_from_the_lease(job: Job) -> None:
    def refuse(_: str) -> Worker:
        raise AppError("Choose another model.")

    LeasedGpu(refuse, [])(job)
    assert job.snapshot.says == "Choose another model."
