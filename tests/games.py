"""Toy games with a known answer, for methods and jobs to play instead of a model."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from mmattr_app.contracts import Probe
from mmattr_app.domain import Answer, Keeps, LogProbs, Pixels, Question, Segmentation, Task
from mmattr_app.jobs import Desk, Store
from mmattr_app.workers.inline import InlineSlot


class LogitGame:
    """Every token's logit is a sum over the visible regions: the answer is the weights themselves."""

    def __init__(self, weights: Sequence[Sequence[float]]) -> None:
        """Take weights [regions, tokens]."""
        self.weights = np.array(weights)
        self.regions, self.tokens = self.weights.shape
        self.asked = 0

    def __call__(self, keep: Keeps) -> LogProbs:
        assert keep.dtype == bool
        assert keep.shape[1] == self.regions
        self.asked += len(keep)
        logits = keep @ self.weights - 1.0
        return -np.logaddexp(0, -logits).astype(np.float32)

    def nothing(self) -> LogProbs:
        return self(np.zeros((1, self.regions), bool))[0]

    def of(self, tokens: Sequence[int]) -> Probe:
        return LogitGame(self.weights[:, list(tokens)].tolist())


class FreeModel:
    """A model that costs nothing: it says one word, looks at each picture and scores none."""

    batch = 4
    device = "cpu"

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        said = text or "Cat"
        yield Answer(question, (1,), (said,), np.zeros(1, np.float32), False, "free", "1", "float32")

    def score(self, answer: Answer, images: Sequence[Pixels]) -> LogProbs:
        del answer
        return np.zeros((sum(1 for _ in images), 1), np.float32)  # each is hidden as it is looked at


WORTH = 0.04  # nats that region 1 is worth to ToyWorker; region 2 twice as much, and so on


class ToyWorker:
    """Says two words at once; every region is worth its number to both.

    Waits at `gate` before each chunk, and before it cuts.
    """

    lanes = 1
    batch = 2

    def __init__(self) -> None:
        """Start with the gate open."""
        self.gate = Event()
        self.gate.set()
        self.busy = Event()  # a chunk has arrived
        self.chunks = self.masks = self.cuts = 0
        self.error: Exception | None = None

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        if self.error:
            raise self.error
        said = text or question.prompt
        yield said
        yield Answer(
            question,
            (1, 2),
            (said, "!"),
            np.zeros(2, np.float32),
            cut_off=False,
            model="toy",
            revision="1",
            precision="float32",
        )

    def score(self, task: Task, keeps: Keeps) -> LogProbs:
        del task
        self.busy.set()
        self.gate.wait(10)
        self.chunks += 1
        self.masks += len(keeps)
        worth = WORTH * np.arange(keeps.shape[1], dtype=np.float32)
        return np.repeat(-90 - (~keeps @ worth)[:, None], 2, axis=1)

    def segment(self, image: Pixels, regions: str) -> Iterator[str | Segmentation]:
        yield "points 1 of 2"
        self.gate.wait(10)
        self.cuts += 1
        rows, columns = np.indices(image.shape[:2])
        yield Segmentation.from_labels(regions, (rows > 20).astype(int) + (columns > 20))

    def chunk(self) -> int:
        return self.batch


def toy_desk(toy: ToyWorker, folder: Path) -> Desk:
    """Put a desk in front of a toy."""
    open_toy: Any = lambda *_, **__: toy  # noqa: E731  (it need not be an InlineWorker to act as one)
    return Desk.on([InlineSlot(open_toy)], Store(folder))
