"""The way from a picture and a prompt to an Attribution, with no screen: segment, ask, explain."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Game, Players, Probe, Worker
from mmattr_app.contrast import Alternative, ChoiceProbe, ContrastProbe, alternative, text_instead
from mmattr_app.domain import Answer, Attribution, Keeps, LogProbs, Pixels, Question, Scores, Segmentation, Task
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.listener import SILENT, Listener, Progress, ignore
from mmattr_app.methods import METHODS
from mmattr_app.metrics import METRICS
from mmattr_app.models import load
from mmattr_app.plan import Plan, check, check_scope, count_masks, read_refined
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo, RememberingProbe
from mmattr_app.segmenters import find_segmenter
from mmattr_app.segmenters.editing import cells
from mmattr_app.settings import settings
from mmattr_app.spans import join, share_out
from mmattr_app.workers.calls import Answering, Scoring, Segmenting
from mmattr_app.workers.inline import InlineWorker

__all__ = [
    "Listener",
    "Plan",
    "Progress",
    "ask",
    "check",
    "count_masks",
    "explain",
    "measure",
    "read_refined",
    "segment",
    "sharpen",
]

Value = TypeVar("Value", Answer, Segmentation)  # what a worker's call ends in
SHARPENING = 32  # masks for one selection
FINEST = 32  # cells a side of the picture, the finest that a selection is sharpened to


def open_worker(
    model: str, *, device: str = "auto", dtype: str = "auto", says: Callable[[str], None] = ignore
) -> InlineWorker:
    """Load a model into this process; `says` hears how far a download is."""
    return InlineWorker(load(model, device=device, dtype=dtype, says=says))


def is_instant(regions: str) -> bool:
    """Say whether `segment` cuts so without a worker; what it says of a wrong name is the same."""
    return find_segmenter(regions)[0].run is not None


def segment(image: Pixels, regions: str, worker: Worker | None = None, listener: Listener = SILENT) -> Segmentation:
    """Cut the picture as `regions` says, such as "grid:8x8"; only what is not instant needs a worker."""
    segmenter, how = find_segmenter(regions)
    if segmenter.run:
        return _checked(segmenter.run(image, how))
    assert worker, f"{regions} is cut in a worker"
    cut = _end(worker.run(Segmenting(image, regions)), Segmentation, listener.on_segmenting, listener.cancelled)
    return _checked(cut)


def ask(worker: Worker, question: Question, text: str | None = None, listener: Listener = SILENT) -> Answer:
    """Let the model answer, or score `text` as its answer."""
    return _end(worker.run(Answering(question, text)), Answer, listener.on_text, listener.cancelled)


def ask_instead(
    worker: Worker, answer: Answer, selection: Sequence[int], text: str, listener: Listener = SILENT
) -> Alternative:
    """Let the model score what might have been said instead of the selected tokens."""
    scored = ask(worker, answer.question, text_instead(answer, selection, text), replace(listener, on_text=ignore))
    return alternative(answer, selection, text, scored)


def explain(
    worker: Worker,
    answer: Answer,
    players: Players,
    plan: Plan,
    *,
    selection: tuple[int, ...] | None = None,
    instead: Alternative | None = None,
    memo: Memo | None = None,
    listener: Listener = SILENT,
) -> Attribution:
    """Play the method's game, on every token at once or on a selection, or for it and against something else."""
    check_scope(plan, selects=selection is not None, contrasts=instead is not None)
    asked = count_masks(players, plan) * (1 if instead is None else 2)
    run = _Run(answer, players, plan, listener, selection, of=asked, instead=instead)
    return run.play(worker, {} if memo is None else memo)


def measure(
    worker: Worker, result: Attribution, names: Sequence[str], *, memo: Memo, instead: Alternative | None = None
) -> Attribution:
    """Measure a map that is known by these metrics."""
    plan = Plan(result.method, result.occluder, result.budget, result.seed, tuple(names))
    silent = _Run(result.answer, result.players, plan, SILENT, result.selection, of=0, instead=instead)
    return silent.measure(result, worker, memo)


def sharpen(
    worker: Worker,
    attribution: Attribution,
    tokens: Sequence[int],
    *,
    memo: Memo | None = None,
    listener: Listener = SILENT,
) -> Attribution:
    """Cut finer what matters to a selection of tokens, with about SHARPENING masks.

    It goes on from the regions as they are where each was hidden by itself, and from a coarse grid otherwise.
    """
    answer, cut, known = attribution.answer, attribution.segmentation, None
    plan = Plan("coarse-to-fine", attribution.occluder, SHARPENING, attribution.seed)
    start = None
    if attribution.reads == "measured loss" and cut.holds.sum() == cut.holds.shape[1]:  # no pixel is in two regions
        finest, start = cells(cut, FINEST)
        plan, known = replace(plan, budget=SHARPENING + cut.regions), attribution
    else:
        high, wide = (min(FINEST, side) for side in cut.shape)
        finest = segment(answer.question.image, f"grid:{high}x{wide}")
    players = Regions(answer.question, finest, attribution.occluder)
    run = _Run(answer, players, plan, listener, tuple(tokens), of=2 + SHARPENING, start=start, known=known)
    return run.play(worker, {} if memo is None else memo)


@dataclass(eq=False)
class _Run:
    """One game: plays it and tells its result so far."""

    answer: Answer
    players: Players
    plan: Plan
    listener: Listener
    selection: tuple[int, ...] | None
    of: int  # masks to ask
    start: NDArray[np.intp] | None = None
    known: Attribution | None = None  # a result whose losses need not be asked again
    instead: Alternative | None = None  # why the selection was said and not this is to be explained
    full: LogProbs = field(init=False)
    blank: LogProbs = field(init=False)
    asked: list[tuple[Keeps, LogProbs]] = field(init=False)
    told: set[bytes] = field(default_factory=set[bytes])  # questions that were counted
    done: int = 0
    result: Attribution | None = None  # when the method has ended

    def __post_init__(self) -> None:
        """Know nothing yet."""
        self.full = self.blank = np.full(len(self.answer.tokens), np.nan, np.float32)
        self.asked = [(np.zeros((0, self.players.count), bool), np.zeros((0, len(self.full)), np.float32))]

    def play(self, worker: Worker, memo: Memo) -> Attribution:
        """Ask with everything visible and with nothing, and let the method ask the rest."""
        probe = self._probe(self.answer, self.players, worker, memo, self._hear)
        if self.known:
            self._remember(probe, self.known)
        else:
            self._tell()
        self.full = probe(np.ones((1, self.players.count), bool))[0]
        self.blank = probe.nothing()
        game = Game(probe, self.players, self.selection, self.start, self.answer.tokens)
        if self.instead:
            game = Game(ContrastProbe(*self._contrast(game, self.instead, worker, memo)), self.players, contrast=True)
        scores = METHODS[self.plan.method].run(game, budget=self.plan.budget, seed=self.plan.seed)
        if self.instead and self.selection:
            scores = share_out(scores, len(self.answer.tokens), self.selection)
        self.result = self._result(scores)
        return self.measure(self.result, worker, memo) if self.plan.measure else self.result

    def _contrast(self, game: Game, instead: Alternative, worker: Worker, memo: Memo) -> tuple[Probe, Probe]:
        """Give the probes of what was said and of what might have been said instead."""
        that = self._probe(instead.answer, game.players, worker, memo, self._hear_besides)
        return game.probe.of(self.selection or ()), that.of(instead.tokens)

    def measure(self, result: Attribution, worker: Worker, memo: Memo) -> Attribution:
        """Play once more, with the players of the result, for each metric."""
        self.result = result
        probe = self._probe(self.answer, result.players, worker, memo, self._hear_besides)
        game = Game(probe, result.players, self.selection)
        scores = result.scores
        if self.instead:
            game = Game(ChoiceProbe(*self._contrast(game, self.instead, worker, memo)), result.players)
            scores = join(scores, self.selection or ())
        figures = {name: METRICS[name].run(game, scores) for name in self.plan.measure}
        return replace(result, figures={**result.figures, **figures})

    def _probe(
        self,
        answer: Answer,
        players: Players,
        worker: Worker,
        memo: Memo,
        on_reply: Callable[[Keeps | None, LogProbs], None],
    ) -> RememberingProbe:
        task = Task(answer, players)

        def score(keeps: Keeps | None) -> LogProbs:
            (logprobs,) = worker.run(Scoring(task, keeps))
            assert not isinstance(logprobs, str), "scoring says nothing on its way"
            return logprobs

        return RememberingProbe(
            score,
            task,
            chunk=worker.chunk,
            lanes=worker.lanes,
            memo=memo,
            on_reply=on_reply,
            cancelled=self.listener.cancelled,
            told=self.told,
        )

    def _remember(self, probe: RememberingProbe, known: Attribution) -> None:
        """Let the probe know what an earlier result measured."""
        alone = ~np.eye(known.players.count, dtype=bool)
        probe.remember(known.players.keys(alone), known.logprob_full - known.scores.values)
        self.done = -known.players.count  # they are told like replies, but were not asked now

    def _hear(self, keeps: Keeps | None, logprobs: LogProbs) -> None:
        self.done += len(logprobs)
        if keeps is None:
            self.blank = logprobs[0]
        else:
            if keeps.all(axis=1).any():
                self.full = logprobs[keeps.all(axis=1)][0]
            self.asked.append((keeps, logprobs))
        if self.done >= 0:
            self._tell(None if keeps is None else keeps[-1])

    def _hear_besides(self, keeps: Keeps | None, logprobs: LogProbs) -> None:
        """Count what was asked by metrics, or of something else that might have been said."""
        del keeps
        self.done += len(logprobs)
        if self.result:
            self.listener.on_result(self.result, Progress(self.done, self.of))
        else:
            self._tell()

    def _tell(self, keep: NDArray[np.bool_] | None = None) -> None:
        """Tell the result so far, and which player of it was hidden last."""
        if self.listener.on_result is ignore:  # a sketch of thousands of masks takes its time
            return
        keeps, logprobs = (np.concatenate(column) for column in zip(*self.asked, strict=True))
        if self.instead:  # these replies are of one of the two only
            keeps, logprobs = keeps[:0], logprobs[:0]
        scores = METHODS[self.plan.method].sketch(self.players, keeps, logprobs, self.full)
        result = self._result(scores)
        hidden = np.zeros(0, np.intp) if keep is None else np.flatnonzero(~keep)
        groups = np.unique(hidden if scores.groups is None else scores.groups[hidden])
        hiding = int(groups[0]) if len(groups) == 1 else None
        self.listener.on_result(result, Progress(self.done, self.of, hiding))

    def _result(self, scores: Scores) -> Attribution:
        players = self.players
        if scores.groups is not None:
            players, scores = players.grouped(scores.groups), replace(scores, groups=None)
        return Attribution(
            self.answer,
            players,
            self.plan.method,
            self.plan.budget,
            self.plan.seed,
            scores,
            METHODS[self.plan.method].reads,
            logprob_full=self.full,
            logprob_blank=self.blank,
            selection=self.selection,
            figures=scores.figures,
            instead_of=self.instead.text if self.instead else "",
        )


def _checked(cut: Segmentation) -> Segmentation:
    limit = settings().max_regions
    if cut.regions > limit:
        raise AppError(
            f"{cut.made_by} makes {cut.regions} regions and the limit is {limit}; cut the picture more coarsely."
        )
    return cut


def _end(
    events: Iterator[str | Value], kind: type[Value], tell: Callable[[str], None], cancelled: Callable[[], bool]
) -> Value:
    """Give the value that events end in; those before it are words for the listener."""
    for event in events:
        if isinstance(event, kind):
            return event
        tell(str(event))
        if cancelled():
            raise Cancelled
    raise AssertionError(f"the last event is the {kind.__name__}")
