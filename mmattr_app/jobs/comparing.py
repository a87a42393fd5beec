"""The kind of job that explains chosen words of a result in several ways, while the result stays on show."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.demo.answer_key import named_pixels
from mmattr_app.errors import AppError
from mmattr_app.jobs.from_results import FromResult
from mmattr_app.jobs.kinds import A_MASK, Changes, Kind
from mmattr_app.listener import Listener
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo
from mmattr_app.segmentation import Segmentation
from mmattr_app.studies.checks import plan_of, regions_of
from mmattr_app.studies.comparison import CompareListener, Comparison, Known, compare, most_masks
from mmattr_app.studies.measuring import plays_alone
from mmattr_app.studies.setups import Setup, read_setup

MOST = 8  # maps in one comparison


@dataclass(frozen=True, eq=False)
class CompareMethods(FromResult):
    """Explain the words in each way, on the regions of the result where nothing else is said."""

    methods: tuple[str, ...] = field(kw_only=True)  # as `setups.read_setup` reads them
    maps = refines = False
    title = None
    remark = ""

    def check(self) -> None:
        """Say in one sentence what is wrong with it, before it waits for its turn."""
        if not plays_alone(self.base):
            raise AppError("Methods are compared on the regions of one picture; hide nothing else, and explain again.")
        if not 2 <= len(self.setups) <= MOST:
            raise AppError(f"Choose 2 to {MOST} maps to compare.")
        for setup in self.setups:
            if setup.model:
                raise AppError(f"One model answers here; the command line compares it with {setup.model[:60]}.")
            pipeline.check(self.question, None, setup.plan, selects=True)
            pipeline.check(self.question, self._players(setup), setup.plan, selects=True)

    def run(self, worker: Worker, memo: Memo, listener: Listener, tell: Callable[..., None]) -> Changes:
        """Make and measure one map after the other; the map of the result itself is there already."""
        setups, costs, begun = self.setups, self.costs, list[str]()

        def begin(name: str) -> None:
            begun.append(name)
            count(0)

        def count(masks: int) -> None:
            place = len(begun) - 1
            done = sum(costs[:place]) + min(masks, costs[place])
            tell(says=f"{begun[-1]}: map {place + 1} of {len(setups)}", done=done, total=sum(costs))

        def show(found: Comparison) -> None:
            tell(comparison=found)

        known = Known({setup: self.base for setup in setups if self.is_there(setup)}, self._cuts, memo)
        named = named_pixels(self.base.answer, self.tokens)
        hears = CompareListener(begin, count, show, listener.cancelled)
        found = compare(
            worker, self.base.answer, setups, selection=self.tokens, named=named, known=known, listener=hears
        )
        return {"says": f"{len(found.maps)} maps compared", "comparison": found}

    @cached_property
    def setups(self) -> tuple[Setup, ...]:
        """Say how each map is made: the result's own method with its budget, others with their own."""
        own = plan_of(self.base)
        read = (read_setup(text, Setup(self.own_regions, replace(own, budget=None))) for text in self.methods)
        with_budgets = (
            replace(one, plan=replace(one.plan, budget=own.budget))
            if one.plan.method == own.method and one.plan.budget is None
            else one
            for one in read
        )
        return tuple(dict.fromkeys(with_budgets))

    @property
    def names(self) -> list[str]:
        """Name the maps by what they do not have in common."""
        return [setup.name(self.setups) for setup in self.setups]

    @cached_property
    def costs(self) -> list[int]:
        """Count the masks of each map and of its figures, at most."""
        figures = most_masks(self.players, None)
        return [
            figures if self.is_there(setup) else most_masks(self._players(setup), setup.plan) for setup in self.setups
        ]

    @property
    def own_regions(self) -> str:
        """Name the regions of the result."""
        return self.players.segmentation.made_by

    @cached_property
    def players(self) -> Regions:
        """Give the regions as they were before a method joined some of them."""
        return Regions(self.question, regions_of(self.base), self.base.occluder)

    def _players(self, setup: Setup) -> Regions:
        """Give the regions of one map."""
        return Regions(self.question, self._cuts[setup.regions], setup.plan.occluder)

    @cached_property
    def _cuts(self) -> dict[str, Segmentation]:
        """Cut the picture in all the ways that are wanted."""
        cuts = {self.own_regions: self.players.segmentation}
        for regions in {setup.regions for setup in self.setups} - set(cuts):
            if not pipeline.is_instant(regions):
                raise AppError(
                    f"Finding regions by {regions[:60]} takes its time; explain on them first, then compare."
                )
            cuts[regions] = pipeline.segment(self.question.image, regions)
        return cuts

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List also the regions of the other maps."""
        yield from super().arrays()
        for cut in self._cuts.values():
            yield from (cut.atoms, cut.holds)

    def seconds(self) -> float:
        """Count the masks."""
        return A_MASK * sum(self.costs)

    def same(self, other: Kind) -> bool:
        """Compare the methods, too."""
        return isinstance(other, CompareMethods) and self.methods == other.methods and super().same(other)

    def is_there(self, setup: Setup) -> bool:
        """Say whether the result is this map: made in this way, for these words or for all."""
        own = Setup(self.own_regions, plan_of(self.base))
        return setup == own and self.base.selection in (None, self.tokens)
