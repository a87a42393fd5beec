"""Several maps of the same words, by any methods, occluders, seeds and regions, compared; nothing is asked twice."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.agreement import ranks_of
from mmattr_app.contracts import Call, Value, Worker
from mmattr_app.domain import Answer, Attribution, Curve, LogProbs
from mmattr_app.heatmaps import Heat, find_heat
from mmattr_app.listener import Listener, ignore
from mmattr_app.plan import Plan, check
from mmattr_app.players.regions import Regions
from mmattr_app.segmentation import Mask

POINTS = 256  # of a side of the picture, at most, at which two maps are compared
MEASURED = ("insertion", "deletion")


@dataclass(frozen=True)
class Setup:
    """How one of the maps is made."""

    regions: str  # as `pipeline.segment` reads it
    plan: Plan

    def name(self, others: Sequence["Setup"]) -> str:
        """Name it by what not all of them have in common; the method always stands there."""
        words = [self.words, *(other.words for other in others)]
        return ", ".join(
            word for place, word in enumerate(words[0]) if place == 0 or len({w[place] for w in words}) > 1
        )

    @property
    def words(self) -> tuple[str, ...]:
        """Say all that was chosen."""
        plan = self.plan
        budget = "" if plan.budget is None else f"{plan.budget} masks"
        return plan.method, self.regions, plan.occluder, f"seed {plan.seed}", budget or "its own budget"


@dataclass(frozen=True, eq=False)
class ComparedMap:
    """One map, and how good and how dear it is."""

    name: str
    attribution: Attribution
    heat: Heat
    insertion: float
    deletion: float
    pointing: float | None  # share of the top region that lies on what the words name, where that is known
    asked: int  # masks that the model was asked
    remembered: int  # masks that were known from the maps before it
    seconds: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """The maps, and how alike their orders are."""

    answer: Answer
    selection: tuple[int, ...] | None
    maps: tuple[ComparedMap, ...]
    correlations: NDArray[np.float64]  # [maps, maps], Spearman's, over the pixels; NaN where a map is all the same


def compare(
    worker: Worker,
    answer: Answer,
    setups: Sequence[Setup],
    *,
    selection: tuple[int, ...] | None = None,
    named: Mask | None = None,
    tell: Callable[[str], None] = ignore,
    cancelled: Callable[[], bool] = lambda: False,
) -> Comparison:
    """Explain the same words in every way; `named` are the pixels that they name, `tell` hears which is made."""
    memo: dict[bytes, LogProbs] = {}
    counted, maps = _CountingWorker(worker), list[ComparedMap]()
    for setup in setups:
        name, started, before, done = setup.name(setups), time.monotonic(), counted.masks, [0]
        tell(name)
        listener = Listener(on_result=lambda _, progress, done=done: done.append(progress.done), cancelled=cancelled)
        cut = pipeline.segment(answer.question.image, setup.regions, worker)
        players, plan = Regions(answer.question, cut, setup.plan.occluder), replace(setup.plan, measure=())
        check(answer.question, players, plan, selects=selection is not None)
        result = pipeline.explain(counted, answer, players, plan, selection=selection, memo=memo, listener=listener)
        seconds, asked = time.monotonic() - started, counted.masks - before
        result = pipeline.measure(worker, replace(result, selection=selection), MEASURED, memo=memo)
        insertion, deletion = (_area(result, metric) for metric in MEASURED)
        heat, pointing = to_heat(result), None if named is None else share_on(result, named)
        costs = (asked, done[-1] - asked, seconds)
        maps.append(ComparedMap(name, result, heat, insertion, deletion, pointing, *costs))
    return Comparison(answer, selection, tuple(maps), correlate([one.heat for one in maps]))


def to_heat(result: Attribution) -> Heat:
    """Give each pixel the score of the selection, or of all tokens; where regions overlap, their sum."""
    return find_heat(result, result.chosen)


def share_on(result: Attribution, named: Mask) -> float:
    """Say how much of the top region lies on these pixels."""
    return float(named[result.segmentation.mask(int(_span(result).argmax()))].mean())


def correlate(heats: Sequence[Heat]) -> NDArray[np.float64]:
    """Give the rank correlation (Spearman) of any two maps of a picture, over its pixels or every few of them."""
    ranks = [ranks_of(heat[:: _step(heat.shape[0]), :: _step(heat.shape[1])].ravel()) for heat in heats]
    centred = np.stack(ranks) - np.mean(ranks, axis=1, keepdims=True)
    sizes = np.linalg.norm(centred, axis=1)
    sizes[sizes == 0] = np.nan
    return centred @ centred.T / np.outer(sizes, sizes)


def _span(result: Attribution) -> NDArray[np.float32]:
    return result.scores.values[:, list(result.chosen)].sum(axis=1)


def _step(side: int) -> int:
    return -(-side // POINTS)


def _area(result: Attribution, metric: str) -> float:
    figure = result.figures[metric]
    return figure.area if isinstance(figure, Curve) else figure


class _CountingWorker:
    """A worker that counts the masks that the model is asked."""

    def __init__(self, worker: Worker) -> None:
        self._worker, self.masks = worker, 0
        self.lanes, self.chunk = worker.lanes, worker.chunk

    def run(self, call: Call[Value]) -> Iterator[str | Value]:
        self.masks += call.masks
        return self._worker.run(call)
