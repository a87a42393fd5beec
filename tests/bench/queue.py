"""The queue under load: `python -m tests.bench.queue` prints what it costs and survives, for docs/speed.md.

Every result under load is compared with numbers that a plain loop over the model gave for the same picture.
"""

import argparse
import gc
import logging
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import psutil
import ray
import torch
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Call, Slot
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Answer, LogProbs, Pixels, Question, Task
from mmattr_app.jobs import Explain, Job, JobQueue, Store
from mmattr_app.jobs.queue import SharedSlots
from mmattr_app.pipeline import Plan, open_worker
from mmattr_app.players.regions import occluder
from mmattr_app.workers.calls import Scoring
from mmattr_app.workers.inline import InlineSlot, InlineWorker
from mmattr_app.workers.queued import QueuedWorker
from mmattr_app.workers.ray import ray_slots
from mmattr_app.workers.scheduler import Scheduler
from tests.games import explain_regions

SIZE, REGIONS, PROMPT = 128, "grid:3x3", "Describe the picture."
CLOSE = 1e-4  # nats


class Counting:
    """A slot that counts the chunks it scores, by the number of regions."""

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.chunks: Counter[int] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.slot, name)

    def run(self, model: str, call: Call[Any]) -> Iterator[Any]:
        yield from self.slot.run(model, call)
        if call.task:
            self.chunks[call.task.players.count] += 1


def request(seed: int, regions: str = REGIONS) -> Explain:
    image = scene(seed, SIZE).image
    return Explain(Question((image,), PROMPT), pipeline.segment(image, regions), Plan("ablation"), "demo")


@cache
def worker() -> InlineWorker:
    return open_worker("demo", device="cpu")


@cache
def expected(seed: int) -> NDArray[np.float32]:
    """Score one picture after another, with nothing of the queue, the probe or the methods."""
    kind = request(seed)
    answer = pipeline.ask(worker(), kind.question)
    full, *hidden = [_score(answer, picture) for picture in _pictures(kind)]
    return full - np.stack(hidden)


def _pictures(kind: Explain) -> Iterator[Pixels]:
    assert kind.segmentation, "the jobs of this file bring their regions"
    image, regions = kind.question.image, kind.segmentation.regions
    fill = occluder(kind.plan.occluder)(image)
    yield image
    for region in range(regions):
        yield np.where(kind.segmentation.mask(region)[..., None], fill, image)


def _score(answer: Answer, picture: Pixels) -> LogProbs:
    return worker()._model.score(answer, [replace(answer.question, pictures=(picture,))])[0]


def finish(job: Job) -> Job:
    for _ in job.follow(pause=0):
        pass
    return job


@contextmanager
def queue(slots: list[Any]) -> Iterator[JobQueue]:
    with tempfile.TemporaryDirectory() as folder:
        yield JobQueue(SharedSlots(slots), Store(Path(folder)))


def load(slots: list[Any], sessions: int, jobs: int, meanwhile: Callable[[Event], None]) -> dict[str, Any]:
    """Let sessions send their jobs one after another, all sessions at once."""
    memory: list[int] = []
    over = Event()

    def person(number: int) -> list[float]:
        errors: list[float] = []
        for turn in range(jobs):
            seed = number * jobs + turn
            job = finish(office.submit(request(seed), f"session {number}"))
            end = job.snapshot
            assert end.attribution, f"job {job.id[:6]} {end.state}: {end.says}"
            errors.append(float(np.abs(end.attribution.scores.values - expected(seed)).max()))
            memory.append(psutil.Process().memory_info().rss)
        return errors

    with queue(slots) as office, ThreadPoolExecutor(sessions) as people:
        started = time.monotonic()
        beside = Thread(target=meanwhile, args=(over,))
        beside.start()
        errors = np.concatenate(list(people.map(person, range(sessions))))
        over.set()
        beside.join()
        seconds = time.monotonic() - started
    last = memory[-min(100, len(memory) // 2) :]
    return {
        "jobs": len(errors),
        "wrong": int((errors > CLOSE).sum()),
        "largest difference": float(errors.max()),
        "seconds": seconds,
        "growth": (np.mean(last[-10:]) / np.mean(last[:10]) - 1),
    }


def kill_ten(slots: list[Any]) -> Callable[[Event], None]:
    """Kill an actor every few seconds, ten times or until the load is over."""

    def meanwhile(over: Event) -> None:
        for number in range(10):
            if over.wait(6):
                print(f"    (over after {number} kills)")
                return
            actor = slots[number % len(slots)]._actor
            os.kill(ray.get(actor.process.remote()), signal.SIGKILL)

    return meanwhile


def throughput(slots: list[Any]) -> float:
    """Score a long job and give the masks a second."""
    with queue(slots) as office:
        finish(office.submit(request(1), "warm"))
        started = time.monotonic()
        job = finish(office.submit(request(2, "grid:20x20"), "long"))
        return job.snapshot.total / (time.monotonic() - started)


def cancel_latency(rounds: int = 10) -> dict[str, Any]:
    """Count the chunks that are still scored after a cancel."""
    late: list[int] = []
    slot = Counting(InlineSlot(lambda *_, **__: worker()))
    with queue([slot]) as office:
        for number in range(rounds):
            job = office.submit(request(number, "grid:20x20"), "one")
            follower = job.follow()
            next(snapshot for snapshot in follower if snapshot.done > 2)
            before = slot.chunks[400]
            job.cancel()
            finish(office.submit(request(number), "two"))  # when it is done, the worker has been free
            assert job.snapshot.state == "cancelled", "400 regions should take longer than a cancel"
            late.append(slot.chunks[400] - before)
    return {"rounds": rounds, "chunks at most": max(late)}


def overhead(rounds: int = 30) -> dict[str, float]:
    """Compare jobs at the queue with the pipeline called directly, on the same pictures in turn."""
    direct, queued = 0.0, 0.0
    slot = Counting(InlineSlot(lambda *_, **__: worker()))
    with queue([slot]) as office:
        finish(office.submit(request(0), "warm"))
        for seed in range(1, rounds + 1):
            kind = request(seed, "grid:8x8")
            assert kind.segmentation, "the jobs of this file bring their regions"
            started = time.monotonic()
            answer = pipeline.ask(worker(), replace(kind.question))  # another, so that the model knows nothing of it
            explain_regions(worker(), answer, kind.segmentation, kind.plan)
            direct += time.monotonic() - started
            started = time.monotonic()
            finish(office.submit(kind, "one"))
            queued += time.monotonic() - started
    return {"ratio": queued / direct, "ms a job": (queued - direct) / rounds * 1000}


def overhead_of_a_chunk(rounds: int = 100) -> dict[str, float]:
    """Compare chunks that wait for their turns, which they get at once, with chunks scored directly, in turn."""
    kind = request(0)
    assert kind.segmentation, "a grid is cut at once"
    assert kind.players
    task = Task(pipeline.ask(worker(), kind.question), kind.players)
    drawn = np.random.default_rng(0).random((2 * rounds + 1, worker().batch, kind.segmentation.regions)) < 0.5
    chunks = iter(drawn)  # each another one, since what is known is not scored again
    scheduler = Scheduler([InlineSlot(lambda *_, **__: worker())])
    fair = QueuedWorker(scheduler, "one", "demo", look=lambda _: None, on_loading=lambda _: None)
    list(fair.run(Scoring(task, next(chunks))))
    direct = queued = 0.0
    for _ in range(rounds):
        started = time.monotonic()
        list(worker().run(Scoring(task, next(chunks))))
        middle = time.monotonic()
        list(fair.run(Scoring(task, next(chunks))))
        direct, queued = direct + middle - started, queued + time.monotonic() - middle
    return {"ratio": queued / direct, "ms a chunk": (queued - direct) / rounds * 1000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=3)
    options = parser.parse_args()
    logging.getLogger("mmattr").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    for seed in range(options.sessions * options.jobs):
        expected(seed)
    gc.collect()
    size = (options.sessions, options.jobs)
    rows: list[tuple[str, str]] = [("overhead of the queue", _shown(overhead()))]
    rows.append(("overhead of a turn", _shown(overhead_of_a_chunk())))
    rows.append(("cancel in a job of 400 regions", _shown(cancel_latency())))
    rows.append(("inline under load", _shown(load([InlineSlot(lambda *_, **__: worker())], *size, lambda _: None))))
    actors: list[Any] = ray_slots(open_worker, 2)
    one, two = throughput(actors[:1]), throughput(actors)
    rows.append(("Ray, two actors to one", f"{two / one:.2f} times the masks a second"))
    rows.append(("Ray under load", _shown(load(actors, *size, lambda _: None))))
    rows.append(("Ray under load, killed ten times", _shown(load(actors, *size, kill_ten(actors)))))
    print("| what | measured |\n|---|---|")
    for what, measured in rows:
        print(f"| {what} | {measured} |")


def _shown(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in figures.items())


if __name__ == "__main__":
    main()
