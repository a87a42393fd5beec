"""The kinds of job: each knows how it begins, how to run, about how long it takes, and when two ask for the same."""

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
from mmattr_app.segmentation import Segmentation

Changes: TypeAlias = dict[str, Any]  # fields of a Snapshot that are new

ANSWERING: Changes = {"state": "answering", "says": "answering"}
A_MASK = 0.1  # seconds, as a guess before the first lease: too long a lease waits longer for a GPU
A_CUT = 60.0  # seconds, as a guess
USUAL = 100  # regions, where nobody can know yet how many will be found


class Kind(Protocol):
    """What somebody wants of a model."""

    @property
    def model(self) -> str: ...
    @property
    def question(self) -> Question:
        """Give what is asked; where only regions are wanted it has no words."""
        ...

    @property
    def base(self) -> Attribution | None:
        """Give a result to show until there is a new one."""
        ...

    @property
    def job(self) -> str:
        """Name the job that made the result in `base`."""
        ...

    @property
    def tokens(self) -> tuple[int, ...]:
        """Give the tokens that the result is for; none where it is for all."""
        ...

    @property
    def segmentation(self) -> Segmentation | None:
        """Give the regions, where they are known beforehand."""
        ...

    @property
    def regions(self) -> str:
        """Say how the picture is to be cut else, as `pipeline.segment` reads it."""
        ...

    @property
    def maps(self) -> bool:
        """Say whether it ends in a map; else the regions are what was wanted."""
        ...

    @property
    def refines(self) -> bool:
        """Say whether its map is wanted only where it is sharper than that of `base`."""
        ...

    @property
    def remark(self) -> str:
        """Say what its result is beside that of `base`, in words before a colon; nothing where it has no base."""
        ...

    @property
    def title(self) -> str | None:
        """Say how its result is called in a list; None where it has none."""
        ...

    def begins(self) -> Changes:
        """Say what it begins with as soon as it has its turn."""
        ...

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Do it, and give what its end changes; `tell` takes what changes on the way and the listener does not hear."""
        ...

    def seconds(self) -> float:
        """Guess how long it takes on a GPU."""
        ...

    def same(self, other: "Kind") -> bool:
        """Say whether another asks for the same, so that one of them is enough."""
        ...

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List what is large in it."""
        ...


@dataclass(frozen=True, eq=False)
class Explain:
    """Ask a question, and explain the answer."""

    question: Question
    segmentation: Segmentation | None  # None: it is cut first, as `regions` says
    plan: Plan
    model: str
    text: str | None = None  # explain this instead of the model's own answer
    regions: str = ""
    further: tuple[Segmentation, ...] = ()  # of the pictures after the first one; none: they are cut first, too
    maps, refines = True, False
    base = None
    job, tokens, remark = "", (), ""

    @property
    def title(self) -> str:
        """Give the question."""
        return self.question.prompt

    def begins(self) -> Changes:
        """Answer, or find the regions first."""
        return ANSWERING if self._cuts is not None else {"state": "cutting", "says": "finding regions"}

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Find the regions where nobody did so before; what depends on them can be checked only then."""
        cuts = self._cuts
        if cuts is None:
            asked = self.question, self.plan, self.regions
            cuts = pipeline.segment_all(*asked, worker, listener, known=self.segmentation)
            pipeline.check(self.question, pipeline.find_players(self.question, cuts, self.plan), self.plan)
            tell(**ANSWERING, segmentation=cuts[0])
        answer = pipeline.ask(worker, self.question, self.text, listener)
        players = pipeline.find_players(answer.question, cuts, self.plan, answer)
        assert players, "somebody plays"
        pipeline.check(self.question, players, self.plan)
        return {"attribution": pipeline.explain(worker, answer, players, self.plan, memo=memo, listener=listener)}

    @property
    def players(self) -> Players | None:
        """Give who plays, as far as that is known before the answer."""
        return None if self._cuts is None else pipeline.find_players(self.question, self._cuts, self.plan)

    @property
    def _cuts(self) -> tuple[Segmentation, ...] | None:
        """Give the regions of each picture; None where they are to be found first."""
        if pipeline.REGIONS not in self.plan.players:
            return ()
        known = (self.segmentation, *self.further) if self.segmentation else ()
        return known if known and len(known) == len(self.question.pictures) else None

    def seconds(self) -> float:
        """Count the masks, and add the time to cut where that is to be done."""
        if (players := self.players) is not None:
            return A_MASK * pipeline.count_masks(players, self.plan)
        return A_CUT + A_MASK * (2 + most_masks(USUAL, self.plan))

    def same(self, other: Kind) -> bool:
        """Compare all that was chosen."""
        return isinstance(other, Explain) and _words(self) == _words(other) and _same_picture(self, other)

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List the pictures and the regions."""
        yield from self.question.pictures
        for cut in filter(None, (self.segmentation, *self.further)):
            yield from (cut.atoms, cut.holds)


@dataclass(frozen=True, eq=False)
class FindRegions:
    """Find regions alone, which takes its time."""

    image: Pixels
    regions: str  # as `pipeline.segment` reads it
    model: str  # beside which it runs
    maps = refines = False
    base = segmentation = title = None
    job, tokens, remark = "", (), ""

    @property
    def question(self) -> Question:
        """Give the picture."""
        return Question((self.image,), "")

    def begins(self) -> Changes:
        """Cut at once."""
        return {"state": "cutting", "says": "finding regions"}

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Cut the picture."""
        del memo, tell
        return {"says": "", "segmentation": pipeline.segment(self.image, self.regions, worker, listener)}

    def seconds(self) -> float:
        """Guess."""
        return A_CUT

    def same(self, other: Kind) -> bool:
        """Compare the picture and how it is cut."""
        return (
            isinstance(other, FindRegions)
            and (self.regions, self.model) == (other.regions, other.model)
            and _same_picture(self, other)
        )

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List the picture."""
        yield self.image


def _words(kind: Explain) -> tuple[Any, ...]:
    """List all that was chosen but the picture."""
    asked = kind.question
    first = kind.segmentation.fingerprint if kind.segmentation else kind.regions
    regions = first, [cut.fingerprint for cut in kind.further]
    words = (asked.text, asked.system, asked.max_tokens, asked.sampling)
    return kind.plan, kind.model, kind.text, regions, words


def _same_picture(one: Kind, other: Kind) -> bool:
    pairs = zip(one.question.pictures, other.question.pictures, strict=False)
    alike = len(one.question.pictures) == len(other.question.pictures)
    return alike and all(np.array_equal(*pair) for pair in pairs)
