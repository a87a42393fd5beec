"""Toy games with a known answer, for methods and jobs to play instead of a model."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import permutations
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Game, Players, Probe, Worker
from mmattr_app.domain import Answer, Attribution, Keeps, LogProbs, Pixels, Question, Task
from mmattr_app.errors import AppError
from mmattr_app.jobs import JobQueue, Store
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Columns
from mmattr_app.segmentation import Segmentation
from mmattr_app.workers.calls import Answering, Scoring, Segmenting
from mmattr_app.workers.inline import InlineSlot


class LogitGame:
    """A probe in which every token's logit is a sum over the visible players: the answer is the weights themselves."""

    def __init__(self, weights: Sequence[Sequence[float]]) -> None:
        """Take weights [players, tokens]."""
        self.weights = np.array(weights)
        self.tokens = self.weights.shape[1]
        self.asked = 0

    def __call__(self, keep: Keeps) -> LogProbs:
        assert keep.dtype == bool
        assert keep.shape[1] == len(self.weights)
        self.asked += len(keep)
        logits = keep @ self.weights - 1.0
        return -np.logaddexp(0, -logits).astype(np.float32)

    def nothing(self) -> LogProbs:
        return self(np.zeros((1, len(self.weights)), bool))[0]

    def of(self, tokens: Sequence[int]) -> Probe:
        return LogitGame(self.weights[:, list(tokens)].tolist())

    @property
    def game(self) -> Game:
        """Play it with as many pixels in a row as players."""
        return Game(self, row_of_pixels(len(self.weights)))


class SetGame:
    """A probe whose log-probabilities [masks, tokens] are any function of who is visible [masks, players]."""

    def __init__(self, players: Players, logprobs: Callable[[Keeps], Any]) -> None:
        """Take who plays, and the function."""
        self.players, self.logprobs = players, logprobs
        self.tokens = np.shape(logprobs(np.zeros((1, players.count), bool)))[1]
        self.asked = 0

    def __call__(self, keep: Keeps) -> LogProbs:
        self.asked += len(keep)
        return np.asarray(self.logprobs(keep), np.float32)

    def nothing(self) -> LogProbs:
        return self(np.zeros((1, self.players.count), bool))[0]

    def of(self, tokens: Sequence[int]) -> Probe:
        return SetGame(self.players, lambda keep: np.asarray(self.logprobs(keep))[:, list(tokens)])

    @property
    def game(self) -> Game:
        """Play it, on all tokens."""
        return Game(self, self.players)


class PowerGame:
    """A probe of one token, as likely as a power of the share that is visible: its curves are the same in any order."""

    tokens = 1

    def __init__(self, shares: NDArray[np.float64], power: int) -> None:
        """Take each player's share of all."""
        self.shares, self.power = shares, power

    def __call__(self, keep: Keeps) -> Any:
        with np.errstate(divide="ignore"):
            return self.power * np.log(keep @ self.shares)[:, None]

    def nothing(self) -> Any:
        return np.array([-np.inf])

    def of(self, tokens: Sequence[int]) -> Probe:
        del tokens
        return self

    @property
    def game(self) -> Game:
        """Play it with as many pixels in a row as players."""
        return Game(self, row_of_pixels(len(self.shares)))


class TableGame:
    """A probe that looks each set of players up: bit i of a row's number says that player i is visible."""

    def __init__(self, logprobs: Any) -> None:
        """Take log-probabilities [2 ** players, tokens]."""
        table = np.asarray(logprobs, np.float64)
        self.players, self.tokens = len(table).bit_length() - 1, table.shape[1]
        self._look_up = lambda keep: table[keep @ (1 << np.arange(self.players))]
        self.asked = 0

    @classmethod
    def by(cls, worth: Callable[[Keeps], Any], *, players: int) -> "TableGame":
        """Take a function of masks instead of a table, for many players."""
        game = cls(np.zeros((1, worth(np.ones((1, players), bool)).shape[1])))
        game.players, game._look_up = players, worth
        return game

    def __call__(self, keep: Keeps) -> LogProbs:
        self.asked += len(keep)
        return self._look_up(keep).astype(np.float32)

    def of_set(self, members: Iterable[int]) -> Any:
        """Give the log-probabilities [tokens] with these players visible, without counting it."""
        return self._look_up(np.isin(np.arange(self.players), list(members))[None])[0]

    def nothing(self) -> LogProbs:
        return self(np.zeros((1, self.players), bool))[0]

    def of(self, tokens: Sequence[int]) -> Probe:
        return Columns(self, tokens)

    @property
    def game(self) -> Game:
        """Play it with as many pixels in a row as players."""
        return Game(self, row_of_pixels(self.players))


def row_of_pixels(count: int) -> Regions:
    """Make players of single pixels, side by side."""
    cut = Segmentation.from_labels("row", np.arange(count)[None])
    return Regions(Question((np.zeros((1, count, 3), np.uint8),), "?"), cut, "white")


def an_answer(*tokens: str) -> Answer:
    """Make an answer of these tokens, to a question about a black picture."""
    question = Question((np.zeros((4, 4, 3), np.uint8),), "?")
    ids = tuple(hash(token) for token in tokens)
    return Answer(question, ids, tokens, np.zeros(len(tokens), np.float32), False, "m", "1", "float32")


def by_orders(values: np.ndarray, number: int) -> np.ndarray:
    """Average what a player adds over all orders in which they come; `values` [2^players, tokens] is of all masks."""
    found = np.zeros((number, values.shape[1]))
    orders = list(permutations(range(number)))
    for order in orders:
        mask = 0
        for player in order:
            found[player] += (values[mask | 1 << player] - values[mask]) / len(orders)
            mask |= 1 << player
    return found


def explain_regions(worker: Worker, answer: Answer, segmentation: Segmentation, plan: Plan, **more: Any) -> Attribution:
    """Explain an answer by regions of its picture."""
    return pipeline.explain(worker, answer, Regions(answer.question, segmentation, plan.occluder), plan, **more)


class RunsCalls(ABC):
    """A worker that does each call in a method of its own, so that a toy says only what is special about it."""

    def run(self, call: Any) -> Iterator[Any]:
        """Hand the call to `answer`, `score` or `segment`."""
        match call:
            case Answering():
                return self.answer(call.question, call.text)
            case Scoring(task=Task() as task):
                keeps = np.zeros((1, task.players.count), bool) if call.keeps is None else call.keeps
                return iter([self.score(task, keeps, blank=call.keeps is None)])
            case Segmenting():
                return self.segment(call.image, call.regions)
            case _:
                return call.run(self)

    @abstractmethod
    def answer(self, question: Question, text: str | None) -> Iterator[str | Answer]: ...

    @abstractmethod
    def score(self, task: Task, keeps: Keeps, *, blank: bool) -> LogProbs: ...

    def segment(self, image: Pixels, regions: str) -> Iterator[str | Segmentation]:
        yield pipeline.segment(image, regions)

    def asking(self, model: str) -> Any:
        """Find no other model."""
        raise AppError(f"This toy knows no {model}.")


class FreeModel:
    """A model that costs nothing: it says one word, looks at each question and scores none."""

    batch = 4
    device = "cpu"

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        said = text or "Cat"
        yield Answer(question, (1,), (said,), np.zeros(1, np.float32), False, "free", "1", "float32")

    def score(self, answer: Answer, questions: Sequence[Question]) -> LogProbs:
        del answer
        return np.zeros((sum(1 for _ in questions), 1), np.float32)  # each is made as it is looked at


WORTH = 0.04  # nats that region 1 is worth to ToyWorker; region 2 twice as much, and so on


class ToyWorker(RunsCalls):
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
        self.worth: Callable[[int], Any] = lambda count: WORTH * np.arange(count, dtype=np.float32)

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

    def score(self, task: Task, keeps: Keeps, *, blank: bool) -> LogProbs:
        del task
        self.busy.set()
        self.gate.wait(60)
        self.chunks += 1
        self.masks += len(keeps)
        hidden = np.hstack([~keeps, np.full((len(keeps), 1), blank)])  # the pixels of no region come last
        return np.repeat(-90 - (hidden @ self.worth(hidden.shape[1]))[:, None], 2, axis=1).astype(np.float32)

    def segment(self, image: Pixels, regions: str) -> Iterator[str | Segmentation]:
        yield "points 1 of 2"
        self.gate.wait(60)
        self.cuts += 1
        rows, columns = np.indices(image.shape[:2])
        yield Segmentation.from_labels(regions, (rows > 20).astype(int) + (columns > 20))

    def chunk(self) -> int:
        return self.batch


class Waits:
    """A call that lasts as long as a gate is closed."""

    masks, task = 0, None

    def __init__(self, gate: Event) -> None:
        self.gate = gate

    def run(self, model: object) -> Iterator[Any]:
        del model
        while not self.gate.wait(0.01):
            yield "it waits"


def toy_queue(toy: ToyWorker, folder: Path) -> JobQueue:
    """Put a queue in front of a toy."""
    open_toy: Any = lambda *_, **__: toy  # noqa: E731  (it need not be an InlineWorker to act as one)
    return JobQueue.on([InlineSlot(open_toy)], Store(folder))
