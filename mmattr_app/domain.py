"""Every value, on one page: what was asked, answered, cut into regions and scored."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mmattr_app.contracts import Players

Pixels: TypeAlias = NDArray[np.uint8]  # [height, width, 3], RGB, upright
Mask: TypeAlias = NDArray[np.bool_]  # [height, width]
LabelMap: TypeAlias = NDArray[np.int32]  # [height, width], a number for each pixel; -1 where there is none
Keep: TypeAlias = NDArray[np.bool_]  # [players], True = the player stays visible
Keeps: TypeAlias = NDArray[np.bool_]  # [masks, players]
LogProbs: TypeAlias = NDArray[np.float32]  # [masks, tokens], or [tokens] for one mask; in nats

# What a score is: log-probability lost, as measured; what a player adds to a token's log-odds, as estimated;
# a weight that the model gives it; or its place in an order.
Reads: TypeAlias = Literal["measured loss", "estimate", "weight", "order"]
UNITS: dict[Reads, str] = {"measured loss": "nats", "estimate": "logits", "weight": "", "order": ""}
INTERVAL = 1.64  # standard errors to either side of a score, which hold it nine times in ten


@dataclass(frozen=True)
class Sampling:
    """How a model chooses its words; a temperature of zero takes the likeliest each time (greedy)."""

    temperature: float = 0.0
    top_p: float = 1.0  # only the likeliest tokens that make up this much of the probability
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Question:
    """Pictures and what is asked about them."""

    pictures: tuple[Pixels, ...]  # at their working size: what the model sees, and what regions are cut from
    prompt: str
    system: str = ""
    max_tokens: int = 64
    sampling: Sampling = Sampling()
    original: tuple[int, int] | None = None  # height, width of the picture before it was made smaller, if it was

    @property
    def image(self) -> Pixels:
        """Give the first picture."""
        return self.pictures[0]

    @property
    def size_says(self) -> str:
        """Say that the picture was made smaller; mostly nothing."""
        if self.original is None:
            return ""
        (height, width), (was_high, was_wide) = self.image.shape[:2], self.original
        return f"The picture was made smaller, from {was_wide}x{was_high} to {width}x{height} pixels."


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

    @property
    def text(self) -> str:
        """The answer as decoded by the model's tokenizer."""
        return "".join(self.tokens)

    @cached_property
    def fingerprint(self) -> bytes:
        """Equal for answers whose scores must be equal."""
        asked = self.question
        said = (asked.prompt, asked.system, self.token_ids, self.model, self.revision, self.precision)
        digest = hashlib.blake2b(repr((said, [picture.shape for picture in asked.pictures])).encode(), digest_size=16)
        for picture in asked.pictures:
            digest.update(picture.tobytes())
        return digest.digest()


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Regions of one picture, which may overlap and leave pixels uncovered.

    An atom is a set of pixels that the very same regions hold. Where no regions overlap, each is one atom, and the atom
    map is a label map.
    """

    made_by: str  # as typed, such as "grid:8x8"
    atoms: LabelMap  # the atom of each pixel; -1 where no region is
    holds: NDArray[np.bool_]  # [regions, atoms]
    says: str = ""  # what a person should know of how it came out, in sentences; mostly nothing

    @classmethod
    def from_labels(cls, made_by: str, labels: NDArray[np.integer], says: str = "") -> "Segmentation":
        """Make regions 0, 1, ... in the order of their labels; a negative label is no region."""
        regions, numbered = _numbered(labels)
        return cls(made_by, numbered, np.eye(regions, dtype=bool), says)

    @classmethod
    def from_masks(cls, made_by: str, masks: NDArray[np.bool_], says: str = "") -> "Segmentation":
        """Make a region of each mask [regions, height, width]."""
        flat = masks.reshape(len(masks), -1)
        codes = np.zeros(flat.shape[1], np.uint64)  # of each pixel: the XOR of a random number for each of its regions
        for mask, number in zip(flat, np.random.default_rng(0).integers(1, 2**63, len(masks), np.uint64), strict=True):
            codes[mask] ^= number
        starts = np.flatnonzero(np.diff(codes, prepend=~codes[:1]))
        _, first, run_atoms = np.unique(codes[starts], return_index=True, return_inverse=True)
        atoms = np.repeat(run_atoms, np.diff(starts, append=len(codes))).astype(np.int32)
        return cls.from_atoms(made_by, atoms.reshape(masks.shape[1:]), flat[:, starts[first]], says)

    @classmethod
    def from_atoms(cls, made_by: str, atoms: LabelMap, holds: NDArray[np.bool_], says: str = "") -> "Segmentation":
        """Join what the same regions hold; an atom that no region holds becomes no atom."""
        kinds, kind = np.unique(np.packbits(holds, axis=0), axis=1, return_inverse=True)
        number = kinds.shape[1] - 1 - kind.ravel()  # first what the first region holds
        joined = np.zeros((len(holds), kinds.shape[1]), bool)
        joined[:, number] = holds
        if joined.shape[1] and not joined[:, -1].any():
            joined, number = joined[:, :-1], np.where(number == joined.shape[1] - 1, -1, number)
        return cls(made_by, np.append(number, -1).astype(np.int32)[atoms], joined, says)

    @property
    def regions(self) -> int:
        """Count the regions."""
        return len(self.holds)

    @property
    def shape(self) -> tuple[int, int]:
        """Give height and width."""
        return self.atoms.shape[0], self.atoms.shape[1]

    @property
    def nbytes(self) -> int:
        """Count the bytes that it takes."""
        return self.atoms.nbytes + self.holds.nbytes

    def mask(self, region: int) -> Mask:
        """Say which pixels the region holds."""
        return np.append(self.holds[region], False)[self.atoms]  # atom -1 reads the last entry

    def hidden_atoms(self, keep: Keep) -> NDArray[np.bool_]:  # [atoms]
        """Say which atoms are hidden: those that any hidden region holds."""
        return np.logical_or.reduce(self.holds[~keep], axis=0)

    def hidden(self, keep: Keep) -> Mask:
        """Say which pixels are hidden."""
        return np.append(self.hidden_atoms(keep), False)[self.atoms]

    @cached_property
    def fingerprint(self) -> bytes:
        """Equal for the same regions of a picture of the same size."""
        held = repr((self.holds.shape, self.shape)).encode() + self.atoms.tobytes() + np.packbits(self.holds).tobytes()
        return hashlib.blake2b(held, digest_size=16).digest()

    @cached_property
    def areas(self) -> NDArray[np.int64]:  # [regions]
        """Count the pixels of each region."""
        return self.holds @ np.bincount(self.atoms.ravel() + 1, minlength=self.holds.shape[1] + 1)[1:]

    def __getstate__(self) -> dict[str, Any]:
        """Travel small: an atom map shrinks a hundredfold at any level, so the fastest one is taken."""
        packed = np.packbits(self.holds)
        squeezed = {"atoms": zlib.compress(self.atoms.tobytes(), 1), "holds": zlib.compress(packed.tobytes(), 1)}
        return {"made_by": self.made_by, "says": self.says, "sizes": (self.shape, self.holds.shape), **squeezed}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Unpack what travelled."""
        shape, (regions, atoms) = state.pop("sizes")
        held = np.unpackbits(np.frombuffer(zlib.decompress(state["holds"]), np.uint8), count=regions * atoms)
        state["holds"] = held.reshape(regions, atoms).astype(bool)
        state["atoms"] = np.frombuffer(zlib.decompress(state["atoms"]), np.int32).reshape(shape)
        self.__dict__.update(state)


def _numbered(labels: NDArray[np.integer]) -> tuple[int, LabelMap]:
    """Count the regions, and number them without gaps in the order of their labels; a negative one becomes -1."""
    if labels.max(initial=0) > labels.size:  # numbers such as colours: they are sorted, which takes long
        names, numbered = np.unique(labels, return_inverse=True)
        outside = int((names < 0).sum())
        return len(names) - outside, np.maximum(numbered.reshape(labels.shape) - outside, -1).astype(np.int32)
    numbered = np.maximum(labels.astype(np.int64), -1).astype(np.int32)
    there = np.bincount(numbered.ravel() + 1, minlength=1)[1:] > 0
    regions = int(there.sum())
    if regions == len(there):
        return regions, numbered
    return regions, np.append(np.cumsum(there) - 1, -1).astype(np.int32)[numbered]  # label -1 reads the last entry


@dataclass(frozen=True, eq=False)
class Task:
    """What a worker needs, besides the masks, to score them."""

    answer: Answer
    players: "Players"

    @property
    def fingerprint(self) -> bytes:
        """Equal for tasks whose scores must be equal."""
        return self.answer.fingerprint + self.players.fingerprint


@dataclass(frozen=True, eq=False)
class Curve:
    """A line to draw: values over a share of the picture, each from 0 to 1."""

    shares: NDArray[np.float32]  # [points]
    values: NDArray[np.float32]  # [points]

    @property
    def area(self) -> float:
        """Give the area under its straight lines."""
        return float(np.trapezoid(self.values, self.shares))


@dataclass(frozen=True, eq=False)
class Links:
    """How much pairs of players do together beyond what they do each."""

    index: str  # by which it is measured, such as "Shapley interaction index"
    pairs: NDArray[np.intp]  # [links, 2], numbers of players
    values: NDArray[np.float32]  # [links, tokens]; + they need each other, - one does for the other


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
    instead_of: str = ""  # something else than the selection: the scores are of the difference of both

    @property
    def segmentation(self) -> Segmentation:
        """Give the regions of the picture that played."""
        segmentation = self.players.segmentation
        assert segmentation is not None, "these players are no regions"
        return segmentation

    @property
    def occluder(self) -> str:
        """Name what was shown in the place of what was hidden."""
        return self.players.occluder

    @property
    def reliance(self) -> LogProbs:  # [tokens]
        """How much each token relies on the picture at all."""
        return self.logprob_full - self.logprob_blank
