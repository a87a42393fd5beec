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
from mmattr_app.errors import AppError
from mmattr_app.listener import Listener, Progress, ignore
from mmattr_app.metrics import METRICS
from mmattr_app.plan import Plan, check, count_masks
from mmattr_app.plan import most_masks as most_asked
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo
from mmattr_app.results.heatmaps import Heat, find_heat
from mmattr_app.segmentation import Mask, Segmentation
from mmattr_app.selection import same_tokens
from mmattr_app.studies.setups import Setup, usual_says
from mmattr_app.workers.calls import Segmenting, Spreading

POINTS = 256  # of a side of the picture, at most, at which two maps are compared
MEASURED = ("insertion", "deletion")
NO_PASSES = (Segmenting, Spreading)  # calls that ask the model itself nothing


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
    setup: Setup
    attribution: Attribution
    insertion: float
    deletion: float
    pointing: float | None  # share of the top region that lies on what the words name, where that is known
    asked: int  # masks that the model was asked
    remembered: int  # masks that were known from the maps before it
    seconds: float
    measured: tuple[int, int]  # masks that its figures asked, and that they found known

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

    @property
    def asked(self) -> int:
        """Count the masks that maps and figures asked together."""
        return sum(one.asked + one.measured[0] for one in self.maps)

    @property
    def saved(self) -> int:
        """Count those that maps and figures needed, too, and that were known already."""
        return sum(one.remembered + one.measured[1] for one in self.maps)

    @property
    def usual_says(self) -> str:
        """Say what the names of the maps leave out."""
        return usual_says([one.setup for one in self.maps]) if self.maps else ""

    @property
    def one_measure(self) -> bool:
        """Say whether insertion and deletion of all maps hid the same things from the same model."""
        return len({one.setup.measured_by for one in self.maps}) <= 1


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
    find_model: Callable[[str], Worker] | None = None,
) -> Comparison:
    """Explain the same words in every way; `named` are the pixels that they name.

    `find_model` opens the models that setups name, which then score the same answer; one at a time is kept.
    """
    known = known or Known()
    base = _Asked("", _CountingWorker(worker), answer, selection)
    making = _Making(base, known, listener or CompareListener(), find_model, dict(known.cuts))
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


def most_masks_of(regions: int, plan: Plan) -> int:
    """Count the same of a map of so many regions, before the picture is cut."""
    return 2 + most_asked(regions, plan) + sum(METRICS[name].masks for name in MEASURED)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A model that is asked, and the answer as it scores it."""

    model: str
    worker: "_CountingWorker"
    answer: Answer
    selection: tuple[int, ...] | None


@dataclass(eq=False)
class _Making:
    """Makes and measures one map after the other."""

    base: _Asked
    known: Known
    listener: CompareListener
    find_model: Callable[[str], Worker] | None
    cuts: dict[str, Segmentation]
    other: _Asked | None = None  # the last of the other models

    def make(self, setup: Setup, name: str, named: Mask | None) -> ComparedMap:
        """Make and measure a map; one that is known is only measured."""
        self.listener.on_name(name)
        who = self._ask(setup.model)
        started, before, heard = time.monotonic(), who.worker.asked, [0]
        result = self.known.maps.get(setup) or self._explain(who, setup, heard)
        seconds, asked = time.monotonic() - started, who.worker.asked - before
        remembered = heard[-1] - asked
        result = replace(result, selection=who.selection)
        hears = self._hears(heard)
        result = pipeline.measure(who.worker, result, MEASURED, memo=self.known.memo, listener=hears)
        figures = who.worker.asked - before - asked
        insertion, deletion = (_area(result, metric) for metric in MEASURED)
        pointing = None if named is None else share_on(result, named)
        measured = figures, heard[-1] - asked - remembered - figures
        return ComparedMap(name, setup, result, insertion, deletion, pointing, asked, remembered, seconds, measured)

    def _ask(self, model: str) -> _Asked:
        """Let another model score the same answer; the one before it is let go."""
        if not model:
            return self.base
        if self.other is None or self.other.model != model:
            if self.find_model is None:
                raise AppError(f"One model is asked here, and {model[:60]} is another; the command compares models.")
            self.other = None
            worker = _CountingWorker(self.find_model(model))
            answer = pipeline.ask(worker, self.base.answer.question, self.base.answer.text.strip())
            chosen = self.base.selection and same_tokens(self.base.answer, self.base.selection, answer)
            self.other = _Asked(model, worker, answer, chosen)
        return self.other

    def _explain(self, who: _Asked, setup: Setup, heard: list[int]) -> Attribution:
        """Play the method's game."""
        question = who.answer.question
        cut = self.cuts.get(setup.regions) or pipeline.segment(question.image, setup.regions, who.worker)
        self.cuts[setup.regions] = cut
        players, plan = Regions(question, cut, setup.plan.occluder), replace(setup.plan, measure=())
        check(question, players, plan, selects=who.selection is not None)
        return pipeline.explain(
            who.worker,
            who.answer,
            players,
            plan,
            selection=who.selection,
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
