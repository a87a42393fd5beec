"""How a map is made, in words that are the same on the page, in the command, in Python and in calls of programs.

A method, and what differs: "smooth", "smooth hidden by blur", "smooth with seed 1", "ablation on grid:8x8",
"smooth with 32 masks", "smooth asking clever-hans". Several are written with commas between.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mmattr_app.errors import AppError
from mmattr_app.plan import Plan

EXAMPLE = "smooth on grid:8x8 hidden by blur with seed 1"
PART = re.compile(
    r"asking (?P<model>\S+)|on (?P<regions>\S+)|hidden by (?P<occluder>\S+)|with seed (?P<seed>[0-9]{1,9})"
    r"|with (?P<budget>[0-9]{1,9}) masks"
)
SHORT = 30  # characters of regions that a name can hold; shapes drawn by hand are longer


@dataclass(frozen=True)
class Setup:
    """How one of the maps is made."""

    regions: str  # as `pipeline.segment` reads it
    plan: Plan
    model: str = ""  # who is asked, where it is not the model that answered

    def name(self, together: Sequence["Setup"], answered: str) -> str:
        """Name it by the method and by how it differs from the first of those that are shown together.

        Where several models are compared, each is named, also that which `answered`.
        """
        first, plan = together[0], self.plan
        one_model = len({one.model for one in together}) == 1
        one_budget = len({one.plan.budget for one in together}) == 1
        parts = (
            plan.method,
            "" if one_model else f"asking {self.model or answered}",
            "" if self.regions == first.regions else f"on {self.regions_said}",
            "" if plan.occluder == first.plan.occluder else f"hidden by {plan.occluder}",
            "" if plan.seed == first.plan.seed else f"with seed {plan.seed}",
            "" if one_budget or not plan.budget else f"with {plan.budget} masks",
        )
        return " ".join(filter(None, parts))

    @property
    def regions_said(self) -> str:
        """Name the regions, those drawn by hand in short."""
        return self.regions if len(self.regions) < SHORT else f"{self.regions.partition(':')[0]} regions"

    @property
    def measured_by(self) -> tuple[str, str, str]:
        """Say what its insertion and deletion depend on besides the map: only those with the same compare."""
        return self.model, self.regions, self.plan.occluder


def usual_says(together: Sequence[Setup]) -> str:
    """Say what the names of these maps leave out, where they differ in it; mostly nothing."""
    first = together[0]
    told = [
        "" if len({one.regions for one in together}) == 1 else f"on {first.regions_said}",
        "" if len({one.plan.occluder for one in together}) == 1 else f"hidden by {first.plan.occluder}",
        "" if len({one.plan.seed for one in together}) == 1 else f"with seed {first.plan.seed}",
    ]
    said = ", ".join(filter(None, told))
    return said and f"Where a name does not say it, a map is {said}."


def read_setup(text: str, usual: Setup) -> Setup:
    """Read one; what it does not say is as usual."""
    method, *rest = text.split(maxsplit=1) or [""]
    given, at = dict[str, str](), 0
    words = " ".join(" ".join(rest).split())
    while at < len(words):
        found = PART.match(words, at)
        if not found or found.lastgroup in given or (found.end() < len(words) and words[found.end()] != " "):
            raise AppError(f"{text.strip()[:80]!r} cannot be read; write a method and what differs, such as {EXAMPLE}.")
        given[str(found.lastgroup)] = found[str(found.lastgroup)]
        at = found.end() + 1
    numbers = {name: int(given[name]) for name in ("seed", "budget") if name in given}
    plan = replace(usual.plan, method=method, occluder=given.get("occluder", usual.plan.occluder), **numbers)
    return Setup(given.get("regions", usual.regions), plan, given.get("model", usual.model))


def read_setups(text: str, usual: Setup) -> tuple[Setup, ...]:
    """Read several with commas between, each once."""
    return tuple(dict.fromkeys(read_setup(one, usual) for one in text.split(",") if one.strip()))
