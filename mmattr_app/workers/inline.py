"""The worker that lives in this process: a laptop, the command line, a notebook, a test, an actor of Ray."""

import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol, TypeVar

from mmattr_app.contracts import Call, Model
from mmattr_app.errors import WorkerEmpty

Value = TypeVar("Value")

ONLY = "the only model"


AIM = 0.5  # seconds that a chunk should take: often enough to share a worker, seldom enough to cost nothing
CROWD = 30  # sessions that wait for a slot and halve that: in a class the first map comes sooner, and all grow
MOST = 256  # masks of a chunk
NEWS = 0.3  # weight of the latest measurement


class Throughput:
    """Learns from every turn; numbers only, so that threads may read it as they like."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.batch: dict[str, int] = {}  # pictures that go through a model at once
        self.loading: dict[str, float] = {}  # seconds that a model took to load
        self.mask: dict[str, float] = {}  # seconds a mask takes
        self.turn = AIM  # seconds a turn takes

    def note(self, model: str, masks: int, seconds: float) -> None:
        """Learn from one turn."""
        self.turn += NEWS * (seconds - self.turn)
        if masks:
            before = self.mask.get(model, seconds / masks)
            self.mask[model] = before + NEWS * (seconds / masks - before)

    def chunk(self, model: str, waiting: float = 0) -> int:
        """Give a number of masks that takes about AIM, less where sessions wait for each slot, in whole batches."""
        batch = self.batch.get(model, 1)
        if model not in self.mask:
            return batch
        batches = int(AIM / (1 + waiting / CROWD) / max(self.mask[model], 1e-6) / batch)
        return max(batch, min(batches * batch, MOST // batch * batch))


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
