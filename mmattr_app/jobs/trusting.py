"""Kinds of job that check a result: measure its map, or explain it again in another way and compare."""

from collections.abc import Callable
from dataclasses import dataclass

from mmattr_app.contracts import Worker
from mmattr_app.errors import AppError
from mmattr_app.jobs.from_results import FromResult
from mmattr_app.jobs.kinds import A_MASK, Changes
from mmattr_app.listener import Listener
from mmattr_app.probe import Memo
from mmattr_app.studies import checks, measuring


@dataclass(frozen=True, eq=False)
class _Trust(FromResult):
    """The base of these kinds: the page still shows the result when they end."""

    maps = refines = False
    title = None
    remark = ""
    whynot = staticmethod(measuring.whynot)

    def check(self) -> None:
        """Raise an AppError if it cannot be done; called before the job is submitted."""
        if says := self.whynot(self.base, self.tokens):
            raise AppError(says)


@dataclass(frozen=True, eq=False)
class Measure(_Trust):
    """Measure the map of some words."""

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Measure the curves."""
        del tell
        return {"found": measuring.measure(worker, self.base, self.tokens, memo=memo, listener=listener)}

    def seconds(self) -> float:
        """Guess by the number of masks."""
        return A_MASK * measuring.count_masks(self.base, self.tokens)


@dataclass(frozen=True, eq=False)
class CompareByHiding(_Trust):
    """Explain a result of a method that hides nothing again, by hiding its regions."""

    whynot = staticmethod(measuring.whynot_compared)

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Run the other method on the same regions."""
        del tell
        (other,) = self._again.explain(worker, selection=self.base.selection, memo=memo, listener=listener)
        return {"found": other}

    def seconds(self) -> float:
        """Guess by the number of masks."""
        return A_MASK * self._again.masks

    @property
    def _again(self) -> checks.Check:
        return checks.by_hiding(self.base)


@dataclass(frozen=True, eq=False)
class HideOtherwise(CompareByHiding):
    """Explain the result again with another occluder."""

    occluder: str = "blur"

    @property
    def _again(self) -> checks.Check:
        return checks.other_occluder(self.base, self.occluder)
