"""Check a map by further runs: it should stay the same when something changes that should not matter.

Functions such as `other_occluder` make a Check: what to explain again, and how many masks that takes. `agreement` and
`max_sensitivity` compare the new maps with the first one.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.agreement import rank_correlation, top_overlap
from mmattr_app.contracts import Players, Worker
from mmattr_app.domain import Answer, Attribution, Keeps, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.pipeline import SILENT, Listener, Plan, count_masks, explain, segment
from mmattr_app.plan import join
from mmattr_app.players.regions import Regions
from mmattr_app.players.words import Words
from mmattr_app.probe import Memo
from mmattr_app.results.heatmaps import is_sure
from mmattr_app.results.saved_players import parts_of
from mmattr_app.segmentation import Segmentation
from mmattr_app.sentences import LEAST
from mmattr_app.settings import METHOD

LATTICE = 64  # maps of different regions are compared at LATTICE x LATTICE points
TOP = 0.1  # share of the picture that counts as the best part of a map
RADIUS, SAMPLES = 0.02, 10  # of max-sensitivity, as in Captum; the radius is a share of the brightest pixel value


@dataclass(frozen=True, eq=False)
class Check:
    """One or several runs that explain a result again, with one thing changed."""

    says: str  # what is changed, such as "seed 1 instead of 0"
    runs: tuple[tuple[Answer, Players, Plan], ...]

    @property
    def masks(self) -> int:
        """Count the masks of all runs, at most; those in the memo are not asked again."""
        return sum(count_masks(players, plan) for _, players, plan in self.runs)

    def explain(
        self,
        worker: Worker,
        *,
        selection: tuple[int, ...] | None = None,
        memo: Memo | None = None,
        listener: Listener = SILENT,
    ) -> list[Attribution]:
        """Do all runs and give their results."""
        known: Memo = {} if memo is None else memo
        return [
            explain(worker, answer, players, plan, selection=selection, memo=known, listener=listener)
            for answer, players, plan in self.runs
        ]


def other_occluder(result: Attribution, occluder: str) -> Check:
    """Hide regions with another occluder; words that play are hidden as before."""
    players = _again(result, occluder=occluder)
    plan = replace(plan_of(result), occluder=occluder)
    return Check(f"{occluder} instead of {result.occluder}", ((result.answer, players, plan),))


def by_hiding(result: Attribution) -> Check:
    """Hide the same regions by the default method, to check the map of a method that hides nothing."""
    plan = Plan(METHOD, result.occluder, seed=result.seed)
    return Check(f"{METHOD} instead of {result.method}", ((result.answer, _again(result), plan),))


def other_seed(result: Attribution, seed: int) -> Check:
    """Draw other random masks; a method without random masks gives the same map."""
    plan = replace(plan_of(result), seed=seed)
    return Check(f"seed {seed} instead of {result.seed}", ((result.answer, _again(result), plan),))


def other_grid(result: Attribution, rows: int, columns: int) -> Check:
    """Cut each picture into a grid of another size."""
    grid = f"grid:{rows}x{columns}"
    players = _again(result, lambda part: segment(part.image, grid))
    return Check(f"{grid} instead of {result.segmentation.made_by}", ((result.answer, players, plan_of(result)),))


def shifted_grid(result: Attribution) -> Check:
    """Move the grid of each picture by half a cell to the right and down."""
    players = _again(result, _shifted)
    assert players.segmentation
    return Check(players.segmentation.made_by, ((result.answer, players, plan_of(result)),))


def random_layers(result: Attribution) -> Check:
    """Ask a model whose last layers are random (see models/randomising.py): its map should be different."""
    answer = replace(result.answer, revision=f"{result.answer.revision}, random layers")
    return Check("the last layers at random", ((answer, _again(result), plan_of(result)),))


def other_pixels(result: Attribution, radius: float = RADIUS, samples: int = SAMPLES) -> Check:
    """Add random noise to every pixel, up to `radius` of the brightest value, `samples` times."""
    most, rng = round(255 * radius), np.random.default_rng(0)
    runs = list[tuple[Answer, Players, Plan]]()
    for _ in range(samples):
        pictures = [_noisy(picture, most, rng) for picture in result.answer.question.pictures]
        players = _again(result, pictures=pictures)
        runs.append((result.answer, players, plan_of(result)))
    return Check(f"pixels up to {most} of 255 away", tuple(runs))


@dataclass(frozen=True)
class Agreement:
    """How similar two maps are."""

    correlation: float  # rank correlation over the picture: 1 is the same order, 0 is chance
    overlap: float  # of the best tenths of both: 1 is the same place, 0 is no place in common


def agreement(first: Attribution, second: Attribution, tokens: Sequence[int]) -> Agreement:
    """Compare two maps of the same pictures; their regions may differ."""
    maps = [_heat(result, tokens) for result in (first, second)]
    return Agreement(rank_correlation(*maps), top_overlap(*maps, share=TOP))


def best_part(result: Attribution, tokens: Sequence[int]) -> NDArray[np.intp]:
    """Give the regions of the best tenth of the pictures, the best first; empty if no score is above zero."""
    areas = result.players.weights()
    scores = result.scores.values[:, list(tokens)].sum(axis=1, dtype=np.float64) / np.maximum(areas, 1e-12)
    best = np.argsort(-scores, kind="stable")
    before = np.cumsum(areas[best]) - areas[best]
    return best[(scores[best] > 0) & (before < TOP - 1e-9)]


def surely_matters(result: Attribution, tokens: Sequence[int]) -> NDArray[np.bool_]:  # [players]
    """Say which players surely have a score other than zero for these tokens."""
    scores = result.scores.values[:, list(tokens)].sum(axis=1, dtype=np.float64)
    return is_sure(result, tokens) & (np.abs(scores) >= LEAST)


def max_sensitivity(result: Attribution, others: Sequence[Attribution], tokens: Sequence[int]) -> float:
    """Give the largest distance of the others from the first, over the first's norm (Captum's `sensitivity_max`)."""
    first, *rest = (why.scores.values[:, list(tokens)].sum(axis=1, dtype=np.float64) for why in (result, *others))
    return max(float(np.linalg.norm(first - other)) for other in rest) / (float(np.linalg.norm(first)) or 1.0)


class _Perturbed(Regions):
    """Regions of one of several pictures that were all slightly changed."""

    def __init__(self, question: Question, segmentation: Segmentation, occluder: str, picture: int) -> None:
        """Take the question about the changed pictures."""
        super().__init__(question, segmentation, occluder, picture)
        self._name = hashlib.blake2b(b"".join(one.tobytes() for one in question.pictures), digest_size=16).digest()

    @property
    def fingerprint(self) -> bytes:
        """Hash that depends on the changed picture too."""
        return self._name + super().fingerprint

    def keys(self, keeps: Keeps) -> list[bytes]:
        """Give keys that depend on the changed picture too."""
        return [self._name + key for key in super().keys(keeps)]

    def blank_key(self) -> bytes:
        """Give a key that depends on the changed picture too: the occluder may show its mean colour."""
        return self._name + super().blank_key()


def plan_of(result: Attribution) -> Plan:
    """Give the plan by which a result was explained."""
    return Plan(result.method, result.occluder, result.budget, result.seed)


def regions_before(part: Regions) -> Segmentation:
    """Give the regions before a method merged some of them, if they were a grid; else the regions as they are."""
    grid = re.fullmatch(r"(grid:\d+x\d+), grouped", part.segmentation.made_by)
    return segment(part.image, grid[1]) if grid else part.segmentation


def _again(
    result: Attribution,
    cut: Callable[[Regions], Segmentation] = regions_before,
    *,
    occluder: str = "",
    pictures: Sequence[Pixels] = (),
) -> Players:
    """Build the players of a result once more, with other regions, another occluder, or changed pictures."""
    question, kind = result.answer.question, Regions
    if pictures:
        question, kind = replace(question, pictures=tuple(pictures)), _Perturbed
    parts = list[Players]()
    for part in parts_of(result.players):
        if isinstance(part, Regions):
            parts.append(kind(question, cut(part), occluder or part.occluder, part.picture))
        elif isinstance(part, Words):
            parts.append(Words(question, part.spans, part.occluder, said=part.said, says=part.says))
    return join(parts)


def _shifted(part: Regions) -> Segmentation:
    """Move a grid by half a cell to the right and down."""
    size = re.match(r"grid:(\d+)x(\d+)", part.segmentation.made_by)
    if not size:
        raise AppError(f"The regions are {part.segmentation.made_by}; only a grid can be moved.")
    line_of = [
        (np.arange(pixels) * int(cells) / pixels + 0.5).astype(int)
        for pixels, cells in zip(part.segmentation.shape, size.groups(), strict=True)
    ]
    labels = line_of[0][:, None] * (int(size[2]) + 1) + line_of[1]
    return Segmentation.from_labels(f"{size[0]}, moved by half a cell", labels)


def _noisy(picture: Pixels, most: int, rng: np.random.Generator) -> Pixels:
    noise = rng.integers(-most, most, picture.shape, np.int16, endpoint=True)
    return np.clip(picture.astype(np.int16) + noise, 0, 255).astype(np.uint8)


def _heat(result: Attribution, tokens: Sequence[int]) -> NDArray[np.float64]:
    """Give the score per share of its picture at LATTICE x LATTICE points of each picture: [points].

    Overlapping regions are summed.
    """
    of_players = result.scores.values[:, list(tokens)].sum(axis=1, dtype=np.float64)
    points = list[NDArray[np.float64]]()
    for _, cut, own in result.players.pictured:
        scores = of_players[own] * cut.atoms.size / np.maximum(cut.areas, 1)
        rows, columns = (((np.arange(LATTICE) + 0.5) * side / LATTICE).astype(int) for side in cut.shape)
        of_atoms = np.append(scores @ cut.holds, 0.0)  # atom -1 reads the last entry
        points.append(of_atoms[cut.atoms[np.ix_(rows, columns)]].ravel())
    return np.concatenate(points)
