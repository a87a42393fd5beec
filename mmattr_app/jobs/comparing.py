"""The kind of job that explains chosen words of a result in several ways, while the result stays on show."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Players, Worker
from mmattr_app.demo.answer_key import named_pixels
from mmattr_app.errors import AppError
from mmattr_app.jobs.from_results import FromResult
from mmattr_app.jobs.kinds import A_CUT, A_MASK, Changes, Kind
from mmattr_app.listener import Listener
from mmattr_app.models import model_of
from mmattr_app.plan import Plan, find_players
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo
from mmattr_app.results.saved_players import parts_of
from mmattr_app.studies.checks import plan_of, regions_before
from mmattr_app.studies.compared_maps import Comparison, Cuts
from mmattr_app.studies.comparison import CompareListener, Known, compare, most_masks, most_masks_of
from mmattr_app.studies.measuring import only_regions
from mmattr_app.studies.setups import Setup, read_setup

MOST = 8  # maps in one comparison
MOST_FOUND = 64  # regions that a slow segmenter finds in a picture, at most, as SAM-2 does where nothing else is said
A_MODEL = 15.0  # seconds to load another model, as a guess


@dataclass(frozen=True, eq=False)
class CompareMethods(FromResult):
    """Explain the words in each way, on the regions of the result where nothing else is said."""

    methods: tuple[str, ...] = field(kw_only=True)  # as `setups.read_setup` reads them
    found: Mapping[str, Cuts] = field(default_factory=dict[str, Cuts])  # regions that slow segmenters found before
    maps = refines = False
    title = None
    remark = ""

    def check(self) -> None:
        """Say in one sentence what is wrong with it, before it waits for its turn."""
        if not only_regions(self.base):
            raise AppError("Maps are compared on regions of the pictures alone; hide no words, and explain again.")
        if not 2 <= len(self.setups) <= MOST:
            raise AppError(f"Choose 2 to {MOST} maps to compare.")
        for setup in self.setups:
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

        def say(words: str) -> None:
            tell(says=f"{begun[-1]}: {words}")

        def show(found: Comparison) -> None:
            tell(comparison=found)

        known = Known({setup: self.base for setup in setups if self.is_there(setup)}, self._cuts, memo)
        named = named_pixels(self.base.answer, self.tokens)
        hears = CompareListener(begin, say, count, show, listener.cancelled)
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
        answered = (self.model, model_of(self.base.answer))
        same_model = (replace(one, model="") if one.model in answered else one for one in with_budgets)
        return tuple(dict.fromkeys(same_model))

    @cached_property
    def models(self) -> list[str]:
        """Name the models that are asked, the result's own as the first."""
        return list(dict.fromkeys([self.model, *(setup.model for setup in self.setups if setup.model)]))

    @property
    def names(self) -> list[str]:
        """Name the maps by what they do not have in common."""
        return [setup.name(self.setups, model_of(self.base.answer)) for setup in self.setups]

    @cached_property
    def costs(self) -> list[int]:
        """Count the masks of each map and of its figures, at most."""
        return [self.figures if self.is_there(setup) else self.cost(setup) for setup in self.setups]

    def cost(self, setup: Setup) -> int:
        """Count the masks of a map that is made anew, and of its figures, at most."""
        players = self._players(setup)
        many = MOST_FOUND * len(self.question.pictures)
        return most_masks(players, setup.plan) if players else most_masks_of(many, setup.plan)

    @property
    def figures(self) -> int:
        """Count the masks of the figures of a map that is there, at most."""
        return most_masks(self.players, None)

    @property
    def own_regions(self) -> str:
        """Name the regions of the result."""
        return self._own_cuts[0].made_by

    @cached_property
    def players(self) -> Players:
        """Give the regions as they were before a method joined some of them."""
        return self._of(self._own_cuts, plan_of(self.base))

    def _players(self, setup: Setup) -> Players | None:
        """Give the regions of one map; None while they are to be found."""
        cuts = self._cuts.get(setup.regions)
        return self._of(cuts, setup.plan) if cuts else None

    def _of(self, cuts: Cuts, plan: Plan) -> Players:
        players = find_players(self.question, cuts, replace(plan, players=(pipeline.REGIONS,)))
        assert players, "regions play"
        return players

    @cached_property
    def _own_cuts(self) -> Cuts:
        return tuple(regions_before(part) for part in parts_of(self.base.players) if isinstance(part, Regions))

    @cached_property
    def _cuts(self) -> dict[str, Cuts]:
        """Cut the pictures in all the ways that are wanted and take no time."""
        cuts = {**self.found, self.own_regions: self._own_cuts}
        for regions in {setup.regions for setup in self.setups} - set(cuts):
            if pipeline.is_instant(regions):
                cuts[regions] = pipeline.segment_all(self.question, Plan(), regions)
        return cuts

    def arrays(self) -> Iterator[NDArray[Any]]:
        """List also the regions of the other maps."""
        yield from super().arrays()
        for cut in (cut for cuts in self._cuts.values() for cut in cuts):
            yield from (cut.atoms, cut.holds)

    def seconds(self) -> float:
        """Guess by the number of masks, and by what is to be found and loaded."""
        to_find = {setup.regions for setup in self.setups} - set(self._cuts)
        return A_MASK * sum(self.costs) + A_CUT * len(to_find) + A_MODEL * (len(self.models) - 1)

    def same(self, other: Kind) -> bool:
        """Compare the methods, too."""
        return isinstance(other, CompareMethods) and self.methods == other.methods and super().same(other)

    def is_there(self, setup: Setup) -> bool:
        """Say whether the result is this map: made in this way, for these words or for all."""
        own = Setup(self.own_regions, plan_of(self.base))
        return setup == own and self.base.selection in (None, self.tokens)
