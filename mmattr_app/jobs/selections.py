"""The kind of job that explains chosen words of an answer that is there, perhaps against something else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.domain import Attribution, Question
from mmattr_app.jobs.kinds import A_MASK, Changes, Kind
from mmattr_app.listener import Listener
from mmattr_app.plan import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo


@dataclass(frozen=True, eq=False)
class ExplainWords:
    """Explain some tokens of a result's answer by any method, on the same regions."""

    base: Attribution
    tokens: tuple[int, ...]
    plan: Plan
    model: str
    instead_of: str = ""  # explain why the tokens were said and not this
    job: str = ""  # that the result came from
    maps, refines = True, False
    segmentation = None
    regions = ""

    @property
    def question(self) -> Question:
        """Give what was asked."""
        return self.base.answer.question

    @property
    def title(self) -> str:
        """Give the words, and what they are compared with."""
        words = "".join(self.base.answer.tokens[token] for token in self.tokens).strip()
        return f"{words} and not {self.instead_of}" if self.instead_of else f"{words}: {self.question.prompt}"

    @property
    def remark(self) -> str:
        """Say for which words the map is, and how it was made."""
        words = "".join(self.base.answer.tokens[token] for token in self.tokens).strip()
        rival = f" and not “{self.instead_of}”" if self.instead_of else " alone"
        return f"For “{words}”{rival}, by {self.plan.method}"

    def begins(self) -> Changes:
        """Hide regions at once: the answer is known."""
        return {"state": "hiding", "says": "hiding regions"}

    def check(self) -> None:
        """Say in one sentence what is wrong with it, before it waits for its turn."""
        pipeline.check(self.question, self._players, self.plan, selects=True, contrasts=bool(self.instead_of))

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Score what might have been said instead, where that is asked, and play for the selection."""
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
        """Count the masks, of a contrast twice."""
        return A_MASK * pipeline.count_masks(self._players, self.plan) * (2 if self.instead_of else 1)

    def same(self, other: Kind) -> bool:
        """Compare the result, the tokens and what is asked of them."""
        return (
            isinstance(other, ExplainWords)
            and (self.job, self.tokens, self.plan, self.instead_of)
            == (other.job, other.tokens, other.plan, other.instead_of)
            and self.base.answer.fingerprint == other.base.answer.fingerprint
        )

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List the picture, the regions and the scores."""
        cut = self.base.segmentation
        yield from (self.question.image, cut.atoms, cut.holds, self.base.scores.values)

    @property
    def _players(self) -> Regions:
        return Regions(self.question, self.base.segmentation, self.plan.occluder)
