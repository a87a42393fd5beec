"""What can be asked of a model, each as a value that travels to wherever the model is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmattr_app.contracts import Model, Players
from mmattr_app.domain import Answer, Keeps, LogProbs, Pixels, Question, Task
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters import find_segmenter


@dataclass(frozen=True, eq=False)
class Answering:
    """Answer a question, or score `text` as its answer."""

    question: Question
    text: str | None = None
    masks: int = 0
    task: Task | None = None

    def run(self, model: Model) -> Iterator[str | Answer]:
        """Yield the text so far, again and again, and the Answer last."""
        return model.answer(self.question, self.text)


@dataclass(frozen=True, eq=False)
class Scoring:
    """Score the answer again under masks [masks, players], or with nothing visible (None)."""

    task: Task | None  # None only on its way to a worker that has the task already
    keeps: Keeps | None

    @property
    def masks(self) -> int:
        """Count the masks."""
        return 1 if self.keeps is None else len(self.keeps)

    def run(self, model: Model) -> Iterator[LogProbs]:
        """Hide what each mask hides and yield the log-probabilities [masks, tokens]."""
        assert self.task, "the task is put back where the call runs"
        players = self.task.players
        asked = [players.blank()] if self.keeps is None else HiddenQuestions(players, self.keeps)
        yield model.score(self.task.answer, asked)


@dataclass(frozen=True, eq=False)
class Segmenting:
    """Cut a picture as `regions` says, on the model's device where that takes a model of its own."""

    image: Pixels
    regions: str
    masks: int = 0
    task: Task | None = None

    def run(self, model: Model) -> Iterator[str | Segmentation]:
        """Yield how far it is in words, and the Segmentation last."""
        segmenter, how = find_segmenter(self.regions)
        if segmenter.in_worker:
            yield from segmenter.in_worker(self.image, how, model.device)
        elif segmenter.run:
            yield segmenter.run(self.image, how)


class HiddenQuestions(Sequence[Question]):
    """The questions of several masks: each is made when it is looked at, in whatever thread."""

    def __init__(self, players: Players, keeps: Keeps) -> None:
        """Take masks [masks, players]."""
        self._players, self._keeps = players, keeps

    def __len__(self) -> int:
        return len(self._keeps)

    def __getitem__(self, mask: Any) -> Any:
        return self._players.hide(np.asarray(self._keeps[mask]))
