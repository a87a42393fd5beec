"""Every kind of object a scene can hold: its name, and the strokes that draw it."""

from mmattr_app.scenes.kinds.animals import ANIMALS
from mmattr_app.scenes.kinds.buildings import BUILDINGS
from mmattr_app.scenes.kinds.figures import FIGURES
from mmattr_app.scenes.kinds.food import FOOD
from mmattr_app.scenes.kinds.plants import PLANTS
from mmattr_app.scenes.kinds.strokes import Stroke
from mmattr_app.scenes.kinds.things import THINGS
from mmattr_app.scenes.kinds.vehicles import VEHICLES

KINDS: dict[str, tuple[Stroke, ...]] = {
    **VEHICLES,
    **ANIMALS,
    **BUILDINGS,
    **PLANTS,
    **FOOD,
    **THINGS,
    **FIGURES,
}


_PLURALS = {"bus": "buses", "butterfly": "butterflies", "fish": "fish", "cactus": "cactuses"}


def plural(kind: str) -> str:
    return _PLURALS.get(kind, kind + "s")
