"""The worker that lives in this process: a laptop, the command line, a notebook, a test, an actor of Ray."""

import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol, TypeVar

from mmattr_app.contracts import Call, Model
from mmattr_app.errors import WorkerEmpty
from mmattr_app.workers.throughput import Throughput

Value = TypeVar("Value")

ONLY = "the only model"


class InlineWorker:
    """Runs calls with one loaded model."""

    lanes = 1

    def __init__(self, model: Model) -> None:
        """Take a model; it stays warm as long as the worker lives."""
        self._model = model
        self._throughput = Throughput()

    def run(self, call: Call[Value]) -> Iterator[str | Value]:
        """Run a call, and learn from it how fast the model is."""
        started = time.monotonic()
        yield from call.run(self._model)
        if call.masks:
            self._throughput.note(ONLY, call.masks, time.monotonic() - started)

    @property
    def batch(self) -> int:
        """Say how many masks go through the model together."""
        return self._model.batch

    def chunk(self) -> int:
        """Say how many masks to send at once."""
        self._throughput.batch[ONLY] = self._model.batch
        return self._throughput.chunk(ONLY)


class OpenWorker(Protocol):
    """Loads a model by its name; `says` hears how far it is, from any thread."""

    def __call__(self, model: str, /, *, says: Callable[[str], None]) -> InlineWorker: ...


class InlineSlot:
    """A slot in this process."""

    def __init__(self, open_worker: OpenWorker) -> None:
        """Take what loads a model."""
        self._open = open_worker
        self._warm: dict[str, InlineWorker] = {}

    def load(self, model: str) -> Iterator[str | int]:
        """Load a model that is not warm."""
        if model not in self._warm:
            for event in _loading(self._open, model):
                if isinstance(event, str):
                    yield event
                else:
                    self._warm[model] = event
        yield self._warm[model].batch

    def drop(self, model: str) -> None:
        """Let go of a model."""
        self._warm.pop(model, None)

    def run(self, model: str, call: Call[Any]) -> Iterator[Any]:
        """Run a call with a warm model."""
        if model not in self._warm:  # whoever loaded it spoke to a process that is gone
            raise WorkerEmpty
        return self._warm[model].run(call)


def _loading(open_worker: OpenWorker, model: str) -> Iterator[str | InlineWorker]:
    """Load a model in a thread, and yield what is said meanwhile and the worker last."""
    events: SimpleQueue[str | InlineWorker | BaseException] = SimpleQueue()

    def load() -> None:
        try:
            events.put(open_worker(model, says=events.put))
        except BaseException as error:  # noqa: BLE001  (raised again where it is waited for)
            events.put(error)

    Thread(target=load, daemon=True, name="mmattr-loading").start()
    while True:
        event = events.get()
        if isinstance(event, BaseException):
            raise event
        yield event
        if not isinstance(event, str):
            return
