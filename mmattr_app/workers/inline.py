"""The worker that lives in this process: a laptop, the command line, a notebook, a test, an actor of Ray."""

import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import Protocol

from mmattr_app.contracts import Model
from mmattr_app.domain import Answer, Keeps, LogProbs, Pixels, Question, Segmentation, Task
from mmattr_app.errors import WorkerEmpty
from mmattr_app.masking import Occluded, occluder
from mmattr_app.segmenters import find
from mmattr_app.workers.pace import Pace
from mmattr_app.workers.shelf import Shelf

ONLY = "the only model"
FILLS = 128_000_000  # bytes of pictures to hide with, which a blur makes slowly


class InlineWorker:
    """Answers and scores with one loaded model."""

    lanes = 1

    def __init__(self, model: Model) -> None:
        """Take a model; it stays warm as long as the worker lives."""
        self._model = model
        self._pace = Pace()
        self._fills: Shelf[bytes, Pixels] = Shelf(FILLS, lambda fill: fill.nbytes)

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        """Yield the text so far, again and again, and the Answer last."""
        return self._model.answer(question, text)

    def score(self, task: Task, keeps: Keeps) -> LogProbs:
        """Hide what each mask [masks, regions + 1] hides and score the answer again: [masks, tokens]."""
        started = time.monotonic()
        image, fill = task.answer.question.image, self._fill(task)
        scored = self._model.score(task.answer, Occluded(image, task.segmentation, keeps, fill))
        self._pace.note(ONLY, len(keeps), time.monotonic() - started)
        return scored

    @property
    def batch(self) -> int:
        """Say how many masks go through the model together."""
        return self._model.batch

    def chunk(self) -> int:
        """Say how many masks to send at once."""
        self._pace.batch[ONLY] = self._model.batch
        return self._pace.chunk(ONLY)

    def segment(self, image: Pixels, regions: str) -> Iterator[str | Segmentation]:
        """Cut the picture, on the model's device where that takes a model of its own."""
        segmenter, how = find(regions)
        if segmenter.in_worker:
            yield from segmenter.in_worker(image, how, self._model.device)
        elif segmenter.run:
            yield segmenter.run(image, how)

    def _fill(self, task: Task) -> Pixels:
        key = task.answer.fingerprint + task.occluder.encode()
        if key not in self._fills:
            self._fills[key] = occluder(task.occluder)(task.answer.question.image)
        return self._fills[key]


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

    def answer(self, model: str, question: Question, text: str | None) -> Iterator[str | Answer]:
        """Answer with a warm model."""
        return self._worker(model).answer(question, text)

    def score(self, model: str, task: Task, keeps: Keeps) -> LogProbs:
        """Score with a warm model."""
        return self._worker(model).score(task, keeps)

    def segment(self, model: str, image: Pixels, regions: str) -> Iterator[str | Segmentation]:
        """Cut a picture beside a warm model."""
        return self._worker(model).segment(image, regions)

    def _worker(self, model: str) -> InlineWorker:
        if model not in self._warm:  # whoever loaded it spoke to a process that is gone
            raise WorkerEmpty
        return self._warm[model]


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
