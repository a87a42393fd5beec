"""The worker in this process: for the command line, a notebook, a test, and inside a Ray actor."""

import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol, TypeVar

from mmattr_app.contracts import Call, Model, Worker
from mmattr_app.errors import AppError, WorkerEmpty

Value = TypeVar("Value")

ONLY = "the only model"


AIM = 0.5  # seconds that a chunk should take: short enough to share a worker, long enough to cost little overhead
CROWD = 30  # with this many waiting sessions for each slot, a chunk takes half of that: all see their first map sooner
MOST = 256  # masks of a chunk
LATEST = 0.3  # weight of the latest measurement in the moving averages


class Throughput:
    """Moving averages of how long calls take; plain numbers, so that any thread may read them."""

    def __init__(self) -> None:
        """Start with no measurements."""
        self.batch: dict[str, int] = {}  # model -> batch size
        self.loading: dict[str, float] = {}  # model -> seconds that it took to load
        self.mask: dict[str, float] = {}  # model -> seconds for each mask
        self.turn = AIM  # seconds for each turn

    def record(self, model: str, masks: int, seconds: float) -> None:
        """Update the averages after one turn."""
        self.turn += LATEST * (seconds - self.turn)
        if masks:
            before = self.mask.get(model, seconds / masks)
            self.mask[model] = before + LATEST * (seconds / masks - before)

    def chunk(self, model: str, waiting: float = 0) -> int:
        """Give the number of masks, in whole batches, that takes about AIM; fewer if sessions wait for each slot."""
        batch = self.batch.get(model, 1)
        if model not in self.mask:
            return batch
        batches = int(AIM / (1 + waiting / CROWD) / max(self.mask[model], 1e-6) / batch)
        return max(batch, min(batches * batch, MOST // batch * batch))


class InlineWorker:
    """Runs calls with one loaded model."""

    lanes = 1

    def __init__(self, model: Model, open_other: Callable[[str], Worker] | None = None) -> None:
        """Take a loaded model; `open_other` loads another one by its name."""
        self._model, self.open_other = model, open_other
        self._throughput = Throughput()

    def run(self, call: Call[Value]) -> Iterator[str | Value]:
        """Run a call, and measure how fast the model is."""
        started = time.monotonic()
        yield from call.run(self._model)
        if call.masks:
            self._throughput.record(ONLY, call.masks, time.monotonic() - started)

    @property
    def batch(self) -> int:
        """Give the model's batch size."""
        return self._model.batch

    def chunk(self) -> int:
        """Say how many masks to send in one call."""
        self._throughput.batch[ONLY] = self._model.batch
        return self._throughput.chunk(ONLY)

    def asking(self, model: str) -> Worker:
        """Load another model; it is let go with the worker."""
        if self.open_other is None:
            raise AppError(f"Only one model is asked here, and {model[:60]} is another; leave it out.")
        return self.open_other(model)


class OpenWorker(Protocol):
    """Loads a model by its name; `on_loading` gets the progress in words, from any thread."""

    def __call__(self, model: str, /, *, on_loading: Callable[[str], None]) -> InlineWorker: ...


class InlineSlot:
    """A slot in this process."""

    def __init__(self, open_worker: OpenWorker) -> None:
        """Take the function that loads a model."""
        self._open = open_worker
        self._warm: dict[str, InlineWorker] = {}

    def load(self, model: str) -> Iterator[str | int]:
        """Load a model unless it is loaded: yield progress in words, and last its batch size."""
        if model not in self._warm:
            for event in _loading(self._open, model):
                if isinstance(event, str):
                    yield event
                else:
                    self._warm[model] = event
        yield self._warm[model].batch

    def drop(self, model: str) -> None:
        """Unload a model."""
        self._warm.pop(model, None)

    def run(self, model: str, call: Call[Any]) -> Iterator[Any]:
        """Run a call with a loaded model."""
        if model not in self._warm:  # it was loaded in a process that has ended
            raise WorkerEmpty
        return self._warm[model].run(call)


def _loading(open_worker: OpenWorker, model: str) -> Iterator[str | InlineWorker]:
    """Load a model in a thread; yield progress in words, and last the worker."""
    events: SimpleQueue[str | InlineWorker | BaseException] = SimpleQueue()

    def load() -> None:
        try:
            events.put(open_worker(model, on_loading=events.put))
        except BaseException as error:  # noqa: BLE001  (raised again in the thread that waits)
            events.put(error)

    Thread(target=load, daemon=True, name="mmattr-loading").start()
    while True:
        event = events.get()
        if isinstance(event, BaseException):
            raise event
        yield event
        if not isinstance(event, str):
            return
