"""Which players are regions of which picture, for whoever draws maps."""

from mmattr_app.contracts import Players
from mmattr_app.players.regions import Pictured, Regions
from mmattr_app.players.together import Together


def pictured(players: Players) -> tuple[Pictured, ...]:
    """List the pictures of which regions play, in their order; none where only words do."""
    return players.pictured if isinstance(players, Together | Regions) else ()
