"""Every protocol, on one page: what a probe, a method, a segmenter, a model and a worker must do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from mmattr_app.domain import Answer, Keeps, LogProbs, Pixels, Question, Scores, Segmentation, Task


class Probe(Protocol):
    """The model as a set function: which regions stay visible in, log-probability of every token out."""

    @property
    def regions(self) -> int: ...
    @property
    def tokens(self) -> int: ...

    def __call__(self, keep: Keeps) -> LogProbs:
        """Answer each mask [masks, regions] with its log-probabilities [masks, tokens]."""
        ...

    def nothing(self) -> LogProbs:
        """Answer with every pixel hidden, those in no region too: [tokens]."""
        ...

    def of(self, tokens: Sequence[int]) -> "Probe":
        """Give the same probe with these columns only."""
        ...


class RunMethod(Protocol):
    """Decide which masks to ask about and turn the replies into scores."""

    def __call__(self, probe: Probe, *, budget: int | None, seed: int) -> Scores: ...


@dataclass(frozen=True)
class Method:
    """A method and what a person must know to choose it."""

    run: RunMethod
    says: str  # one plain line
    masks: Callable[[int, int | None, int], Keeps]  # (regions, budget, seed) -> what it asks, besides the whole picture
    needs: Literal["probe", "open model"]
    scope: Literal["all tokens", "selection"]


Cut: TypeAlias = Callable[[Pixels, str], Segmentation]  # takes the picture and the text after the colon
# ... and the device; yields how far it is in words, again and again, and the Segmentation last
SlowCut: TypeAlias = Callable[[Pixels, str, str], Iterator[str | Segmentation]]


@dataclass(frozen=True)
class Segmenter:
    """A way to cut a picture: `run` does it at once; where weights are needed, `in_worker` does it instead."""

    run: Cut | None = None
    in_worker: SlowCut | None = None
    says: str = ""
    example: str = ""


class Model(Protocol):
    """A vision-language model that answers, and scores its answer under other pictures."""

    @property
    def batch(self) -> int:
        """Say how many pictures go through it at once."""
        ...

    @property
    def device(self) -> str:
        """Name where it runs, such as "cpu" or "cuda:0"; what works beside it goes there too."""
        ...

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        """Yield the text so far, again and again, and the Answer last; with `text`, score that instead."""
        ...

    def score(self, answer: Answer, images: Sequence[Pixels]) -> LogProbs:
        """Give log p(token | picture, prompt, tokens before it) for each picture: [images, tokens]."""
        ...


@dataclass(frozen=True)
class ModelCard:
    """A model of the catalogue."""

    source: str  # hub id or folder
    says: str  # what it is good at
    billions: float  # of weights


class Worker(Protocol):
    """The model calls of one job, wherever they run."""

    @property
    def lanes(self) -> int:
        """Say how many chunks are worth asking at once."""
        ...

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]: ...

    def score(self, task: Task, keeps: Keeps) -> LogProbs:
        """Score masks [masks, regions + 1]; the last column is the pixels that no region holds."""
        ...

    def segment(self, image: Pixels, regions: str) -> Iterator[str | Segmentation]:
        """Cut the picture as `regions` says: yield how far it is in words, and the Segmentation last."""
        ...

    def chunk(self) -> int:
        """Say how many masks to send at once."""
        ...


class Slot(Protocol):
    """A place that runs one call at a time. It holds nothing that cannot be rebuilt, and may raise WorkerLost."""

    def load(self, model: str) -> Iterator[str | int]:
        """Make a model ready: yield how far it is in words, and last how many pictures go through it at once."""
        ...

    def drop(self, model: str) -> None:
        """Make room: the model is not needed for now."""
        ...

    def answer(self, model: str, question: Question, text: str | None) -> Iterator[str | Answer]: ...

    def score(self, model: str, task: Task, keeps: Keeps) -> LogProbs: ...

    def segment(self, model: str, image: Pixels, regions: str) -> Iterator[str | Segmentation]:
        """Cut a picture; the model only says beside which one, and need not look at it."""
        ...
