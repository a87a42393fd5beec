"""The kind of job that explains chosen words of a result by several methods, while the result stays on show."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.errors import AppError
from mmattr_app.jobs.from_results import FromResult
from mmattr_app.jobs.kinds import A_MASK, Changes, Kind
from mmattr_app.listener import Listener
from mmattr_app.plan import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo
from mmattr_app.studies.checks import plan_of, regions_of
from mmattr_app.studies.comparison import CompareListener, Comparison, Known, Setup, compare, most_masks
from mmattr_app.studies.measuring import plays_alone

MOST = 8  # maps in one comparison


@dataclass(frozen=True, eq=False)
class CompareMethods(FromResult):
    """Explain the words by each method, on the regions of the result."""

    methods: tuple[str, ...] = field(kw_only=True)
    maps = refines = False
    title = None
    remark = ""

    def check(self) -> None:
        """Say in one sentence what is wrong with it, before it waits for its turn."""
        if not plays_alone(self.base):
            raise AppError("Methods are compared on the regions of one picture; hide nothing else, and explain again.")
        if not 2 <= len(self.methods) <= MOST:
            raise AppError(f"Choose 2 to {MOST} methods to compare.")
        for setup in self.setups:
            pipeline.check(self.question, self.players, setup.plan, selects=True)

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Make and measure one map after the other; the map of the result itself is there already."""
        setups, costs, begun = self.setups, self.costs, list[str]()

        def begin(name: str) -> None:
            begun.append(name)
            count(0)

        def count(masks: int) -> None:
            place = len(begun) - 1
            done = sum(costs[:place]) + min(masks, costs[place])
            tell(says=f"{begun[-1]}: map {place + 1} of {len(setups)}", done=done, of=sum(costs))

        def show(found: Comparison) -> None:
            tell(comparison=found)

        cut = self.players.segmentation
        known = Known({setup: self.base for setup in setups if self.is_there(setup)}, {cut.made_by: cut}, memo)
        hears = CompareListener(begin, count, show, listener.cancelled)
        found = compare(worker, self.base.answer, setups, selection=self.tokens, known=known, listener=hears)
        return {"says": f"{len(found.maps)} maps compared", "comparison": found}

    @cached_property
    def setups(self) -> tuple[Setup, ...]:
        """Say how each map is made: the result's own method with its budget, others with their own."""
        own = plan_of(self.base)
        plans = (own if name == own.method else Plan(name, own.occluder, seed=own.seed) for name in self.methods)
        return tuple(Setup(self.players.segmentation.made_by, plan) for plan in plans)

    @cached_property
    def costs(self) -> list[int]:
        """Count the masks of each map and of its figures, at most."""
        figures = most_masks(self.players, None)
        return [figures if self.is_there(setup) else most_masks(self.players, setup.plan) for setup in self.setups]

    @cached_property
    def players(self) -> Regions:
        """Give the regions as they were before a method joined some of them."""
        return Regions(self.question, regions_of(self.base), self.base.occluder)

    def seconds(self) -> float:
        """Count the masks."""
        return A_MASK * sum(self.costs)

    def same(self, other: Kind) -> bool:
        """Compare the methods, too."""
        return isinstance(other, CompareMethods) and self.methods == other.methods and super().same(other)

    def is_there(self, setup: Setup) -> bool:
        """Say whether the result is this map: made in this way, for these words or for all."""
        return setup.plan == plan_of(self.base) and self.base.selection in (None, self.tokens)
