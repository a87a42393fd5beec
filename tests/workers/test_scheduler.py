"""Sessions take turns chunk by chunk, whatever happens to workers and models meanwhile."""

import time
from collections.abc import Callable, Iterator
from threading import Barrier, Event, Thread
from typing import Any

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Pixels, Question, Task
from mmattr_app.errors import AppError, Cancelled, NoRoom, WorkerLost
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.probe import RememberingProbe
from mmattr_app.segmentation import Segmentation
from mmattr_app.workers.calls import Scoring, Segmenting
from mmattr_app.workers.inline import InlineSlot
from mmattr_app.workers.queued import QueuedWorker
from mmattr_app.workers.scheduler import Scheduler, Turn
from tests.games import ToyWorker, Waits, explain_regions


class ToySlot:
    """Notes whose chunk it scores; may be told to die, to be full, or to wait."""

    def __init__(self, *, room: int = 9) -> None:
        self.toy = ToyWorker()
        self.scored: list[str] = []  # prompts, which name the session
        self.events: list[str] = []
        self.deaths = 0
        self.room = room
        self.warm: set[str] = set()
        self.during: dict[str, Callable[[], object]] = {}
        self.download: list[str] = []  # what is said as a model is loaded

    def load(self, model: str) -> Iterator[str | int]:
        yield from self.download
        if len(self.warm) >= self.room:
            raise NoRoom(f"{model} does not fit")
        self.warm.add(model)
        self.events.append(f"load {model}")
        yield 2

    def drop(self, model: str) -> None:
        self.warm.discard(model)
        self.events.append(f"drop {model}")

    def run(self, model: str, call: Any) -> Iterator[Any]:
        assert model in self.warm
        if not isinstance(call, Scoring):
            yield from self.toy.run(call)
            return
        logprobs = list(self.toy.run(call))
        if self.deaths:
            self.deaths -= 1
            self.warm.clear()
            raise WorkerLost
        assert call.task
        prompt = call.task.answer.question.prompt
        self.during.get(prompt, lambda: None)()
        self.scored.append(prompt)
        yield from logprobs


def worker(
    scheduler: Scheduler,
    session: str,
    model: str = "toy",
    look: Any = lambda _: None,
    on_loading: Callable[[str | None], None] = lambda _: None,
) -> QueuedWorker:
    return QueuedWorker(scheduler, session, model, look=look, on_loading=on_loading)


def explain(one: QueuedWorker, picture: Pixels, prompt: str, regions: str) -> Attribution:
    answer = pipeline.ask(one, Question((picture,), prompt))
    return explain_regions(one, answer, pipeline.segment(picture, regions), Plan("ablation"))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmattr_app.workers.inline.AIM", 0)  # one batch a chunk


@pytest.mark.usefixtures("small_chunks")
def test_a_short_job_waits_for_at_most_one_foreign_chunk_per_own_chunk(picture: Pixels) -> None:
    slot = ToySlot()
    scheduler = Scheduler([slot])
    ahead, over = Event(), Event()

    def as_long_as_a_real_chunk() -> None:
        """Give the thread of the other job the time to ask for its next chunk."""
        while ahead.is_set() and not over.is_set() and "short" not in scheduler._waiting:
            time.sleep(0.001)

    def long() -> None:
        one = worker(scheduler, "long")
        answer = pipeline.ask(one, Question((picture,), "long"))
        listener = pipeline.Listener(on_result=lambda *_: ahead.set())
        explain_regions(one, answer, pipeline.segment(picture, "grid:20x20"), Plan("ablation"), listener=listener)

    running = Thread(target=long)
    running.start()
    ahead.wait(10)
    slot.during["long"] = as_long_as_a_real_chunk
    explain(worker(scheduler, "short"), picture, "short", "grid:4x5")
    over.set()
    running.join()
    first, last = slot.scored.index("short"), len(slot.scored) - slot.scored[::-1].index("short")
    between = slot.scored[first:last]
    own, foreign = between.count("short"), between.count("long")
    assert own == 2 + 20 / 2
    assert foreign <= own
    assert "long long" not in " ".join(between)


def test_two_slots_give_the_numbers_of_one(picture: Pixels) -> None:
    one, two = [ToySlot()], [ToySlot(), ToySlot()]
    here = explain(worker(Scheduler(one), "a"), picture, "hello", "grid:6x6")
    there = explain(worker(Scheduler(two), "a"), picture, "hello", "grid:6x6")
    np.testing.assert_array_equal(here.scores.values, there.scores.values)


@pytest.mark.usefixtures("small_chunks")
def test_one_job_spreads_over_the_slots(picture: Pixels) -> None:
    """The first chunk of each slot waits for that of the other."""
    slots = [ToySlot(), ToySlot()]
    both = Barrier(2)
    for slot in slots:
        slot.during["hello"] = lambda slot=slot: None if slot.scored else both.wait(10)
    one = worker(Scheduler(slots), "a")
    answer = pipeline.ask(one, Question((picture,), "hello"))
    task = Task(answer, Regions(answer.question, pipeline.segment(picture, "grid:6x6"), "mean"))
    probe = RememberingProbe(
        lambda keeps: next(iter(one.run(Scoring(task, keeps)))),  # pyright: ignore[reportArgumentType]
        task,
        chunk=one.chunk,
        lanes=one.lanes,
        memo={},
        on_reply=lambda *_: None,
        cancelled=lambda: False,
    )
    probe(~np.eye(36, dtype=bool))
    assert all(slot.scored for slot in slots)
    assert sum(len(slot.scored) for slot in slots) >= 36 / 2


def test_a_lost_chunk_is_asked_again_and_nothing_is_missing(picture: Pixels) -> None:
    slot = ToySlot()
    fair = worker(Scheduler([slot]), "a")
    whole = explain(fair, picture, "hello", "grid:3x3")
    slot.deaths = 2
    again = explain(fair, picture, "hello again", "grid:3x3")
    np.testing.assert_array_equal(whole.scores.values, again.scores.values)
    assert slot.events.count("load toy") == 3


def test_a_chunk_that_kills_three_workers_is_given_up_in_words(picture: Pixels) -> None:
    slot = ToySlot()
    slot.deaths = 3
    fair = worker(Scheduler([slot]), "a")
    with pytest.raises(AppError, match=r"lost 3 times over the same few masks, .* choose a smaller model"):
        explain(fair, picture, "hello", "grid:3x3")
    explain(fair, picture, "hello", "grid:3x3")


def test_a_model_that_kills_whoever_loads_it_is_given_up_in_words(picture: Pixels) -> None:
    class Dies(ToySlot):
        def load(self, model: str) -> Iterator[str | int]:
            raise WorkerLost(model)

    with pytest.raises(AppError, match=r"lost 5 times over loading toy, .* choose a smaller model"):
        pipeline.ask(worker(Scheduler([Dies()]), "a"), Question((picture,), "hello"))


def test_a_worker_that_was_replaced_between_two_calls_loads_again(picture: Pixels) -> None:
    slot = InlineSlot(lambda *_, **__: ToyWorker())  # pyright: ignore[reportArgumentType]  (it acts as one)
    fair = worker(Scheduler([slot]), "a")
    for prompt in "abcde":  # each another one, since what a job has got is not asked again
        assert pipeline.ask(fair, Question((picture,), prompt)).text == f"{prompt}!"
        slot._warm.clear()


def test_who_is_not_wanted_any_more_leaves_the_queue(picture: Pixels) -> None:
    slot = ToySlot()
    scheduler = Scheduler([slot])
    answer = pipeline.ask(worker(scheduler, "a"), Question((picture,), "hello"))
    task = Task(answer, Regions(answer.question, pipeline.segment(picture, "grid:2x2"), "mean"))
    slot.toy.gate.clear()
    call = Scoring(task, np.ones((1, 4), bool))
    busy = Thread(target=lambda: list(worker(scheduler, "a").run(call)))
    busy.start()

    def gone(turn: Turn) -> None:
        if scheduler.place(turn)[0] == 1 and not turn.started:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(worker(scheduler, "b", look=gone).run(call))
    slot.toy.gate.set()
    busy.join()
    assert slot.scored == ["hello"]


def test_how_far_a_model_is_is_heard_by_whoever_waits_for_it(picture: Pixels) -> None:
    slot = ToySlot()
    slot.download = ["downloading toy: 1.00 of 2.00 GB", "downloading toy: 2.00 of 2.00 GB"]
    heard: list[str | None] = []
    scheduler = Scheduler([slot])
    for _ in range(2):
        pipeline.ask(worker(scheduler, "a", on_loading=heard.append), Question((picture,), "hello"))
    assert heard == ["loading the model toy", *slot.download, None]  # and nothing once it is warm


def test_a_slot_of_this_process_tells_while_it_loads_and_raises_what_goes_wrong() -> None:
    heard = Event()

    def open_worker(model: str, *, on_loading: Callable[[str], None]) -> Any:
        if model == "none":
            raise AppError("There is no such model.")
        on_loading("downloading")
        assert heard.wait(10), "the words are told before the model is there"
        return ToyWorker()

    slot = InlineSlot(open_worker)
    events = slot.load("toy")
    assert next(events) == "downloading"
    heard.set()
    assert list(events) == [ToyWorker.batch]
    assert list(slot.load("toy")) == [ToyWorker.batch]
    with pytest.raises(AppError, match="no such model"):
        list(slot.load("none"))


def test_the_model_used_longest_ago_makes_room(picture: Pixels) -> None:
    slot = ToySlot()
    scheduler = Scheduler([slot], warm=2)
    for model in ("a", "b", "a", "c", "a"):
        pipeline.ask(worker(scheduler, "one", model), Question((picture,), "hello"))
    assert slot.events == ["load a", "load b", "drop b", "load c"]


def test_a_model_that_fits_only_alone_gets_the_room(picture: Pixels) -> None:
    slot = ToySlot(room=1)
    scheduler = Scheduler([slot], warm=2)
    for model in ("a", "b"):
        pipeline.ask(worker(scheduler, "one", model), Question((picture,), "hello"))
    assert slot.events == ["load a", "drop a", "load b"]


def test_what_goes_wrong_in_a_slot_is_the_jobs_and_the_slot_lives_on(picture: Pixels) -> None:
    slot = ToySlot()
    fair = worker(Scheduler([slot]), "a")
    slot.toy.error = KeyError("a bug")
    with pytest.raises(KeyError, match="a bug"):
        pipeline.ask(fair, Question((picture,), "hello"))
    slot.toy.error = None
    assert pipeline.ask(fair, Question((picture,), "hello")).text == "hello!"


def test_a_picture_is_cut_in_a_turn_that_tells_how_far_it_is(picture: Pixels) -> None:
    slot = ToySlot()
    one = worker(Scheduler([slot]), "anna")
    *steps, cut = one.run(Segmenting(picture, "whole"))
    assert steps == ["points 1 of 2"]
    assert isinstance(cut, Segmentation)
    assert cut.shape == picture.shape[:2]
    assert slot.events == ["load toy"]


def test_chunks_shrink_while_many_sessions_wait() -> None:
    slot = ToySlot()
    slot.toy.gate.clear()
    scheduler = Scheduler([slot])
    scheduler.throughput.batch["toy"], scheduler.throughput.mask["toy"] = 2, 0.01
    one = worker(scheduler, "one")
    assert one.chunk() == 50
    turns = [Turn(f"session {number}", "toy", Waits(slot.toy.gate)) for number in range(31)]
    for turn in turns:
        scheduler.add(turn)
    while not any(turn.started for turn in turns):
        pass
    assert one.chunk() == 24  # thirty wait
    for turn in turns:
        scheduler.withdraw(turn)
    assert one.chunk() == 50
    slot.toy.gate.set()
