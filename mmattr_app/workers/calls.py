"""The calls to a model, each as a value that can be sent to the process that holds the model."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Call, Model, Players, Value, Worker
from mmattr_app.domain import Answer, Keeps, LogProbs, Pixels, Question, Task
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters import find_segmenter
from mmattr_app.white_box import (
    Combine,
    Distributions,
    Floats,
    Fold,
    GradientMaps,
    Line,
    Maps,
    Open,
    Openable,
    Positions,
    TellsDistributions,
)


@dataclass(frozen=True, eq=False)
class Answering:
    """Answer a question, or score `text` as its answer."""

    question: Question
    text: str | None = None
    masks: int = 0
    task: Task | None = None

    def run(self, model: Model) -> Iterator[str | Answer]:
        """Yield the text so far as it grows, and last the Answer."""
        return model.answer(self.question, self.text)

    def keys(self, model: str) -> list[bytes]:
        """Give one key, for the whole answer."""
        asked = repr((model, self.text)).encode() + self.question.fingerprint
        return [hashlib.blake2b(asked, digest_size=16).digest()]

    def only(self, parts: Sequence[int]) -> "Answering":
        """Give the call itself: it has only one part."""
        del parts
        return self

    def split(self, value: Answer) -> list[Answer]:
        """Give the answer as the only reply."""
        return [value]

    def join(self, replies: Sequence[Answer]) -> Answer:
        """Give the only reply."""
        return replies[0]


@dataclass(frozen=True, eq=False)
class Scoring:
    """Score the answer again under masks [masks, players], or with nothing visible (None)."""

    task: Task | None  # None only while it is sent to a worker that has the task already
    keeps: Keeps | None

    @property
    def masks(self) -> int:
        """Count the masks."""
        return 1 if self.keeps is None else len(self.keeps)

    def run(self, model: Model) -> Iterator[LogProbs]:
        """Make the question of each mask, and yield the log-probabilities [masks, tokens]."""
        assert self.task, "the task is put back where the call runs"
        players = self.task.players
        asked = [players.blank()] if self.keeps is None else HiddenQuestions(players, self.keeps)
        yield model.score(self.task.answer, asked)

    def keys(self, model: str) -> list[bytes]:
        """Give the key of each mask, the same as in the memo; the task holds the model's name."""
        del model
        assert self.task, "the task is there before the call is sent"
        return self.task.keys(self.keeps)

    def only(self, parts: Sequence[int]) -> "Scoring":
        """Give the call with some of the masks."""
        return self if self.keeps is None else replace(self, keeps=self.keeps[list(parts)])

    def split(self, value: LogProbs) -> list[LogProbs]:
        """Give the row of each mask."""
        return list(value)

    def join(self, replies: Sequence[LogProbs]) -> LogProbs:
        """Stack the rows."""
        return np.stack(replies)


@dataclass(frozen=True, eq=False)
class Segmenting:
    """Cut a picture as `regions` says; a segmenter with a neural network runs on the model's device."""

    image: Pixels
    regions: str
    masks: int = 0
    task: Task | None = None

    def run(self, model: Model) -> Iterator[str | Segmentation]:
        """Yield progress in words, and last the Segmentation."""
        segmenter, how = find_segmenter(self.regions)
        if segmenter.in_worker:
            yield from segmenter.in_worker(self.image, how, model.device)
        elif segmenter.run:
            yield segmenter.run(self.image, how)


@dataclass(frozen=True, eq=False)
class Gradients:
    """Give the gradients of spans of an answer along a line of pictures."""

    task: Task | None
    line: Line
    spans: Sequence[Sequence[int]]  # of tokens
    masks: int = 0

    def run(self, model: Model) -> Iterator[GradientMaps]:
        """Yield the GradientMaps."""
        yield _open(model, self.task).gradients(self.line, self.spans)


@dataclass(frozen=True, eq=False)
class Attentions:
    """Fold the attention of an answer layer by layer, with its gradients or without."""

    task: Task | None
    fold: Fold
    with_gradients: bool = False
    masks: int = 0

    def run(self, model: Model) -> Iterator[Positions]:
        """Yield a row for each token."""
        yield _open(model, self.task).attentions(self.fold, with_gradients=self.with_gradients)


@dataclass(frozen=True, eq=False)
class Activations:
    """Give the logit of each word at each position; with `combine`, combine the picture's features instead."""

    task: Task | None
    combine: Combine | None = None
    masks: int = 0

    def run(self, model: Model) -> Iterator[Positions]:
        """Yield the Positions."""
        opened = _open(model, self.task)
        yield opened.features(self.combine) if self.combine else opened.activations()


@dataclass(frozen=True, eq=False)
class Spreading:
    """Spread weights of the pictures' positions over their pixels."""

    task: Task | None
    weights: Floats
    masks: int = 0

    def run(self, model: Model) -> Iterator[Maps]:
        """Yield the maps."""
        yield _open(model, self.task).spread(self.weights)


@dataclass(frozen=True, eq=False)
class Likeliest:
    """Find the likeliest words at each token, on average with everything visible and with nothing visible."""

    task: Task | None
    count: int
    masks: int = 2

    def run(self, model: Model) -> Iterator[NDArray[np.intp]]:
        """Yield their ids [tokens, count]."""
        checked, task = _check_distributions(model, self.task)
        players = task.players
        everything = players.hide(np.ones(players.count, bool))
        yield checked.likeliest(task.answer, [everything, players.blank()], self.count)


@dataclass(frozen=True, eq=False)
class Distributing:
    """Give the distribution of the next word at each token, under masks [masks, players]."""

    task: Task | None
    keeps: Keeps
    ids: NDArray[np.intp]  # [tokens, words], ids of the words to give; all others are summed up

    @property
    def masks(self) -> int:
        """Count the masks."""
        return len(self.keeps)

    def run(self, model: Model) -> Iterator[Distributions]:
        """Yield the log-probabilities [masks, tokens, words + 1]."""
        checked, task = _check_distributions(model, self.task)
        yield checked.distributions(task.answer, HiddenQuestions(task.players, self.keeps), self.ids)


def ask(worker: Worker, call: Call[Value], cancelled: Callable[[], bool]) -> Value:
    """Run a call that yields only its value; raise Cancelled if the run is cancelled."""
    if cancelled():
        raise Cancelled
    (value,) = worker.run(call)
    assert not isinstance(value, str), "it yields no words"
    return value


def _check_distributions(model: Model, task: Task | None) -> tuple[TellsDistributions, Task]:
    assert task, "the task is put back where the call runs"
    if not isinstance(model, TellsDistributions):
        raise AppError(
            f"{task.answer.model} does not tell how likely other words are; choose a method that needs only the words "
            "that were said, such as smooth, or load a model that writes its answer here."
        )
    return model, task


def _open(model: Model, task: Task | None) -> Open:
    assert task, "the task is put back where the call runs"
    if not isinstance(model, Openable):
        raise AppError(
            f"{task.answer.model} is served elsewhere and shows its probabilities only; choose a method that hides "
            "regions, such as smooth, or load the model here."
        )
    return model.open(task.answer)


class HiddenQuestions(Sequence[Question]):
    """The questions of several masks; each is made when it is read, from any thread."""

    def __init__(self, players: Players, keeps: Keeps) -> None:
        """Take masks [masks, players]."""
        self._players, self._keeps = players, keeps

    def __len__(self) -> int:
        return len(self._keeps)

    def __getitem__(self, mask: Any) -> Any:
        return self._players.hide(np.asarray(self._keeps[mask]))
