"""Several maps of the same words, by any methods, occluders, seeds, regions and models; nothing is asked twice."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mmattr_app import pipeline
from mmattr_app.contracts import Call, Players, Value, Worker
from mmattr_app.domain import Answer, Attribution, Curve, Question
from mmattr_app.errors import AppError
from mmattr_app.listener import Listener, Progress, ignore
from mmattr_app.metrics import METRICS
from mmattr_app.models import model_of
from mmattr_app.plan import Plan, check, count_masks, find_players
from mmattr_app.plan import most_masks as most_asked
from mmattr_app.probe import Memo
from mmattr_app.segmentation import Mask
from mmattr_app.selection import same_tokens
from mmattr_app.studies.compared_maps import ComparedMap, Comparison, Cuts, alike, share_on
from mmattr_app.studies.setups import Setup
from mmattr_app.workers.calls import Segmenting, Spreading

MEASURED = ("insertion", "deletion")
NO_PASSES = (Segmenting, Spreading)  # calls that ask the model itself nothing


@dataclass(frozen=True, eq=False)
class Known:
    """What need not be made or asked again."""

    maps: Mapping[Setup, Attribution] = field(default_factory=dict[Setup, Attribution])
    cuts: Mapping[str, Cuts] = field(default_factory=dict[str, Cuts])  # by the text of their regions
    memo: Memo = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]


@dataclass(frozen=True)
class CompareListener:
    """What a caller hears while maps are made, and its way to end it."""

    on_name: Callable[[str], None] = ignore  # of the map that is begun
    on_words: Callable[[str], None] = ignore  # how far a slow segmenter is, before any mask of this map
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
    """Explain the same words in every way; `named` are the pixels that they name, where there is one picture.

    The worker finds the models that setups name, which then score the same answer; one at a time is kept.
    """
    known = known or Known()
    base = _Asked(model_of(answer), _CountingWorker(worker), answer, selection)
    setups = list(dict.fromkeys(replace(one, model="") if one.model == base.model else one for one in setups))
    making = _Making(base, known, listener or CompareListener(), dict(known.cuts))
    found = Comparison(answer, selection, (), np.zeros((0, 0)))
    for setup in setups:
        maps = (*found.maps, making.make(setup, setup.name(setups, base.model), named))
        cuts = {one.setup.regions: making.cuts[one.setup.regions] for one in maps if one.setup.regions in making.cuts}
        found = Comparison(answer, selection, maps, alike([one.ranks for one in maps]), cuts)
        making.listener.on_map(found)
    return found


def cut_and_check(question: Question, setups: Sequence[Setup], *, selects: bool) -> dict[str, Cuts]:
    """Cut the pictures in all ways that take no time, and refuse what cannot be, before a model is asked."""
    cuts = dict[str, Cuts]()
    for setup in setups:
        check(question, None, setup.plan, selects=selects)
        if setup.regions not in cuts and pipeline.is_instant(setup.regions):
            cuts[setup.regions] = pipeline.segment_all(question, Plan(), setup.regions)
        if setup.regions in cuts:
            check(question, find_players(question, cuts[setup.regions], setup.plan), setup.plan, selects=selects)
    return cuts


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
    cuts: dict[str, Cuts]
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
        base = self.base
        if not model:
            return base
        if self.other is None or self.other.model != model:
            self.other = None
            worker = _CountingWorker(base.worker.asking(model))
            hears = Listener(cancelled=self.listener.cancelled)
            answer = pipeline.ask(worker, base.answer.question, base.answer.text.strip(), hears)
            chosen = base.selection and same_tokens(base.answer, base.selection, answer)
            if chosen == ():
                words = base.answer.said(base.selection or ())
                raise AppError(f"{model[:60]} has no tokens for {words!r} in this answer; select whole words.")
            self.other = _Asked(model, worker, answer, chosen)
        return self.other

    def _explain(self, who: _Asked, setup: Setup, heard: list[int]) -> Attribution:
        """Play the method's game."""
        question, plan = who.answer.question, replace(setup.plan, measure=())
        if setup.regions not in self.cuts:
            hears = Listener(on_segmenting=self.listener.on_words, cancelled=self.listener.cancelled)
            self.cuts[setup.regions] = pipeline.segment_all(question, plan, setup.regions, self.base.worker, hears)
        players = find_players(question, self.cuts[setup.regions], plan)
        assert players, "regions play"
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

    def asking(self, model: str) -> Worker:
        return self._worker.asking(model)
