"""One game of a method, from what is asked of the model to the result, told while it lasts."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.shares import count_shared_masks, measure_shares
from mmattr_app.contracts import Game, Players, Probe, Worker
from mmattr_app.contrast import Alternative, ChoiceProbe, ContrastProbe
from mmattr_app.domain import Answer, Attribution, Keeps, LogProbs, Scores, Task
from mmattr_app.listener import Listener, Progress, ignore
from mmattr_app.methods import METHODS
from mmattr_app.metrics import METRICS
from mmattr_app.plan import Plan
from mmattr_app.players.together import Together
from mmattr_app.probe import Memo, RememberingProbe
from mmattr_app.spans import join, share_out
from mmattr_app.workers.calls import Scoring
from mmattr_app.workers.distributions import DistributionProbe
from mmattr_app.workers.opened import OpenedModel


@dataclass(eq=False)
class Run:
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
        needs = METHODS[self.plan.method].needs
        told = {"start": self.start, "texts": self.answer.tokens}
        told |= {"opened": self._open(worker)} if needs == "open model" else {}
        told |= {"distributions": self._distributions(worker)} if needs == "distribution" else {}
        game = Game(probe, self.players, self.selection, **told)
        if self.instead:
            game = Game(ContrastProbe(*self._contrast(game, self.instead, worker, memo)), self.players, contrast=True)
        scores = METHODS[self.plan.method].run(game, budget=self.plan.budget, seed=self.plan.seed)
        if self.instead and self.selection:
            scores = share_out(scores, len(self.answer.tokens), self.selection)
        self.result = self._result(scores)
        measured = self.measure(self.result, worker, memo) if self.plan.measure else self.result
        return self.share(measured, worker, memo)

    def share(self, result: Attribution, worker: Worker, memo: Memo) -> Attribution:
        """Play with one player for each kind, where several kinds play."""
        if self.instead or not (isinstance(self.players, Together) and count_shared_masks(self.players.kinds())):
            return result
        kinds = self.players.by_kind()
        probe = self._probe(self.answer, kinds, worker, memo, self._hear_besides)
        return replace(result, shares=measure_shares(probe, kinds.names()))

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

    def _open(self, worker: Worker) -> OpenedModel:
        """Let the method read the model; a pass through it counts like a mask."""

        def hear() -> None:
            self.done += 1
            self._tell()

        return OpenedModel(worker, Task(self.answer, self.players), on_pass=hear, cancelled=self.listener.cancelled)

    def _distributions(self, worker: Worker) -> DistributionProbe:
        """Let the method ask for whole distributions; each mask counts."""

        def hear(masks: int) -> None:
            self.done += masks
            self._tell()

        return DistributionProbe(
            worker, Task(self.answer, self.players), on_masks=hear, cancelled=self.listener.cancelled
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
