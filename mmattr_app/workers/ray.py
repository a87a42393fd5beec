"""Slots as Ray actors, one for each GPU or CPU share, on this machine or on the cluster that RAY_ADDRESS names."""

import os
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")

import ray
from ray.exceptions import GetTimeoutError, RayActorError

from mmattr_app.contracts import Slot
from mmattr_app.domain import Answer, Keeps, LogProbs, Pixels, Question, Segmentation, Task
from mmattr_app.errors import AppError, WorkerLost
from mmattr_app.workers.inline import InlineSlot
from mmattr_app.workers.parcels import Parcel, pack, unpack
from mmattr_app.workers.shelf import Shelf

TASKS = 512_000_000  # bytes of prepared tasks that an actor holds, and of parcels that wait for actors
BACK_WITHIN = 120  # seconds for Ray to restart an actor
PAUSE = 0.2
ROOT = Path(__file__).parents[2]


class Actor:
    """What runs in the other process: a slot there, and the tasks that it was sent."""

    def __init__(self, open_worker: Any) -> None:
        self._slot = InlineSlot(open_worker)
        self._tasks: Shelf[bytes, Task] = Shelf(TASKS, _weight)
        self._stopped: set[int] = set()

    def process(self) -> int:
        """Give its number, as soon as the process lives; runs beside a call."""
        return os.getpid()

    def drop(self, model: str) -> None:
        self._slot.drop(model)

    def stream(self, call: int, verb: str, *asked: Any) -> Iterator[Any]:
        """Load, answer or segment: yield what the slot yields until it ends or is stopped."""
        for event in getattr(self._slot, verb)(*asked):
            yield event
            if call in self._stopped:
                self._stopped.discard(call)
                return

    def stop(self, call: int) -> None:
        """End a stream at its next event; runs beside it."""
        self._stopped.add(call)

    def score(self, model: str, key: bytes, parcel: list[Any], keeps: Keeps) -> LogProbs:
        if key not in self._tasks:
            self._tasks[key] = unpack(ray.get(parcel[0]))
        return self._slot.score(model, self._tasks[key], keeps)


class RaySlot:
    """One actor, seen from here."""

    def __init__(self, actor: Any, parcels: Shelf[bytes, "Sent"]) -> None:
        """Speak for an actor; the parcels are shared with the other slots."""
        self._actor, self._parcels = actor, parcels
        self._calls = count()

    def load(self, model: str) -> Iterator[str | int]:
        """Load a model there and hear how far it is."""
        return self._stream("load", model)

    def drop(self, model: str) -> None:
        """Let go of a model there."""
        self._get(self._actor.drop.remote(model))

    def answer(self, model: str, question: Question, text: str | None) -> Iterator[str | Answer]:
        """Stream an answer from there."""
        return self._stream("answer", model, question, text)

    def score(self, model: str, task: Task, keeps: Keeps) -> LogProbs:
        """Score a chunk there; the task is sent once."""
        key = task.fingerprint
        if key not in self._parcels:
            self._parcels[key] = Sent(pack(task))
        return self._get(self._actor.score.remote(model, key, [self._parcels[key].reference], keeps))

    def segment(self, model: str, image: Pixels, regions: str) -> Iterator[str | Segmentation]:
        """Cut a picture there and hear how far it is."""
        return self._stream("segment", model, image, regions)

    def _stream(self, verb: str, *asked: Any) -> Iterator[Any]:
        call = next(self._calls)
        ended = False
        try:
            for event in self._actor.stream.remote(call, verb, *asked):
                yield self._get(event)
            ended = True
        except RayActorError as error:
            raise self._lost() from error
        finally:
            if not ended:
                self._actor.stop.remote(call)

    def _get(self, reference: Any) -> Any:
        try:
            return ray.get(reference)
        except RayActorError as error:
            raise self._lost() from error

    def _lost(self) -> WorkerLost:
        """Wait until Ray has the actor running again, with nothing in it."""
        gone_at = time.monotonic()
        while time.monotonic() - gone_at < BACK_WITHIN:
            try:
                ray.get(self._actor.process.remote(), timeout=BACK_WITHIN)
            except RayActorError:
                time.sleep(PAUSE)
            except GetTimeoutError:
                break
            else:
                return WorkerLost()
        raise AppError("A worker died and did not come back; tell whoever runs this page.")


class Sent:
    """A parcel in Ray's store, for as long as this lives."""

    def __init__(self, parcel: Parcel) -> None:
        """Put it where every actor can fetch it."""
        self.bytes = len(parcel.regions.pixels) + parcel.answer.question.image.nbytes
        self.reference = ray.put(parcel)


def ray_slots(open_worker: Any, actors: int = 0) -> list[Slot]:
    """Join the cluster or start one here, and put an actor on each GPU, or `actors` of them."""
    if not ray.is_initialized():
        address = os.environ.get("RAY_ADDRESS", "local")
        own: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
        ray.init(address=address, namespace="mmattr", log_to_driver=False, runtime_env=_code(address), **own)
    resources = ray.cluster_resources()
    gpus = int(resources.get("GPU", 0))
    number = actors or gpus or max(1, int(resources.get("CPU", 1)) // 2)
    # Beside its one call an actor hears `stop` and `process`.
    options: dict[str, Any] = {"max_restarts": -1, "concurrency_groups": {"beside": 1}}
    options |= {"num_gpus": 1} if gpus else {"num_cpus": 1}
    kind: Any = ray.remote(**options)(_with_groups(Actor))
    parcels: Shelf[bytes, Sent] = Shelf(TASKS, lambda sent: sent.bytes)
    return [RaySlot(kind.remote(open_worker), parcels) for _ in range(number)]


def _code(address: str) -> dict[str, Any]:
    """Let the actors find this very code: here where it lies, elsewhere as a copy."""
    if address == "local":
        return {"env_vars": {"PYTHONPATH": str(ROOT)}}
    return {"working_dir": str(ROOT), "excludes": [".venv", ".git", "build", "tests"]}


def _with_groups(actor: type) -> type:
    actor.stop = ray.method(concurrency_group="beside")(actor.stop)
    actor.process = ray.method(concurrency_group="beside")(actor.process)
    return actor


def _weight(task: Task) -> int:
    return task.answer.question.image.nbytes + task.segmentation.pixels.nbytes
