"""One run of a method on an answer: asks the model, reports the result so far, and gives the result."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.shares import measure_shares
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
from mmattr_app.workers.open_proxy import OpenProxy


@dataclass(eq=False)
class Run:
    """One run of a method, and its state while it lasts."""

    worker: Worker
    memo: Memo
    answer: Answer
    players: Players
    plan: Plan
    listener: Listener
    selection: tuple[int, ...] | None  # numbers of the tokens to explain; None is all
    total: int  # masks that will be asked, at most
    start: NDArray[np.intp] | None = None  # [players], groups to begin with, for a method that splits groups
    known: Attribution | None = None  # an earlier result, whose measured losses are not asked again
    instead: Alternative | None = None  # explain why the selection was said and not this
    shared: Players | None = None  # whose kinds the answer is shared out to; None is those of `players`
    full: LogProbs = field(init=False)  # [tokens], with everything visible
    blank: LogProbs = field(init=False)  # [tokens], with nothing visible
    asked: list[tuple[Keeps, LogProbs]] = field(init=False)  # masks and their replies, in the order of the replies
    reported: set[bytes] = field(default_factory=set[bytes])  # keys of the questions that were counted
    done: int = 0  # masks counted so far
    result: Attribution | None = None  # once the method has ended

    def __post_init__(self) -> None:
        """Start with no replies."""
        self.full = self.blank = np.full(len(self.answer.tokens), np.nan, np.float32)
        self.asked = [(np.zeros((0, self.players.count), bool), np.zeros((0, len(self.full)), np.float32))]

    def play(self) -> Attribution:
        """Ask with everything visible and with nothing, let the method ask the rest, and measure the result."""
        probe = self._probe(self.answer, self.players, self._take_reply)
        if self.known:
            self._remember(probe, self.known)
        else:
            self._report()
        self.full = probe(np.ones((1, self.players.count), bool))[0]
        self.blank = probe.nothing()
        scores = METHODS[self.plan.method].run(self._game(probe), budget=self.plan.budget, seed=self.plan.seed)
        if self.instead and self.selection:
            scores = share_out(scores, len(self.answer.tokens), self.selection)
        self.result = self._result(scores)
        return self.share(self.measure(self.result))

    def measure(self, result: Attribution) -> Attribution:
        """Measure a result by the plan's metrics, if it names some."""
        if not self.plan.measure:
            return result
        self.result = result
        probe = self._probe(self.answer, result.players, self._count_reply)
        game = Game(probe, result.players, self.selection)
        scores = result.scores
        if self.instead:
            game = Game(ChoiceProbe(*self._both_texts(probe, result.players, self.instead)), result.players)
            scores = join(scores, self.selection or ())
        figures = {name: METRICS[name].run(game, scores) for name in self.plan.measure}
        return replace(result, figures={**result.figures, **figures})

    def share(self, result: Attribution) -> Attribution:
        """Add the share of each kind of player, such as picture and question, if there are several kinds."""
        players = self.shared or self.players
        if len(set(players.kinds())) < 2:
            return result
        kinds = (players if isinstance(players, Together) else Together([players])).by_kind()
        probe = self._probe(self.answer, kinds, self._count_reply)
        if not self.instead:
            return replace(result, shares=measure_shares(probe, kinds.names()))
        contrast = ContrastProbe(*self._both_texts(probe, kinds, self.instead))
        shares = measure_shares(contrast, kinds.names())
        return replace(result, shares=shares.spread(self.selection or (), len(self.answer.tokens)))

    def _game(self, probe: Probe) -> Game:
        """Make what the method is given: the players, the probe, and the model itself if the method needs it."""
        if self.instead:
            contrast = ContrastProbe(*self._both_texts(probe, self.players, self.instead))
            return Game(contrast, self.players, contrast=True)
        needs = METHODS[self.plan.method].needs
        return Game(
            probe,
            self.players,
            self.selection,
            start=self.start,
            texts=self.answer.tokens,
            opened=self._open() if needs == "open model" else None,
            distributions=self._distributions() if needs == "distribution" else None,
        )

    def _both_texts(self, probe: Probe, players: Players, instead: Alternative) -> tuple[Probe, Probe]:
        """Give a probe of the selection, and one of the text that might have been said instead."""
        other = self._probe(instead.answer, players, self._count_reply)
        return probe.of(self.selection or ()), other.of(instead.tokens)

    def _probe(
        self, answer: Answer, players: Players, on_reply: Callable[[Keeps | None, LogProbs], None]
    ) -> RememberingProbe:
        task = Task(answer, players)

        def score(keeps: Keeps | None) -> LogProbs:
            (logprobs,) = self.worker.run(Scoring(task, keeps))
            assert not isinstance(logprobs, str), "scoring yields no words"
            return logprobs

        return RememberingProbe(
            score,
            task,
            chunk=self.worker.chunk,
            lanes=self.worker.lanes,
            memo=self.memo,
            on_reply=on_reply,
            cancelled=self.listener.cancelled,
            reported=self.reported,
        )

    def _open(self) -> OpenProxy:
        """Open the model for the method; a pass through the model is counted like a mask."""
        task, cancelled = Task(self.answer, self.players), self.listener.cancelled
        return OpenProxy(self.worker, task, on_pass=lambda: self._count(1), cancelled=cancelled)

    def _distributions(self) -> DistributionProbe:
        """Give what the method asks for distributions."""
        task, cancelled = Task(self.answer, self.players), self.listener.cancelled
        return DistributionProbe(self.worker, task, on_masks=self._count, cancelled=cancelled)

    def _remember(self, probe: RememberingProbe, known: Attribution) -> None:
        """Put the losses that an earlier result measured into the probe's memo."""
        one_hidden = ~np.eye(known.players.count, dtype=bool)
        probe.remember(known.players.keys(one_hidden), known.logprob_full - known.scores.values)
        self.done = -known.players.count  # the probe reports these masks like others, but they are not asked now

    def _take_reply(self, keeps: Keeps | None, logprobs: LogProbs) -> None:
        """Count new replies, keep them for the sketch, and report; `keeps` is None with nothing visible."""
        self.done += len(logprobs)
        if keeps is None:
            self.blank = logprobs[0]
        else:
            if keeps.all(axis=1).any():
                self.full = logprobs[keeps.all(axis=1)][0]
            self.asked.append((keeps, logprobs))
        if self.done >= 0:
            self._report(None if keeps is None else keeps[-1])

    def _count_reply(self, keeps: Keeps | None, logprobs: LogProbs) -> None:
        """Count new replies that are not for the sketch: those to metrics and shares, and of the other text."""
        del keeps
        self._count(len(logprobs))

    def _count(self, masks: int) -> None:
        """Count masks, and report the result, or a sketch of it."""
        self.done += masks
        if self.result:
            self.listener.on_result(self.result, Progress(self.done, self.total))
        else:
            self._report()

    def _report(self, keep: NDArray[np.bool_] | None = None) -> None:
        """Report a sketch of the result; `keep` [players] is the last mask."""
        if self.listener.on_result is ignore:  # a sketch of thousands of masks takes long
            return
        keeps, logprobs = (np.concatenate(column) for column in zip(*self.asked, strict=True))
        if self.instead:  # the replies in `asked` are of one of the two texts only: no sketch
            keeps, logprobs = keeps[:0], logprobs[:0]
        scores = METHODS[self.plan.method].sketch(self.players, keeps, logprobs, self.full)
        result = self._result(scores)
        hidden = np.zeros(0, np.intp) if keep is None else np.flatnonzero(~keep)
        groups = np.unique(hidden if scores.groups is None else scores.groups[hidden])
        hiding = int(groups[0]) if len(groups) == 1 else None
        self.listener.on_result(result, Progress(self.done, self.total, hiding))

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
