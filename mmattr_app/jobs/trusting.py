"""The kinds of job that find out whether a result can be trusted: they measure it, or explain it again otherwise."""

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
    """What both have in common: the result stays on show when they end, too."""

    maps = refines = False
    title = None
    remark = ""
    whynot = staticmethod(measuring.whynot)

    def check(self) -> None:
        """Say in one sentence what is wrong with it, before it waits for its turn."""
        if says := self.whynot(self.base, self.tokens):
            raise AppError(says)


@dataclass(frozen=True, eq=False)
class Measure(_Trust):
    """Measure the map of some words."""

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Draw the curves."""
        del tell
        return {"found": measuring.measure(worker, self.base, self.tokens, memo=memo, listener=listener)}

    def seconds(self) -> float:
        """Count the masks."""
        return A_MASK * measuring.count_masks(self.base, self.tokens)


@dataclass(frozen=True, eq=False)
class CompareByHiding(_Trust):
    """Explain a result that hid nothing again by hiding its regions."""

    whynot = staticmethod(measuring.whynot_compared)

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Play with the same regions."""
        del tell
        (other,) = self._again.explain(worker, selection=self.base.selection, memo=memo, listener=listener)
        return {"found": other}

    def seconds(self) -> float:
        """Count the masks."""
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
