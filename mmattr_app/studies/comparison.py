"""Several maps of the same words, by any methods, occluders, seeds and regions, compared; nothing is asked twice."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.arithmetic.agreement import ranks_of
from mmattr_app.contracts import Call, Players, Value, Worker
from mmattr_app.domain import Answer, Attribution, Curve
from mmattr_app.listener import Listener, Progress, ignore
from mmattr_app.metrics import METRICS
from mmattr_app.plan import Plan, check, count_masks
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo
from mmattr_app.results.heatmaps import Heat, find_heat
from mmattr_app.segmentation import Mask, Segmentation
from mmattr_app.workers.calls import Segmenting, Spreading

POINTS = 256  # of a side of the picture, at most, at which two maps are compared
MEASURED = ("insertion", "deletion")
NO_PASSES = (Segmenting, Spreading)  # calls that ask the model itself nothing


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
class Known:
    """What need not be made or asked again."""

    maps: Mapping[Setup, Attribution] = field(default_factory=dict[Setup, Attribution])
    cuts: Mapping[str, Segmentation] = field(default_factory=dict[str, Segmentation])  # by the text of their regions
    memo: Memo = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]


@dataclass(frozen=True, eq=False)
class ComparedMap:
    """One map, and how good and how dear it is."""

    name: str
    attribution: Attribution
    insertion: float
    deletion: float
    pointing: float | None  # share of the top region that lies on what the words name, where that is known
    asked: int  # masks that the model was asked
    remembered: int  # masks that were known from the maps before it
    seconds: float

    @property
    def heat(self) -> Heat:
        """Give each pixel its score."""
        return to_heat(self.attribution)

    @cached_property
    def ranks(self) -> NDArray[np.float64]:
        """Give the order of the pixels by their scores."""
        return _ranks_over(self.heat)


@dataclass(frozen=True, eq=False)
class Comparison:
    """The maps, and how alike their orders are."""

    answer: Answer
    selection: tuple[int, ...] | None
    maps: tuple[ComparedMap, ...]
    correlations: NDArray[np.float64]  # [maps, maps], Spearman's, over the pixels; NaN where a map is all the same


@dataclass(frozen=True)
class CompareListener:
    """What a caller hears while maps are made, and its way to end it."""

    on_name: Callable[[str], None] = ignore  # of the map that is begun
    on_masks: Callable[[int], None] = ignore  # answered for this map
    on_map: Callable[[Comparison], None] = ignore  # the maps so far
    cancelled: Callable[[], bool] = lambda: False


def compare(
    worker: Worker,
    answer: Answer,
    setups: Sequence[Setup],
    *,
    selection: tuple[int, ...] | None = None,
    named: Mask | None = None,
    known: Known | None = None,
    listener: CompareListener | None = None,
) -> Comparison:
    """Explain the same words in every way; `named` are the pixels that they name."""
    making = _Making(_CountingWorker(worker), answer, selection, known or Known(), listener or CompareListener())
    found = Comparison(answer, selection, (), np.zeros((0, 0)))
    for setup in setups:
        maps = (*found.maps, making.make(setup, setup.name(setups), named))
        found = Comparison(answer, selection, maps, _alike([one.ranks for one in maps]))
        making.listener.on_map(found)
    return found


def most_masks(players: Players, plan: Plan | None) -> int:
    """Count the masks and passes of a map and its figures, at most; of a map that is there (None), of its figures."""
    figures = sum(METRICS[name].masks for name in MEASURED)
    return figures if plan is None else figures + count_masks(players, plan)


@dataclass(eq=False)
class _Making:
    """Makes and measures one map after the other."""

    worker: "_CountingWorker"
    answer: Answer
    selection: tuple[int, ...] | None
    known: Known
    listener: CompareListener

    def make(self, setup: Setup, name: str, named: Mask | None) -> ComparedMap:
        """Make and measure a map; one that is known is only measured."""
        self.listener.on_name(name)
        started, before, heard = time.monotonic(), self.worker.asked, [0]
        result = self.known.maps.get(setup) or self._explain(setup, heard)
        seconds, asked = time.monotonic() - started, self.worker.asked - before
        remembered = heard[-1] - asked
        result = replace(result, selection=self.selection)
        hears = self._hears(heard)
        result = pipeline.measure(self.worker, result, MEASURED, memo=self.known.memo, listener=hears)
        insertion, deletion = (_area(result, metric) for metric in MEASURED)
        pointing = None if named is None else share_on(result, named)
        return ComparedMap(name, result, insertion, deletion, pointing, asked, remembered, seconds)

    def _explain(self, setup: Setup, heard: list[int]) -> Attribution:
        """Play the method's game."""
        cut = self.known.cuts.get(setup.regions)
        if cut is None:
            cut = pipeline.segment(self.answer.question.image, setup.regions, self.worker)
        players, plan = Regions(self.answer.question, cut, setup.plan.occluder), replace(setup.plan, measure=())
        check(self.answer.question, players, plan, selects=self.selection is not None)
        return pipeline.explain(
            self.worker,
            self.answer,
            players,
            plan,
            selection=self.selection,
            memo=self.known.memo,
            listener=self._hears(heard),
        )

    def _hears(self, heard: list[int]) -> Listener:
        """Note how many masks and passes are answered, those before included."""
        before = heard[-1]

        def on_result(result: Attribution, progress: Progress) -> None:
            del result
            heard.append(before + progress.done)
            self.listener.on_masks(heard[-1])

        return Listener(on_result=on_result, cancelled=self.listener.cancelled)


def to_heat(result: Attribution) -> Heat:
    """Give each pixel the score of the selection, or of all tokens; where regions overlap, their sum."""
    return find_heat(result, result.chosen)


def share_on(result: Attribution, named: Mask) -> float:
    """Say how much of the top region lies on these pixels."""
    return float(named[result.segmentation.mask(int(_span(result).argmax()))].mean())


def correlate(heats: Sequence[Heat]) -> NDArray[np.float64]:
    """Give the rank correlation (Spearman) of any two maps of a picture, over its pixels or every few of them."""
    return _alike([_ranks_over(heat) for heat in heats])


def _ranks_over(heat: Heat) -> NDArray[np.float64]:
    return ranks_of(heat[:: _step(heat.shape[0]), :: _step(heat.shape[1])].ravel())


def _alike(ranks: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
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
    """A worker that counts the masks that the model is asked, and the passes of methods that read it."""

    def __init__(self, worker: Worker) -> None:
        self._worker, self.asked = worker, 0
        self.lanes, self.chunk = worker.lanes, worker.chunk

    def run(self, call: Call[Value]) -> Iterator[str | Value]:
        self.asked += call.masks or (type(call) not in NO_PASSES)
        return self._worker.run(call)
