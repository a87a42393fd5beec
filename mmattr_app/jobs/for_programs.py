"""Kinds of job that only the API submits: an answer without a map, and a comparison of several maps."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.demo.answer_key import named_pixels
from mmattr_app.domain import Question
from mmattr_app.jobs.kinds import A_MASK, ANSWERING, USUAL, Changes, Kind
from mmattr_app.listener import Listener
from mmattr_app.probe import Memo
from mmattr_app.selection import choose_tokens
from mmattr_app.studies.compared_maps import Cuts
from mmattr_app.studies.comparison import CompareListener, Known, compare, most_masks_of
from mmattr_app.studies.setups import Setup

AN_ANSWER = 5.0  # seconds that an answer takes, as a guess


@dataclass(frozen=True, eq=False)
class _ForPrograms:
    """The base of both kinds: they have a question, and a result that the page does not show."""

    question: Question
    model: str
    text: str | None = None  # score this instead of the model's own answer
    maps = refines = False
    base = segmentation = title = None
    job, tokens, regions, remark = "", (), "", ""

    def begins(self) -> Changes:
        """Begin with answering."""
        return ANSWERING

    def same(self, other: Kind) -> bool:
        """Say no: every call of a program has a job of its own."""
        del other
        return False

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List the pictures."""
        yield from self.question.pictures


@dataclass(frozen=True, eq=False)
class Ask(_ForPrograms):
    """Ask a question, and explain nothing."""

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Let the model answer."""
        del memo, tell
        return {"says": "answered", "answer": pipeline.ask(worker, self.question, self.text, listener)}

    def seconds(self) -> float:
        """Guess the seconds of an answer."""
        return AN_ANSWER


@dataclass(frozen=True, eq=False)
class Compare(_ForPrograms):
    """Ask a question, and explain the same words of the answer in several ways."""

    setups: tuple[Setup, ...] = ()
    word: str = ""  # a word or phrase of the answer; empty is the whole answer
    cuts: Mapping[str, Cuts] = field(default_factory=dict[str, Cuts])  # regions that are known, by their text

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Answer, and make and measure one map after the other."""
        del memo
        answer = pipeline.ask(worker, self.question, self.text, listener)

        def begin(name: str) -> None:
            tell(state="hiding", says=f"explaining by {name}", text=answer.text)

        chosen = choose_tokens(answer, self.word)
        hears = CompareListener(begin, cancelled=listener.cancelled)
        named = named_pixels(answer, chosen) if chosen else None
        known = Known(cuts=self.cuts)
        found = compare(worker, answer, self.setups, selection=chosen, named=named, known=known, listener=hears)
        return {"says": f"{len(found.maps)} maps compared", "text": answer.text, "comparison": found}

    def seconds(self) -> float:
        """Guess by the masks of the maps and of their metrics."""
        masks = [most_masks_of(self._count_regions(setup.regions), setup.plan) for setup in self.setups]
        return AN_ANSWER + A_MASK * sum(masks)

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List the pictures and the regions."""
        yield from super().arrays()
        for cut in (cut for cuts in self.cuts.values() for cut in cuts):
            yield from (cut.atoms, cut.holds)

    def _count_regions(self, regions: str) -> int:
        """Count the regions of all pictures, with a guess while they are to be found."""
        return sum(cut.regions for cut in self.cuts.get(regions, ())) or USUAL * len(self.question.pictures)
