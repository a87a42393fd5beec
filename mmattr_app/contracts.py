"""Every protocol, on one page: what players, a probe, a method, a segmenter, a model and a worker must do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Answer, Curve, Keep, Keeps, LogProbs, Pixels, Question, Reads, Scores, Task
from mmattr_app.segmentation import Pictured, Segmentation
from mmattr_app.white_box import Distributions, Open

Value_co = TypeVar("Value_co", covariant=True)
Value = TypeVar("Value")


class Players(Protocol):
    """What can be hidden of a question: regions of its picture, words of its prompt."""

    @property
    def question(self) -> Question:
        """Give the question with everybody visible."""
        ...

    @property
    def count(self) -> int: ...  # how many players
    @property
    def fingerprint(self) -> bytes:
        """Hash: equal for players that make equal questions of equal masks."""
        ...

    @property
    def nbytes(self) -> int:
        """Count the bytes of memory that they take besides the question."""
        ...

    @property
    def segmentation(self) -> Segmentation | None:
        """Give the regions of the first picture that play; None if none do."""
        ...

    @property
    def pictured(self) -> tuple[Pictured, ...]:
        """Give the regions of each picture that play, in the order of the pictures; empty if none do."""
        ...

    @property
    def occluder(self) -> str:
        """Name what is shown in the place of a hidden player."""
        ...

    @property
    def says(self) -> str:
        """Give a note to the reader about the players, in sentences; usually empty."""
        ...

    def names(self) -> list[str]:
        """Give each player's name: the number of a region, counted from 1, or a word."""
        ...

    def kinds(self) -> list[str]:
        """Say what each player is part of, such as "picture" or "question"."""
        ...

    def region_rows(self) -> NDArray[np.intp]:
        """Give the numbers of the players that are the regions of `segmentation`, in their order."""
        ...

    def hide(self, keep: Keep) -> Question:
        """Make the question in which only some players are visible."""
        ...

    def blank(self) -> Question:
        """Make the question in which nothing is visible, what belongs to no player included."""
        ...

    def keys(self, keeps: Keeps) -> list[bytes]:
        """Give a key for the question of each mask: equal for equal questions, whichever players make them."""
        ...

    def blank_key(self) -> bytes:
        """Give the key of the question in which nothing is visible."""
        ...

    def weights(self) -> NDArray[np.float64]:
        """Give the size of each player, as a share of all: [players]."""
        ...

    def places(self) -> NDArray[np.float64]:
        """Give the coordinates of each player: [players, dimensions]; the unit is the mean size of a player."""
        ...

    def change(self) -> NDArray[np.float64]:
        """Guess how much hiding each player changes the question, without asking a model: [players], in any unit."""
        ...

    def grouped(self, groups: NDArray[np.intp]) -> "Players":
        """Make one player of all that have the same group number: [players], numbers 0, 1, ..."""
        ...


class Probe(Protocol):
    """The model as a set function: which players stay visible in, log-probability of every token out."""

    @property
    def tokens(self) -> int: ...  # how many tokens it scores

    def __call__(self, keeps: Keeps, /) -> LogProbs:
        """Give the log-probabilities [masks, tokens] of each mask [masks, players]."""
        ...

    def nothing(self) -> LogProbs:
        """Give the log-probabilities [tokens] with nothing visible, what belongs to no player included."""
        ...

    def of(self, tokens: Sequence[int]) -> "Probe":
        """Give the same probe for these tokens only."""
        ...


@dataclass(frozen=True, eq=False)
class Game:
    """What a method is given: the players, and a probe that says how likely the tokens are without some of them."""

    probe: Probe
    players: Players
    selection: tuple[int, ...] | None = None  # numbers of the tokens to explain; None is all
    start: NDArray[np.intp] | None = None  # [players], group numbers to begin with, for a method that splits groups
    opened: Open | None = None  # for a method that needs an open model
    distributions: Callable[[Keeps], Distributions] | None = None  # for a method that needs them
    texts: tuple[str, ...] = ()  # of the tokens, for a method's note to the reader
    contrast: bool = False  # the probe has one column, log p(this) - log p(that): log-odds already, not log p

    @property
    def open(self) -> Open:
        """Give the open model."""
        assert self.opened, "the method says that it needs an open model"
        return self.opened

    @property
    def distribution(self) -> Callable[[Keeps], Distributions]:
        """Give the function that maps masks [masks, players] to the distribution of the next word at each token."""
        assert self.distributions, "the method says that it needs the distribution"
        return self.distributions


class RunMethod(Protocol):
    """Decide which masks to ask about, at most `budget`, and turn the replies into scores [players, tokens]."""

    def __call__(self, game: Game, *, budget: int | None, seed: int) -> Scores: ...


class Sketch(Protocol):
    """Make the map to show while the method runs, from all masks and log-probs so far; NaN where nothing is known."""

    def __call__(self, players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores: ...


# (number of players, budget, seed) -> the masks that a method asks, besides those of everything and of nothing; or, if
# it chooses masks as it goes, the most that it may ask. A method that looks into the model asks no masks: its passes
# through the model are counted instead.
AsksMasks: TypeAlias = Callable[[int, int | None, int], Keeps | int]


@dataclass(frozen=True)
class Method:
    """A method and what a person must know to choose it."""

    run: RunMethod
    summary: str  # what it does, in one plain line
    masks: AsksMasks
    needs: Literal["probe", "open model", "distribution"]
    scope: Literal["all tokens", "selection"]  # a method for a selection is never run without one
    reads: Reads
    sketch: Sketch


@dataclass(frozen=True)
class Metric:
    """A figure that says how good a map is, and what a person must know to choose it."""

    run: Callable[[Game, Scores], Curve | float]
    summary: str  # what it does, in one plain line
    masks: int  # the most that it asks


SegmentAtOnce: TypeAlias = Callable[[Pixels, str], Segmentation]  # takes the picture and the text after the colon
# Takes the picture, the text after the colon and the device; yields progress in words, and last the Segmentation.
SegmentInWorker: TypeAlias = Callable[[Pixels, str, str], Iterator[str | Segmentation]]


@dataclass(frozen=True)
class Segmenter:
    """A way to cut a picture. `run` cuts at once; one that needs a neural network has `in_worker` instead."""

    run: SegmentAtOnce | None = None
    in_worker: SegmentInWorker | None = None
    summary: str = ""  # what it does, in one plain line
    example: str = ""  # how it is typed, such as "grid:8x8"


class Model(Protocol):
    """A vision-language model that answers, and scores its answer under other questions."""

    @property
    def batch(self) -> int: ...  # its batch size: how many questions go through it at once
    @property
    def device(self) -> str:
        """Name its device, such as "cpu" or "cuda:0"; a segmenter in the same worker uses it too."""
        ...

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        """Yield the text so far as it grows, and last the Answer; with `text`, score it instead of generating one."""
        ...

    def score(self, answer: Answer, questions: Sequence[Question]) -> LogProbs:
        """Give log p(token | question, tokens before it), in nats, for each question: [questions, tokens]."""
        ...


class Call(Protocol[Value_co]):
    """Something to ask of a model, as a value that travels to wherever the model is."""

    @property
    def masks(self) -> int:
        """Count the masks that it scores."""
        ...

    @property
    def task(self) -> Task | None:
        """Give the task that other calls have too, so that it is sent only once; None if there is none."""
        ...

    def run(self, model: Model) -> Iterator[str | Value_co]:
        """Ask the model: yield progress in words, and last the value."""
        ...


@runtime_checkable
class SharedCall(Call[Value], Protocol[Value]):
    """A call made of parts, such as masks, that several jobs may ask for at the same moment."""

    def keys(self, model: str) -> Sequence[bytes]:
        """Give a key for each part: parts with equal keys get equal replies from this model."""
        ...

    def only(self, parts: Sequence[int]) -> "SharedCall[Value]":
        """Make the same call for some of its parts, by their numbers."""
        ...

    def split(self, value: Value) -> Sequence[Any]:
        """Split the call's value into a reply for each part."""
        ...

    def join(self, replies: Sequence[Any]) -> Value:
        """Join a reply for each part into the call's value."""
        ...


class Worker(Protocol):
    """Runs the model calls of one job, here or elsewhere."""

    @property
    def lanes(self) -> int:
        """Say how many calls to run in parallel."""
        ...

    def run(self, call: Call[Value]) -> Iterator[str | Value]:
        """Yield what the call yields."""
        ...

    def chunk(self) -> int:
        """Say how many masks to send in one call."""
        ...

    def asking(self, model: str) -> "Worker":
        """Give the worker that asks another model in the same place, where it is loaded."""
        ...


class Slot(Protocol):
    """A process that runs one call at a time. All that it holds can be rebuilt, and it may raise WorkerLost."""

    def load(self, model: str) -> Iterator[str | int]:
        """Load a model: yield progress in words, and last its batch size."""
        ...

    def drop(self, model: str) -> None:
        """Unload a model, to free its memory; it may be loaded again."""
        ...

    def run(self, model: str, call: Call[Any]) -> Iterator[Any]:
        """Yield what the call yields with this model."""
        ...
