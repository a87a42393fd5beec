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
Keep: TypeAlias = NDArray[np.bool_]  # [players], True = the player stays visible
Keeps: TypeAlias = NDArray[np.bool_]  # [masks, players]
LogProbs: TypeAlias = NDArray[np.float32]  # [masks, tokens], or [tokens] for one mask; in nats

# What a score is: lost when hidden or gained alone, added on average or to the log-odds, or another figure.
Reads: TypeAlias = Literal["measured loss", "measured gain", "mean effect", "estimate", "dependence", "weight", "order"]
UNITS: dict[Reads, str] = {
    "measured loss": "nats", "measured gain": "nats", "mean effect": "nats", "estimate": "logits",
    "dependence": "of 1", "weight": "", "order": "",
}  # fmt: skip
INTERVAL = 1.64  # standard errors to either side of a score, which hold it nine times in ten


@dataclass(frozen=True)
class Sampling:
    """How a model chooses its words; a temperature of zero takes the likeliest each time (greedy)."""

    temperature: float = 0.0
    top_p: float = 1.0  # only the likeliest tokens that make up this much of the probability
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Question:
    """Pictures, none where a model reads text only, and what is asked about them."""

    pictures: tuple[Pixels, ...]  # at their working size: what the model sees, and what regions are cut from
    prompt: str
    system: str = ""
    max_tokens: int = 64
    sampling: Sampling = Sampling()
    original: tuple[int, int] | None = None  # height, width of the first picture before it was made smaller, if it was
    document: str = ""  # a text to read, which the model is given before the prompt
    said_hidden: tuple[int, ...] = ()  # tokens of its answer that are left out for those after them

    @property
    def text(self) -> str:
        """Give all that the user says: the document and the prompt."""
        return "\n\n".join(filter(None, (self.document, self.prompt)))

    @property
    def image(self) -> Pixels:
        """Give the first picture."""
        return self.pictures[0]

    @property
    def size_says(self) -> str:
        """Say that the picture was made smaller; mostly nothing, as where the picture is not at hand."""
        if self.original is None or not self.pictures:
            return ""
        (height, width), (was_high, was_wide) = self.image.shape[:2], self.original
        return f"The picture was made smaller, from {was_wide}x{was_high} to {width}x{height} pixels."

    @cached_property
    def fingerprint(self) -> bytes:
        """Equal for questions that are the same in everything."""
        return _digest(repr(replace(self, pictures=())), self.pictures)


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model said, one column for each generated id; stop tokens at the end are left out."""

    question: Question
    token_ids: tuple[int, ...]
    tokens: tuple[str, ...]  # their concatenation is the text exactly; one may be empty (half an emoji)
    logprobs: LogProbs  # [tokens], raw (before temperature), as the model gave them when it spoke
    cut_off: bool  # the token limit ended it, not the model
    model: str
    revision: str
    precision: str
    noise: float = 0.0  # how far the log-probs of one and the same picture move; no smaller score says anything
    unfamiliar: float = 0.0  # probability that it says it knows no such picture; 0 where a model has no such sentence
    typed: bool = False  # a person's text, not the model's

    @property
    def text(self) -> str:
        """The answer as decoded by the model's tokenizer."""
        return "".join(self.tokens)

    def said(self, tokens: Sequence[int]) -> str:
        """Give some tokens as they are said, without spaces around them."""
        return "".join(self.tokens[token] for token in tokens).strip()

    def tokens_at(self, start: int, stop: int) -> tuple[int, ...]:
        """Give the tokens that have characters of the text from `start` to `stop`."""
        ends = self._ends
        return tuple(np.flatnonzero((np.append(0, ends[:-1]) < stop) & (ends > start)).tolist())

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        return np.cumsum([len(piece) for piece in self.tokens], dtype=np.int64)

    @cached_property
    def fingerprint(self) -> bytes:
        """Equal for answers whose scores must be equal."""
        asked = self.question
        said = (asked.text, asked.system, self.token_ids, self.model, self.revision, self.precision)
        return _digest(repr(said), asked.pictures)

    def key(self, name: bytes) -> bytes:
        """Name its log-probs under the question that players call by this name."""
        return hashlib.blake2b(self.fingerprint + name, digest_size=16).digest()


def _digest(words: str, pictures: Sequence[Pixels]) -> bytes:
    shapes = [picture.shape for picture in pictures]
    digest = hashlib.blake2b(repr((words, shapes)).encode(), digest_size=16)
    for picture in pictures:
        digest.update(picture.tobytes())
    return digest.digest()


@dataclass(frozen=True, eq=False)
class Task:
    """What a worker needs, besides the masks, to score them."""

    answer: Answer
    players: "Players"

    @property
    def fingerprint(self) -> bytes:
        """Equal for tasks whose scores must be equal."""
        return self.answer.fingerprint + self.players.fingerprint

    def keys(self, keeps: Keeps | None) -> list[bytes]:
        """Name the log-probs of each mask, or with nothing visible (None): equal for those that must be equal."""
        names = [self.players.blank_key()] if keeps is None else self.players.keys(keeps)
        return [self.answer.key(name) for name in names]


@dataclass(frozen=True, eq=False)
class Curve:
    """A line to draw: values over a share of the picture, each from 0 to 1; a mean of lines has the band they fill."""

    shares: NDArray[np.float64]  # [points]
    values: NDArray[np.float64]  # [points]
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None

    @property
    def area(self) -> float:
        """Give the area under its straight lines."""
        return float(np.trapezoid(self.values, self.shares))

    @property
    def highest(self) -> float:
        """Give its highest value: with a part of the picture words can be likelier than with all of it."""
        return float(self.values.max())


@dataclass(frozen=True, eq=False)
class Measured:
    """What metrics say of a map for some words."""

    tokens: tuple[int, ...]
    figures: Mapping[str, Curve | float]  # by the metric's name


@dataclass(frozen=True, eq=False)
class SecondMap:
    """Another map of some words, by which a map was checked."""

    tokens: tuple[int, ...]
    method: str
    occluder: str
    reads: Reads
    says: str  # how far both agree, in sentences
    scores: NDArray[np.float32]  # [regions], of the words together; zero where it may be zero
    cut: Segmentation | None = None  # its regions, where they are not those of the map itself


@dataclass(frozen=True, eq=False)
class Links:
    """How much pairs of players do together beyond what they do each."""

    index: str  # by which it is measured, such as "Shapley interaction index"
    pairs: NDArray[np.intp]  # [links, 2], numbers of players
    values: NDArray[np.float32]  # [links, tokens]; + they need each other, - one does for the other


@dataclass(frozen=True, eq=False)
class PixelMaps:
    """Small maps over the picture by a method that reads its pixels; a byte for each cell, to be kept and sent."""

    levels: NDArray[np.int8]  # [tokens, height, width], -127 to 127; [1, height, width] of all chosen tokens together
    ends: NDArray[np.float32]  # [tokens or 1], the score of level 127; a score goes with the square of its level

    @property
    def values(self) -> NDArray[np.float32]:
        """Give the scores, as near as a byte comes: like `levels`."""
        shares = self.levels.astype(np.float32) / 127
        return np.asarray(shares * np.abs(shares) * self.ends[:, None, None], np.float32)


@dataclass(frozen=True, eq=False)
class Scores:
    """How much each player supports (+) or argues against (-) each token."""

    values: NDArray[np.float32]  # [players, tokens]; NaN where a player was not asked yet
    errors: NDArray[np.float32] | None = None  # their standard errors, where the method has them
    correlation: NDArray[np.float32] | None = None  # [tokens, tokens], of the errors, the same for every player
    relative_error: float = 0.0  # ... and the share of a score by which it is off besides
    doubts: NDArray[np.float32] | None = None  # [tokens], the chance that a token's top player is not near its own
    groups: NDArray[np.intp] | None = None  # [players]: players hidden together, whose rows are one; None: each alone
    says: str = ""  # what a person should know of how they came out, in a sentence; mostly nothing
    links: Links | None = None  # between players, by their rows here, where the method has them
    pixels: PixelMaps | None = None  # from which the values were added up, where the method reads pixels
    figures: Mapping[str, Curve | float] = field(default_factory=dict[str, Curve | float])  # that it has besides

    def error(self, tokens: Sequence[int]) -> NDArray[np.float32] | None:
        """Give the standard error of each player's score for a span, the sum of its tokens; None if unknown."""
        if self.errors is None:
            return None
        chosen, errors = list(tokens), self.errors[:, list(tokens)].astype(np.float64)
        together = np.eye(len(chosen)) if self.correlation is None else self.correlation[np.ix_(chosen, chosen)]
        variances = np.maximum(np.einsum("ps,st,pt->p", errors, together, errors), 0)
        off = self.relative_error * self.values[:, chosen].sum(axis=1)
        return np.sqrt(variances + off.astype(np.float64) ** 2).astype(np.float32)

    def __array__(self, dtype: type | None = None, copy: bool | None = None) -> NDArray[np.float32]:
        """Let NumPy read the values directly."""
        return np.array(self.values, dtype, copy=copy)


@dataclass(frozen=True, eq=False)
class Attribution:
    """The result, half done or done: an answer, who played, and what each player means to each token."""

    answer: Answer
    players: "Players"
    method: str
    budget: int | None  # None is the method's own default
    seed: int
    scores: Scores
    reads: Reads
    logprob_full: LogProbs  # [tokens], everything visible; NaN while it is not known
    logprob_blank: LogProbs  # [tokens], nothing visible
    selection: tuple[int, ...] | None = None  # the tokens that it is for; None is all
    figures: Mapping[str, Curve | float] = field(default_factory=dict[str, Curve | float])  # by the metric's name
    shares: "Shares | None" = None  # of picture, question and own words, where several of them play
    instead_of: str = ""  # something else than the selection: the scores are of the difference of both
    measured: tuple[Measured, ...] = ()  # figures of words that were chosen later
    compared: tuple[SecondMap, ...] = ()  # second maps of words, such as with another occluder

    @property
    def chosen(self) -> tuple[int, ...]:
        """Give the tokens that it is for: the selection, or all."""
        return tuple(range(len(self.answer.tokens))) if self.selection is None else self.selection

    @property
    def segmentation(self) -> Segmentation:
        """Give the regions of the first picture that played."""
        segmentation = self.players.segmentation
        assert segmentation is not None, "no regions played"
        return segmentation

    @property
    def occluder(self) -> str:
        """Name what was shown in the place of what was hidden."""
        return self.players.occluder

    @property
    def reliance(self) -> LogProbs:  # [tokens]
        """How much each token relies on the picture at all."""
        return self.logprob_full - self.logprob_blank
