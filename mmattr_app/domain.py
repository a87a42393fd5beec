"""Every value, on one page: what was asked, answered, cut into regions and scored."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]  # [height, width, 3], RGB, upright
Mask: TypeAlias = NDArray[np.bool_]  # [height, width]
LabelMap: TypeAlias = NDArray[np.int32]  # [height, width], the region of each pixel; -1 where there is none
Keeps: TypeAlias = NDArray[np.bool_]  # [masks, regions], True = the region stays visible
LogProbs: TypeAlias = NDArray[np.float32]  # [masks, tokens], or [tokens] for one mask; in nats


@dataclass(frozen=True)
class Sampling:
    """How a model chooses its words; a temperature of zero takes the likeliest each time (greedy)."""

    temperature: float = 0.0
    top_p: float = 1.0  # only the likeliest tokens that make up this much of the probability
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Question:
    """A picture and what is asked about it."""

    image: Pixels  # at its working size: what the model sees, and what regions are cut from
    prompt: str
    system: str = ""
    max_tokens: int = 64
    sampling: Sampling = Sampling()
    original: tuple[int, int] | None = None  # height, width of the picture before it was made smaller, if it was

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
        said = (
            asked.prompt,
            asked.system,
            self.token_ids,
            self.model,
            self.revision,
            self.precision,
            asked.image.shape,
        )
        return hashlib.blake2b(repr(said).encode() + asked.image.tobytes(), digest_size=16).digest()


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Regions of one picture: a label map where they are disjoint, packed masks where they may overlap."""

    made_by: str  # as typed, such as "grid:8x8"
    regions: int
    shape: tuple[int, int]  # height, width
    labels: LabelMap | None = None
    packed: NDArray[np.uint8] | None = None  # [regions, ceil(height * width / 8)]
    says: str = ""  # what a person should know of how it came out, in sentences; mostly nothing

    @classmethod
    def from_labels(cls, made_by: str, labels: NDArray[np.integer], says: str = "") -> "Segmentation":
        """Make regions 0, 1, ... in the order of their labels; a negative label is no region."""
        regions, numbered = _numbered(labels)
        return cls(made_by, regions, (labels.shape[0], labels.shape[1]), labels=numbered, says=says)

    @classmethod
    def from_masks(cls, made_by: str, masks: NDArray[np.bool_], says: str = "") -> "Segmentation":
        """Keep a stack of masks [regions, height, width] as it is, overlaps and uncovered pixels included."""
        regions, height, width = masks.shape
        packed = np.packbits(masks.reshape(regions, -1), axis=1)
        return cls(made_by, regions, (height, width), packed=packed, says=says)

    def mask(self, region: int) -> Mask:
        """Say which pixels the region holds."""
        if self.packed is None:
            return self.labels == region
        height, width = self.shape
        return np.unpackbits(self.packed[region], count=height * width).reshape(self.shape).astype(bool)

    @property
    def pixels(self) -> LabelMap | NDArray[np.uint8]:
        """Give which pixel is in which region, whichever way it is held."""
        held = self.labels if self.labels is not None else self.packed
        assert held is not None, "a segmentation has labels or masks"
        return held

    @cached_property
    def fingerprint(self) -> bytes:
        """Equal for the same regions of a picture of the same size."""
        held = repr((self.regions, self.shape)).encode() + self.pixels.tobytes()
        return hashlib.blake2b(held, digest_size=16).digest()

    @cached_property
    def areas(self) -> NDArray[np.int64]:  # [regions]
        """Count the pixels of each region."""
        if self.labels is not None:
            return np.bincount(self.labels.ravel() + 1, minlength=self.regions + 1)[1:]
        return np.array([self.mask(region).sum() for region in range(self.regions)], np.int64)

    @cached_property
    def boxes(self) -> NDArray[np.int64]:  # [4, regions]
        """Give the first row and the row after the last of each region of a label map, and its columns likewise."""
        assert self.labels is not None, "masks have no boxes: they may be anywhere"
        spans: list[NDArray[np.int64]] = []
        for lines in (self.labels, np.ascontiguousarray(self.labels.T)):
            seen = np.array([np.bincount(line + 1, minlength=self.regions + 1)[1:] for line in lines]) > 0
            spans += [seen.argmax(axis=0), len(seen) - seen[::-1].argmax(axis=0)]
        return np.array(spans)


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
    segmentation: Segmentation
    occluder: str

    @property
    def fingerprint(self) -> bytes:
        """Equal for tasks whose scores must be equal."""
        return self.answer.fingerprint + self.segmentation.fingerprint + self.occluder.encode()


@dataclass(frozen=True, eq=False)
class Scores:
    """How much each region supports (+) or argues against (-) each token."""

    values: NDArray[np.float32]  # [regions, tokens]
    unit: Literal["nats", "logits"] = "nats"

    def __array__(self, dtype: type | None = None, copy: bool | None = None) -> NDArray[np.float32]:
        """Let NumPy read the values directly."""
        return np.array(self.values, dtype, copy=copy)


@dataclass(frozen=True, eq=False)
class Attribution:
    """The result: an answer, the regions, and what each region means to each token."""

    answer: Answer
    segmentation: Segmentation
    method: str
    occluder: str
    budget: int | None  # None is the method's own default
    seed: int
    scores: Scores
    logprob_full: LogProbs  # [tokens], everything visible
    logprob_blank: LogProbs  # [tokens], nothing visible

    @property
    def reliance(self) -> LogProbs:  # [tokens]
        """How much each token relies on the picture at all."""
        return self.logprob_full - self.logprob_blank
