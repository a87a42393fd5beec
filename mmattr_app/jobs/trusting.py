"""The kinds of job that find out whether a result can be trusted: they measure it, or explain it again otherwise."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from mmattr_app import checks, measuring
from mmattr_app.contracts import Worker
from mmattr_app.domain import Attribution, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs.kinds import A_MASK, Changes, Kind
from mmattr_app.listener import Listener
from mmattr_app.probe import Memo


@dataclass(frozen=True, eq=False)
class _Trust:
    """What both have in common: a result that stays on show, and the words that are meant."""

    base: Attribution
    tokens: tuple[int, ...]
    model: str
    job: str = ""  # that the result came from
    maps = refines = False
    segmentation = title = None
    regions = remark = ""

    @property
    def question(self) -> Question:
        """Give what was asked."""
        return self.base.answer.question

    def begins(self) -> Changes:
        """Hide regions at once: the answer is known."""
        return {"state": "hiding", "says": "hiding regions"}

    def check(self) -> None:
        """Say in one sentence what is wrong with it, before it waits for its turn."""
        if says := measuring.whynot(self.base, self.tokens):
            raise AppError(says)

    def same(self, other: Kind) -> bool:
        """Compare the result and the tokens."""
        return (
            isinstance(other, type(self))
            and other.base is not None
            and (self.job, self.tokens) == (other.job, other.tokens)
            and self.base.answer.fingerprint == other.base.answer.fingerprint
        )

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List the picture, the regions and the scores."""
        cut = self.base.segmentation
        yield from (self.question.image, cut.atoms, cut.holds, self.base.scores.values)


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
class HideOtherwise(_Trust):
    """Explain the result again with another occluder."""

    occluder: str = "blur"

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Play the same game with other pictures."""
        del tell
        (other,) = self._again.explain(worker, selection=self.base.selection, memo=memo, listener=listener)
        return {"found": other}

    def seconds(self) -> float:
        """Count the masks."""
        return A_MASK * self._again.masks

    @property
    def _again(self) -> checks.Check:
        return checks.other_occluder(self.base, self.occluder)
