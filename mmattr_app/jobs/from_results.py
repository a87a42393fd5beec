"""Kinds of job that start from a result: make its map finer for some words, or explain these words by any method."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Players, Worker
from mmattr_app.domain import Attribution, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs.kinds import A_MASK, Changes, Kind
from mmattr_app.listener import Listener
from mmattr_app.plan import Plan, join
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo


@dataclass(frozen=True, eq=False)
class FromResult:
    """The base of these kinds: a result, which the page shows meanwhile, and selected tokens."""

    base: Attribution
    tokens: tuple[int, ...]  # numbers of the selected tokens
    model: str
    job: str = ""  # id of the job that made the result
    segmentation = None
    regions = ""

    @property
    def question(self) -> Question:
        """Give the question of the result."""
        return self.base.answer.question

    @property
    def words(self) -> str:
        """Give the text of the selected tokens."""
        return self.base.answer.said(self.tokens)

    def check(self) -> None:
        """Raise an AppError if it cannot be done; called before the job is submitted."""
        if self.base.players.segmentation is None:
            raise AppError("Only a map of regions of the picture can be explained further; let regions play, too.")

    def begins(self) -> Changes:
        """Begin with hiding regions: the answer is known."""
        return {"state": "hiding", "says": "hiding regions"}

    def same(self, other: Kind) -> bool:
        """Say whether the kind, the result and the tokens are the same."""
        return (
            isinstance(other, type(self))
            and (self.job, self.tokens) == (other.job, other.tokens)
            and other.base is not None
            and self.base.answer.fingerprint == other.base.answer.fingerprint
        )

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List the pictures, the regions and the scores."""
        yield from (*self.question.pictures, self.base.scores.values)
        for one in self.base.players.pictured:
            yield from (one.segmentation.atoms, one.segmentation.holds)


@dataclass(frozen=True, eq=False)
class Sharpen(FromResult):
    """Make the map of a result finer for some tokens."""

    maps = refines = True

    @property
    def remark(self) -> str:
        """Say for which words the map is sharper, and that it is approximate."""
        return f"Sharpened for “{self.words}”, approximate"

    @property
    def title(self) -> str:
        """Give the question, marked as sharpened."""
        return f"Sharpened: {self.question.prompt}"

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Make the finer map."""
        del tell
        return {"attribution": pipeline.sharpen(worker, self.base, self.tokens, memo=memo, listener=listener)}

    def seconds(self) -> float:
        """Guess by the number of masks."""
        return A_MASK * (2 + pipeline.SHARPENING)


@dataclass(frozen=True, eq=False)
class ExplainWords(FromResult):
    """Explain some tokens of a result's answer by any method, on the same regions."""

    plan: Plan = field(kw_only=True)
    instead_of: str = ""  # explain why the tokens were said and not this
    maps, refines = True, False

    @property
    def title(self) -> str:
        """Give the words, and the question or the text they are explained against."""
        return f"{self.words} and not {self.instead_of}" if self.instead_of else f"{self.words}: {self.question.prompt}"

    @property
    def remark(self) -> str:
        """Say for which words the map is, and how it was made."""
        rival = f" and not “{self.instead_of}”" if self.instead_of else " alone"
        return f"For “{self.words}”{rival}, by {self.plan.method}"

    def check(self) -> None:
        """Refuse also a method that cannot explain these words."""
        super().check()
        pipeline.check(self.question, self._players, self.plan, selects=True, contrasts=bool(self.instead_of))

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Score the other text, if there is one, and run the method for the selection."""
        del tell
        self.check()
        answer, instead = self.base.answer, None
        if self.instead_of:
            instead = pipeline.ask_instead(worker, answer, self.tokens, self.instead_of, listener)
        result = pipeline.explain(
            worker, answer, self._players, self.plan,
            selection=self.tokens, instead=instead, memo=memo, listener=listener,
        )  # fmt: skip
        return {"attribution": result}

    def seconds(self) -> float:
        """Guess by the number of masks."""
        if self.instead_of:
            asked = self.base.answer, self._players, self.plan, self.tokens
            return A_MASK * pipeline.count_contrast_masks(*asked)
        return A_MASK * pipeline.count_masks(self._players, self.plan)

    def same(self, other: Kind) -> bool:
        """Say whether the result, the tokens, the plan and the other text are the same."""
        alike = isinstance(other, ExplainWords) and (self.plan, self.instead_of) == (other.plan, other.instead_of)
        return alike and super().same(other)

    @property
    def _players(self) -> Players:
        """Give the regions of every picture."""
        cuts = self.base.players.pictured
        parts = [Regions(self.question, cut, self.plan.occluder, number) for number, cut, _ in cuts]
        return join(parts)
