"""Every protocol, on one page: what players, a probe, a method, a segmenter, a model and a worker must do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Answer, Curve, Keep, Keeps, LogProbs, Pixels, Question, Reads, Scores, Task
from mmattr_app.open_models import Distributions, Open
from mmattr_app.segmentation import Segmentation

Value_co = TypeVar("Value_co", covariant=True)
Value = TypeVar("Value")


class Players(Protocol):
    """What can be hidden of a question: regions of its picture, words of its prompt."""

    @property
    def question(self) -> Question:
        """Give the question with everybody visible."""
        ...

    @property
    def count(self) -> int: ...
    @property
    def fingerprint(self) -> bytes:
        """Equal for players that make equal questions of equal masks."""
        ...

    @property
    def nbytes(self) -> int:
        """Count the bytes that they take besides the question."""
        ...

    @property
    def segmentation(self) -> Segmentation | None:
        """Give the regions of the picture among them, which come first; None where there is none."""
        ...

    @property
    def occluder(self) -> str:
        """Name what is shown in the place of what is hidden."""
        ...

    @property
    def says(self) -> str:
        """Say what a person should know of who plays, in sentences; mostly nothing."""
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
        """Name the question of each mask: equal for equal questions, whoever the players are."""
        ...

    def blank_key(self) -> bytes:
        """Name the question in which nothing is visible."""
        ...

    def weights(self) -> NDArray[np.float64]:
        """Say how large each player is, as a share of all: [players]."""
        ...

    def places(self) -> NDArray[np.float64]:
        """Say where each player is, in mean sizes of a player: [players, dimensions]."""
        ...

    def change(self) -> NDArray[np.float64]:
        """Guess how much hiding each player changes the question, without asking a model: [players]."""
        ...

    def grouped(self, groups: NDArray[np.intp]) -> "Players":
        """Make one player of all that have the same number: 0, 1, ... for each player."""
        ...


class Probe(Protocol):
    """The model as a set function: which players stay visible in, log-probability of every token out."""

    @property
    def tokens(self) -> int: ...

    def __call__(self, keep: Keeps) -> LogProbs:
        """Answer each mask [masks, players] with its log-probabilities [masks, tokens]."""
        ...

    def nothing(self) -> LogProbs:
        """Answer with nothing visible, what belongs to no player included: [tokens]."""
        ...

    def of(self, tokens: Sequence[int]) -> "Probe":
        """Give the same probe with these columns only."""
        ...


@dataclass(frozen=True, eq=False)
class Game:
    """What a method plays: the players, and a probe that says what the model makes of them."""

    probe: Probe
    players: Players
    selection: tuple[int, ...] | None = None  # the tokens that the map is for; None is all
    start: NDArray[np.intp] | None = None  # groups of players to begin with, for a method that splits them
    opened: Open | None = None  # for a method that needs an open model
    distributions: Callable[[Keeps], Distributions] | None = None  # for a method that needs them
    texts: tuple[str, ...] = ()  # of the tokens, for what a method says of them
    contrast: bool = False  # the probe's one column is log p(this) - log p(that), log-odds already, and not log p

    @property
    def open(self) -> Open:
        """Give what the open model shows."""
        assert self.opened, "the method says that it needs an open model"
        return self.opened

    @property
    def distribution(self) -> Callable[[Keeps], Distributions]:
        """Give what asks masks [masks, players] for the distribution of the next word at each token."""
        assert self.distributions, "the method says that it needs the distribution"
        return self.distributions


class RunMethod(Protocol):
    """Decide which masks to ask about and turn the replies into scores."""

    def __call__(self, game: Game, *, budget: int | None, seed: int) -> Scores: ...


class Sketch(Protocol):
    """Turn what was asked so far into the map that is shown while the method runs; NaN where nothing is known."""

    def __call__(self, players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores: ...


# (players, budget, seed) -> the masks that a method asks, besides everything and nothing; one that decides as it goes
# gives the most that it may ask.
AsksMasks: TypeAlias = Callable[[int, int | None, int], Keeps | int]


@dataclass(frozen=True)
class Method:
    """A method and what a person must know to choose it."""

    run: RunMethod
    says: str  # one plain line
    masks: AsksMasks
    needs: Literal["probe", "open model", "distribution"]
    scope: Literal["all tokens", "selection"]  # a method for a selection is never run without one
    reads: Reads
    sketch: Sketch


@dataclass(frozen=True)
class Metric:
    """A figure that says how good a map is, and what a person must know to choose it."""

    run: Callable[[Game, Scores], Curve | float]
    says: str  # one plain line
    masks: int  # the most that it asks


SegmentAtOnce: TypeAlias = Callable[[Pixels, str], Segmentation]  # takes the picture and the text after the colon
# ... and the device; yields how far it is in words, again and again, and the Segmentation last
SegmentInWorker: TypeAlias = Callable[[Pixels, str, str], Iterator[str | Segmentation]]


@dataclass(frozen=True)
class Segmenter:
    """A way to cut a picture: `run` does it at once; where weights are needed, `in_worker` does it instead."""

    run: SegmentAtOnce | None = None
    in_worker: SegmentInWorker | None = None
    says: str = ""
    example: str = ""


class Model(Protocol):
    """A vision-language model that answers, and scores its answer under other questions."""

    @property
    def batch(self) -> int:
        """Say how many questions go through it at once."""
        ...

    @property
    def device(self) -> str:
        """Name where it runs, such as "cpu" or "cuda:0"; what works beside it goes there too."""
        ...

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        """Yield the text so far, again and again, and the Answer last; with `text`, score that instead."""
        ...

    def score(self, answer: Answer, questions: Sequence[Question]) -> LogProbs:
        """Give log p(token | question, tokens before it) for each question: [questions, tokens]."""
        ...


@dataclass(frozen=True)
class ModelCard:
    """A model of the catalogue."""

    source: str  # hub id or folder
    says: str  # what it is good at
    billions: float  # of weights
    knows: str = ""  # what its pictures must be, in a sentence, where it knows no others
    asks: tuple[str, ...] = ()  # questions that it answers well


class Call(Protocol[Value_co]):
    """Something to ask of a model, as a value that travels to wherever the model is."""

    @property
    def masks(self) -> int:
        """Count the masks that it scores."""
        ...

    @property
    def task(self) -> Task | None:
        """Give what other calls need as well, so that it travels once."""
        ...

    def run(self, model: Model) -> Iterator[str | Value_co]:
        """Ask: yield how far it is in words, again and again, and the value last."""
        ...


@runtime_checkable
class SharedCall(Call[Value], Protocol[Value]):
    """A call whose parts, such as masks, several jobs may ask at the same moment."""

    def keys(self, model: str) -> Sequence[bytes]:
        """Name each part: equal for parts of which the same model says the same."""
        ...

    def only(self, parts: Sequence[int]) -> "SharedCall[Value]":
        """Make the call for some of its parts."""
        ...

    def split(self, value: Value) -> Sequence[Any]:
        """Take apart what came of the call: a reply for each part."""
        ...

    def join(self, replies: Sequence[Any]) -> Value:
        """Put together what comes of the call from the replies to its parts."""
        ...


class Worker(Protocol):
    """The model calls of one job, wherever they run."""

    @property
    def lanes(self) -> int:
        """Say how many chunks are worth asking at once."""
        ...

    def run(self, call: Call[Value]) -> Iterator[str | Value]:
        """Yield what the call yields."""
        ...

    def chunk(self) -> int:
        """Say how many masks to send at once."""
        ...


class Slot(Protocol):
    """A place that runs one call at a time. It holds nothing that cannot be rebuilt, and may raise WorkerLost."""

    def load(self, model: str) -> Iterator[str | int]:
        """Make a model ready: yield how far it is in words, and last how many questions go through it at once."""
        ...

    def drop(self, model: str) -> None:
        """Make room: the model is not needed for now."""
        ...

    def run(self, model: str, call: Call[Any]) -> Iterator[Any]:
        """Yield what the call yields with this model."""
        ...
