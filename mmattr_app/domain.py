"""Every value, on one page: what was asked, answered, cut into regions and scored."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.segmentation import Segmentation

if TYPE_CHECKING:
    from mmattr_app.arithmetic.shares import Shares
    from mmattr_app.contracts import Players

Pixels: TypeAlias = NDArray[np.uint8]  # [height, width, 3], RGB, upright
Keep: TypeAlias = NDArray[np.bool_]  # [players], one mask: True = the player stays visible
Keeps: TypeAlias = NDArray[np.bool_]  # [masks, players], several masks
LogProbs: TypeAlias = NDArray[np.float32]  # [masks, tokens], or [tokens] for one mask; in nats

# What a score says of a player: the log-probability that is lost when it is hidden, or gained when it alone is shown;
# its mean effect over many masks; its weight in the log-odds; how dependent the token is on it; a weight; its rank.
Reads: TypeAlias = Literal["measured loss", "measured gain", "mean effect", "estimate", "dependence", "weight", "order"]
UNITS: dict[Reads, str] = {
    "measured loss": "nats", "measured gain": "nats", "mean effect": "nats", "estimate": "logits",
    "dependence": "of 1", "weight": "", "order": "",
}  # fmt: skip
SERVED = "served"  # revision of a model on a server, which cannot be asked without words of its own answer
INTERVAL = 1.64  # standard errors: the 90% interval of a score is the score plus or minus this many


@dataclass(frozen=True)
class Sampling:
    """How a model chooses its words; a temperature of zero takes the likeliest each time (greedy)."""

    temperature: float = 0.0
    top_p: float = 1.0  # from 0 to 1: draw only from the likeliest tokens that make up this much of the probability
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of a model: pictures (none for a model that reads text only) and texts."""

    pictures: tuple[Pixels, ...]  # at their working size: the model sees these, and regions are cut from these
    prompt: str
    system: str = ""
    max_tokens: int = 64
    sampling: Sampling = Sampling()
    original: tuple[int, int] | None = (
        None  # height, width of the first picture before it was made smaller; None: as is
    )
    document: str = ""  # a text that the model reads before the prompt
    said_hidden: tuple[int, ...] = ()  # numbers of answer tokens that are left out when later tokens are scored

    @property
    def text(self) -> str:
        """Give the user's message: the document and the prompt."""
        return "\n\n".join(filter(None, (self.document, self.prompt)))

    @property
    def image(self) -> Pixels:
        """Give the first picture."""
        return self.pictures[0]

    @property
    def size_says(self) -> str:
        """Say that the picture was made smaller; empty if it was not, or if there is no picture."""
        if self.original is None or not self.pictures:
            return ""
        (height, width), (full_height, full_width) = self.image.shape[:2], self.original
        return f"The picture was made smaller, from {full_width}x{full_height} to {width}x{height} pixels."

    @cached_property
    def fingerprint(self) -> bytes:
        """Hash of all fields and all pixels."""
        return _digest(repr(replace(self, pictures=())), self.pictures)


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model said, token by token; stop tokens at the end are left out."""

    question: Question
    token_ids: tuple[int, ...]
    tokens: tuple[str, ...]  # joined, they are exactly the text; a token may be empty (half an emoji)
    logprobs: LogProbs  # [tokens], before temperature, as the model gave them while it generated the answer
    cut_off: bool  # the token limit ended it, not the model
    model: str
    revision: str
    precision: str
    noise: float = 0.0  # nats by which log-probs of one and the same picture differ; smaller scores mean nothing
    unfamiliar: float = 0.0  # probability of the model's sentence "I do not know such pictures"; 0 if it has none
    typed: bool = False  # a person's text, not the model's

    @property
    def text(self) -> str:
        """The answer as decoded by the model's tokenizer."""
        return "".join(self.tokens)

    def said(self, tokens: Sequence[int]) -> str:
        """Give the text of these tokens, without spaces around it."""
        return "".join(self.tokens[token] for token in tokens).strip()

    def tokens_at(self, start: int, stop: int) -> tuple[int, ...]:
        """Give the numbers of the tokens that hold characters `start` to `stop` of the text."""
        ends = self._ends
        return tuple(np.flatnonzero((np.append(0, ends[:-1]) < stop) & (ends > start)).tolist())

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        return np.cumsum([len(piece) for piece in self.tokens], dtype=np.int64)

    @cached_property
    def fingerprint(self) -> bytes:
        """Hash of all that the scores depend on."""
        asked = self.question
        said = (asked.text, asked.system, self.token_ids, self.model, self.revision, self.precision)
        return _digest(repr(said), asked.pictures)

    def key(self, question_key: bytes) -> bytes:
        """Give the cache key of the answer's log-probs under the question with this key (see `Players.keys`)."""
        return hashlib.blake2b(self.fingerprint + question_key, digest_size=16).digest()


def _digest(words: str, pictures: Sequence[Pixels]) -> bytes:
    shapes = [picture.shape for picture in pictures]
    digest = hashlib.blake2b(repr((words, shapes)).encode(), digest_size=16)
    for picture in pictures:
        digest.update(picture.tobytes())
    return digest.digest()


@dataclass(frozen=True, eq=False)
class Task:
    """An answer to score, and the players that masks hide: what a worker needs besides the masks."""

    answer: Answer
    players: "Players"

    @property
    def fingerprint(self) -> bytes:
        """Hash of all that the scores depend on, besides the masks."""
        return self.answer.fingerprint + self.players.fingerprint

    def keys(self, keeps: Keeps | None) -> list[bytes]:
        """Give the cache key of each mask's log-probs; None stands for the question with nothing visible."""
        question_keys = [self.players.blank_key()] if keeps is None else self.players.keys(keeps)
        return [self.answer.key(question_key) for question_key in question_keys]


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve: probability against the share of the picture; a mean of curves has the band that holds them."""

    shares: NDArray[np.float64]  # [points], from 0 to 1
    values: NDArray[np.float64]  # [points], from 0 to 1
    low: NDArray[np.float64] | None = None  # [points], the lowest of the curves
    high: NDArray[np.float64] | None = None  # [points], the highest of the curves

    @property
    def area(self) -> float:
        """Give the area under the curve (trapezoid rule)."""
        return float(np.trapezoid(self.values, self.shares))

    @property
    def highest(self) -> float:
        """Give the highest value: words can be likelier with a part of the picture than with all of it."""
        return float(self.values.max())


@dataclass(frozen=True, eq=False)
class Measured:
    """Figures of metrics for the map of some tokens."""

    tokens: tuple[int, ...]
    figures: Mapping[str, Curve | float]  # by the metric's name


@dataclass(frozen=True, eq=False)
class SecondMap:
    """Another map of some tokens, made to check the first one."""

    tokens: tuple[int, ...]
    method: str
    occluder: str
    reads: Reads
    says: str  # how far both agree, in sentences
    scores: NDArray[np.float32]  # [regions of every picture], summed over tokens; 0 if not surely different from 0
    segmentations: tuple[Segmentation, ...] = ()  # of each picture; empty if they are those of the first map


@dataclass(frozen=True, eq=False)
class Links:
    """Interactions: how much pairs of players do together beyond what each of them does."""

    index: str  # the measure, such as "Shapley interaction index"
    pairs: NDArray[np.intp]  # [links, 2], players as rows of `Scores.values`
    values: NDArray[np.float32]  # [links, tokens]; + they need each other, - one can stand in for the other


@dataclass(frozen=True, eq=False)
class PixelMaps:
    """Small maps of a picture, of a method that scores pixels, one byte for each cell, to be stored and sent."""

    levels: NDArray[np.int8]  # [tokens, height, width], -127 to 127; [1, height, width] for all chosen tokens together
    ends: NDArray[np.float32]  # [tokens or 1]: score = end * (level / 127)^2, with the sign of the level

    @property
    def values(self) -> NDArray[np.float32]:
        """Give the scores, rounded to levels, in the shape of `levels`."""
        shares = self.levels.astype(np.float32) / 127
        return np.asarray(shares * np.abs(shares) * self.ends[:, None, None], np.float32)


@dataclass(frozen=True, eq=False)
class Scores:
    """How much each player supports (+) or argues against (-) each token."""

    values: NDArray[np.float32]  # [players, tokens]; NaN where nothing is known of a player yet
    errors: NDArray[np.float32] | None = None  # [players, tokens], standard errors; None: the method has none
    correlation: NDArray[np.float32] | None = None  # [tokens, tokens], of the errors, the same for every player
    relative_error: float = 0.0  # a further standard error, as a share of the score
    doubts: NDArray[np.float32] | None = None  # [tokens], chance that the true top player is not near the one found
    groups: NDArray[np.intp] | None = None  # [players], group numbers: `values` then has a row for each group instead
    says: str = ""  # a note to the reader on how the scores came out, in a sentence; usually empty
    links: Links | None = None  # interactions of the players, if the method measures them
    pixels: tuple[PixelMaps, ...] = ()  # of each picture, the maps that `values` sum up, if the method scores pixels
    figures: Mapping[str, Curve | float] = field(default_factory=dict[str, Curve | float])  # the method's own, by name

    def error(self, tokens: Sequence[int]) -> NDArray[np.float32] | None:
        """Give the standard error of each player's score for a span, the sum of its tokens: [players]."""
        if self.errors is None:
            return None
        chosen, errors = list(tokens), self.errors[:, list(tokens)].astype(np.float64)
        together = np.eye(len(chosen)) if self.correlation is None else self.correlation[np.ix_(chosen, chosen)]
        variances = np.maximum(np.einsum("ps,st,pt->p", errors, together, errors), 0)
        off = self.relative_error * self.values[:, chosen].sum(axis=1)
        return np.sqrt(variances + off.astype(np.float64) ** 2).astype(np.float32)

    def surely_not_zero(self, tokens: Sequence[int]) -> NDArray[np.bool_]:
        """Say for each player whether its score for a span is surely not zero: [players]. Exact scores all are."""
        if (error := self.error(tokens)) is None:
            return np.ones(len(self.values), bool)
        return np.abs(self.values[:, list(tokens)].sum(axis=1)) >= INTERVAL * error

    def __array__(self, dtype: type | None = None, copy: bool | None = None) -> NDArray[np.float32]:
        """Let NumPy read the values directly."""
        return np.array(self.values, dtype, copy=copy)


@dataclass(frozen=True, eq=False)
class Attribution:
    """The result, unfinished or finished: an answer, its players, and each player's score for each token."""

    answer: Answer
    players: "Players"
    method: str
    budget: int | None  # masks; None is the method's own default
    seed: int
    scores: Scores
    reads: Reads
    logprob_full: LogProbs  # [tokens], everything visible; NaN while it is not known
    logprob_blank: LogProbs  # [tokens], nothing visible
    selection: tuple[int, ...] | None = None  # numbers of the tokens that are explained; None is all
    figures: Mapping[str, Curve | float] = field(default_factory=dict[str, Curve | float])  # by the metric's name
    shares: "Shares | None" = None  # of picture, question and own words, if several of them play
    instead_of: str = ""  # another text: the scores are then of log p(selection) - log p(this text)
    measured: tuple[Measured, ...] = ()  # figures for tokens that were chosen later
    compared: tuple[SecondMap, ...] = ()  # second maps of some tokens, such as with another occluder

    @property
    def chosen(self) -> tuple[int, ...]:
        """Give the numbers of the tokens that are explained: the selection, or all."""
        return tuple(range(len(self.answer.tokens))) if self.selection is None else self.selection

    @property
    def segmentation(self) -> Segmentation:
        """Give the regions of the first picture; some must have played."""
        segmentation = self.players.segmentation
        assert segmentation is not None, "no regions played"
        return segmentation

    @property
    def occluder(self) -> str:
        """Name what was shown in the place of hidden players."""
        return self.players.occluder

    @property
    def reliance(self) -> LogProbs:  # [tokens]
        """Give the nats that each token loses when nothing is visible."""
        return self.logprob_full - self.logprob_blank
