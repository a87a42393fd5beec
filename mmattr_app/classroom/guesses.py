"""Guesses of a class about which regions a word depends on, summed up in one map beside the model's own."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmattr_app.domain import Attribution
from mmattr_app.errors import AppError
from mmattr_app.results.heatmaps import find_heat, paint, paint_small
from mmattr_app.selection import check_tokens

SIDE = 320  # pixels of a painted map's longer side
UNMARKED = "Mark some regions of the picture first."
MOST = 100  # words of results that a class can guess about


@dataclass
class Guessed:
    """The guesses about some words of one answer, the last one of each learner."""

    number: int  # from 1
    words: str
    result: Attribution
    tokens: tuple[int, ...]
    # Learner's number -> mask of the marked regions [height, width].
    marked: dict[int, NDArray[np.bool_]] = field(default_factory=dict[int, NDArray[np.bool_]])
    found: dict[int, float] = field(default_factory=dict[int, float])  # learner's number -> `times_chance`
    version: int = 0  # grows with each guess, so that the teacher's page loads the changed map

    def class_map(self) -> bytes:
        """Paint the share of learners who marked each pixel."""
        share = np.stack(list(self.marked.values())).mean(axis=0).astype(np.float32)
        painted = paint(self.result.answer.question.image, share, 1.0)
        painted.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        return png(painted)

    def model_map(self) -> bytes:
        """Paint the model's map of the words."""
        return png(paint_small(self.result, self.tokens, SIDE))


class Guesses:
    """The guesses of a class about examples and scenes of the lesson; guesses about other pictures are not kept."""

    def __init__(self) -> None:
        """Start empty."""
        self._known: dict[tuple[str, tuple[int, ...]], Guessed] = {}

    def __iter__(self) -> Iterator[Guessed]:
        """Iterate over the guesses, those of the most learners first."""
        return iter(sorted(self._known.values(), key=lambda one: -len(one.marked)))

    def add(self, learner: int, name: str, result: Attribution, tokens: Sequence[int], regions: Sequence[int]) -> None:
        """Add a learner's guess about `tokens` of the result called `name`: the marked `regions`."""
        cut = result.players.segmentation
        if cut is None or not regions or not all(0 <= region < cut.regions for region in regions):
            raise AppError(UNMARKED)
        marked = np.append(cut.holds[list(regions)].any(axis=0), False)[cut.atoms]  # atom -1 reads the last entry
        if not marked.any():  # masks of a file may be empty: no share of the picture, so no chance to be better than
            raise AppError(UNMARKED)
        key = name, check_tokens(result.answer, tokens)
        if key not in self._known and len(self._known) >= MOST:
            raise AppError(f"The class has guessed {MOST} words already; take one of those.")
        guessed = self._known.setdefault(key, Guessed(len(self._known) + 1, result.answer.said(key[1]), result, key[1]))
        guessed.marked[learner] = marked
        guessed.version += 1
        guessed.found[learner] = times_chance(result, key[1], marked)


def times_chance(result: Attribution, tokens: Sequence[int], marked: NDArray[np.bool_]) -> float:
    """Give how many times better than chance a guess is: its share of the support over its share of the picture.

    `marked` holds at least one pixel.
    """
    support = np.maximum(find_heat(result, tokens, sure=True), 0)
    return float(support[marked].sum() / max(float(support.sum()), 1e-9) / marked.mean())


def png(painted: Image.Image) -> bytes:
    """Encode a painted map as PNG."""
    file = io.BytesIO()
    painted.save(file, "PNG")
    return file.getvalue()
