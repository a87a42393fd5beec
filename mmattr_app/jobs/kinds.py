"""Kinds of job: what a kind must offer (`Kind`), and the two that the form submits, Explain and FindRegions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Players, Worker
from mmattr_app.domain import Attribution, Pixels, Question
from mmattr_app.pipeline import Listener, Plan
from mmattr_app.plan import most_masks
from mmattr_app.probe import Memo
from mmattr_app.segmentation import HowToCut, Segmentation

Changes: TypeAlias = dict[str, Any]  # fields of a Snapshot and their new values

ANSWERING: Changes = {"state": "answering", "says": "answering"}
A_MASK = 0.1  # seconds for each mask, as a guess for a lease: a longer lease waits longer for a GPU
A_CUT = 60.0  # seconds to find regions, as a guess
USUAL = 100  # regions, as a guess while their number is not known


class Kind(Protocol):
    """A job's request: what to do, with which model."""

    @property
    def model(self) -> str: ...
    @property
    def question(self) -> Question:
        """Give the question; its prompt is empty if only regions are wanted."""
        ...

    @property
    def base(self) -> Attribution | None:
        """Give a result to show until there is a new one."""
        ...

    @property
    def job(self) -> str:
        """Give the id of the job that made the result `base`."""
        ...

    @property
    def tokens(self) -> tuple[int, ...]:
        """Give the numbers of the tokens that the result is for; empty means all."""
        ...

    @property
    def segmentation(self) -> Segmentation | None:
        """Give the regions of the first picture; None if they are not known yet."""
        ...

    @property
    def regions(self) -> HowToCut:
        """Say how to cut the pictures if the regions are not known yet, as `pipeline.segment_all` reads it."""
        ...

    @property
    def maps(self) -> bool:
        """Say whether its result is a map to show, and not only regions, figures or an answer."""
        ...

    @property
    def refines(self) -> bool:
        """Say whether its map is shown only where it is finer than that of `base`."""
        ...

    @property
    def remark(self) -> str:
        """Say how its result differs from `base`, in words before a colon; empty without a base."""
        ...

    @property
    def title(self) -> str | None:
        """Give the name of its result in a list; None if it is not listed."""
        ...

    def begins(self) -> Changes:
        """Give the snapshot's state and words when the job has its first turn."""
        ...

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Run it and give the last changes of the snapshot; changes before go to the listener or to `tell`."""
        ...

    def seconds(self) -> float:
        """Guess how many seconds it takes on a GPU."""
        ...

    def same(self, other: "Kind") -> bool:
        """Say whether another kind asks for the same, so that one job is enough for both."""
        ...

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List its large arrays, to count its memory."""
        ...


@dataclass(frozen=True, eq=False)
class Explain:
    """Ask a question, and explain the answer."""

    question: Question
    segmentation: Segmentation | None  # of the first picture; None: cut it as `regions` says
    plan: Plan
    model: str
    text: str | None = None  # explain this instead of the model's own answer
    regions: HowToCut = ""
    further: tuple[Segmentation | None, ...] = ()  # of the pictures after the first; None, or missing: cut them too
    maps, refines = True, False
    base = None
    job, tokens, remark = "", (), ""

    @property
    def title(self) -> str:
        """Give the question."""
        return self.question.prompt

    def begins(self) -> Changes:
        """Begin with answering, or with finding regions if they are not known."""
        return ANSWERING if self._cuts is not None else {"state": "cutting", "says": "finding regions"}

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Find the regions if they are not known, and check the plan with them; then ask and explain."""
        cuts = self._cuts
        if cuts is None:
            asked = self.question, self.plan, self.regions
            cuts = pipeline.segment_all(*asked, worker, listener, known=self._known)
            tell(**ANSWERING, segmentation=cuts[0])
        answer = pipeline.ask(worker, self.question, self.text, listener)
        players = pipeline.find_all_players(answer, cuts, self.plan)
        return {"attribution": pipeline.explain(worker, answer, players, self.plan, memo=memo, listener=listener)}

    @property
    def players(self) -> Players | None:
        """Give the players, as far as they are known before the answer."""
        return None if self._cuts is None else pipeline.find_players(self.question, self._cuts, self.plan)

    @property
    def _cuts(self) -> tuple[Segmentation, ...] | None:
        """Give the regions of each picture; None if they must be found first."""
        if pipeline.REGIONS not in self.plan.players:
            return ()
        known = tuple(cut for cut in self._known if cut)
        return known if len(known) == len(self.question.pictures) else None

    @property
    def _known(self) -> tuple[Segmentation | None, ...]:
        return self.segmentation, *self.further

    def seconds(self) -> float:
        """Guess by the number of masks, and add the time to find regions if they are not known."""
        if (players := self.players) is not None:
            return A_MASK * pipeline.count_masks(players, self.plan)
        return A_CUT + A_MASK * (2 + most_masks(USUAL, self.plan))

    def same(self, other: Kind) -> bool:
        """Say whether all choices and the pictures are the same."""
        return isinstance(other, Explain) and _choices(self) == _choices(other) and _same_picture(self, other)

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List the pictures and the regions."""
        yield from self.question.pictures
        for cut in filter(None, self._known):
            yield from (cut.atoms, cut.holds)


@dataclass(frozen=True, eq=False)
class FindRegions:
    """Only find regions, with a segmenter that takes long."""

    image: Pixels
    regions: str  # how to cut, as `pipeline.segment` reads it
    model: str  # the model in whose worker it runs
    maps = refines = False
    base = segmentation = title = None
    job, tokens, remark = "", (), ""

    @property
    def question(self) -> Question:
        """Give the picture."""
        return Question((self.image,), "")

    def begins(self) -> Changes:
        """Begin with finding regions."""
        return {"state": "cutting", "says": "finding regions"}

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Cut the picture."""
        del memo, tell
        return {"says": "", "segmentation": pipeline.segment(self.image, self.regions, worker, listener)}

    def seconds(self) -> float:
        """Guess the seconds of finding regions."""
        return A_CUT

    def same(self, other: Kind) -> bool:
        """Say whether the picture, the way to cut and the model are the same."""
        return (
            isinstance(other, FindRegions)
            and (self.regions, self.model) == (other.regions, other.model)
            and _same_picture(self, other)
        )

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List the picture."""
        yield self.image


def _choices(kind: Explain) -> tuple[Any, ...]:
    """List all choices but the pictures."""
    asked = kind.question
    known = [cut and cut.fingerprint for cut in (kind.segmentation, *kind.further)]
    regions = known, "" if all(known) else kind.regions
    words = (asked.text, asked.system, asked.max_tokens, asked.sampling)
    return kind.plan, kind.model, kind.text, regions, words


def _same_picture(one: Kind, other: Kind) -> bool:
    pairs = zip(one.question.pictures, other.question.pictures, strict=False)
    alike = len(one.question.pictures) == len(other.question.pictures)
    return alike and all(np.array_equal(*pair) for pair in pairs)
