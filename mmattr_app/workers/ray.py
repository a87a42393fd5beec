"""Slots as Ray actors, one for each GPU or CPU share, on this machine or on the cluster that RAY_ADDRESS names."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportUnknownLambdaType=false
# (Ray's own types are partly unknown)
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, cast

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")

import ray
from ray.exceptions import GetTimeoutError, RayActorError

from mmattr_app.byte_lru import ByteLRU
from mmattr_app.contracts import Call, Slot
from mmattr_app.domain import Task
from mmattr_app.errors import AppError, WorkerLost
from mmattr_app.workers.inline import InlineSlot

TASKS = 512_000_000  # bytes of the tasks that an actor caches, and of those in Ray's store
RESTART_TIMEOUT = 120  # seconds for Ray to restart an actor
PAUSE = 0.2  # seconds between two tries to reach it
ROOT = Path(__file__).parents[2]


class Actor:
    """The Ray actor: a slot in another process, and a cache of the tasks that were sent to it."""

    def __init__(self, open_worker: Any) -> None:
        self._slot = InlineSlot(open_worker)
        self._tasks: ByteLRU[bytes, Task] = ByteLRU(TASKS, _weight)
        self._stopped: set[int] = set()

    def process(self) -> int:
        """Give the process id, as soon as the process runs; may run in parallel with a call."""
        return os.getpid()

    def drop(self, model: str) -> None:
        self._slot.drop(model)

    def load(self, number: int, model: str) -> Iterator[Any]:
        """Load a model; yield what the slot yields, until it ends or `stop` is called with this number."""
        yield from self._until_stopped(number, self._slot.load(model))

    def run(self, number: int, model: str, call: Any, key: bytes, task: list[Any]) -> Iterator[Any]:
        """Run a call that was sent without its task.

        `task` is a list with a reference to it: Ray does not fetch what a list holds, so it is fetched only if needed.
        """
        if task:
            if key not in self._tasks:
                self._tasks[key] = ray.get(task[0])
            call = replace(call, task=self._tasks[key])
        yield from self._until_stopped(number, self._slot.run(model, call))

    def stop(self, number: int) -> None:
        """End a stream at its next event; runs in parallel with it."""
        self._stopped.add(number)

    def _until_stopped(self, number: int, events: Iterator[Any]) -> Iterator[Any]:
        for event in events:
            yield event
            if number in self._stopped:
                self._stopped.discard(number)
                return


class RaySlot:
    """The slot of one actor, in the scheduler's process."""

    def __init__(self, actor: Any, tasks: ByteLRU[bytes, "Sent"]) -> None:
        """Take the actor, and the cache of tasks in Ray's store, which all slots share."""
        self._actor, self._tasks = actor, tasks
        self._numbers = count()

    def load(self, model: str) -> Iterator[str | int]:
        """Load a model in the actor."""
        return self._stream(self._actor.load, model)

    def drop(self, model: str) -> None:
        """Unload a model in the actor."""
        self._get(self._actor.drop.remote(model))

    def run(self, model: str, call: Call[Any]) -> Iterator[Any]:
        """Run a call in the actor; its task is sent only once."""
        if call.task is None:
            return self._stream(self._actor.run, model, call, b"", [])
        key, without_task = call.task.fingerprint, cast("Any", replace)(call, task=None)
        if key not in self._tasks:
            self._tasks[key] = Sent(call.task)
        return self._stream(self._actor.run, model, without_task, key, [self._tasks[key].reference])

    def _stream(self, method: Any, *asked: Any) -> Iterator[Any]:
        number = next(self._numbers)
        ended = False
        try:
            for event in method.remote(number, *asked):
                yield self._get(event)
            ended = True
        except RayActorError as error:
            raise self._lost() from error
        finally:
            if not ended:
                self._actor.stop.remote(number)

    def _get(self, reference: Any) -> Any:
        try:
            return ray.get(reference)
        except RayActorError as error:
            raise self._lost() from error

    def _lost(self) -> WorkerLost:
        """Wait until Ray has restarted the actor, which is then empty; give the error to raise."""
        lost_at = time.monotonic()
        while time.monotonic() - lost_at < RESTART_TIMEOUT:
            try:
                ray.get(self._actor.process.remote(), timeout=RESTART_TIMEOUT)
            except RayActorError:
                time.sleep(PAUSE)
            except GetTimeoutError:
                break
            else:
                return WorkerLost()
        raise AppError("A worker died and did not come back; tell whoever runs this page.")


class Sent:
    """A task in Ray's store; it is removed from the store with this object."""

    def __init__(self, task: Task) -> None:
        """Put the task into the store, from where every actor can fetch it."""
        self.bytes = _weight(task)
        self.reference = ray.put(task)


def ray_slots(open_worker: Any, actors: int = 0) -> list[Slot]:
    """Join the cluster, or start one here; start one actor for each GPU (or two CPU cores), or `actors` of them."""
    if not ray.is_initialized():
        address = os.environ.get("RAY_ADDRESS", "local")
        own: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
        ray.init(address=address, namespace="mmattr", log_to_driver=False, runtime_env=_code(address), **own)
    resources = ray.cluster_resources()
    gpus = int(resources.get("GPU", 0))
    number = actors or gpus or max(1, int(resources.get("CPU", 1)) // 2)
    # An actor runs one call at a time; `stop` and `process` run in parallel with it.
    options: dict[str, Any] = {"max_restarts": -1, "concurrency_groups": {"beside": 1}}
    options |= {"num_gpus": 1} if gpus else {"num_cpus": 1}
    kind: Any = ray.remote(**options)(_with_groups(Actor))
    tasks: ByteLRU[bytes, Sent] = ByteLRU(TASKS, lambda sent: sent.bytes)
    return [RaySlot(kind.remote(open_worker), tasks) for _ in range(number)]


def _code(address: str) -> dict[str, Any]:
    """Give the actors this code: by its path on this machine, as a copy on a cluster."""
    if address == "local":
        return {"env_vars": {"PYTHONPATH": str(ROOT)}}
    return {"working_dir": str(ROOT), "excludes": [".venv", ".git", "build", "tests"]}


def _with_groups(actor: type) -> type:
    actor.stop = ray.method(concurrency_group="beside")(actor.stop)
    actor.process = ray.method(concurrency_group="beside")(actor.process)
    return actor


def _weight(task: Task) -> int:
    return sum(picture.nbytes for picture in task.answer.question.pictures) + task.players.nbytes
