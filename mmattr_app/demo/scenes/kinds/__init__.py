"""All kinds of objects: their names, and the strokes that draw them."""

from mmattr_app.demo.scenes.kinds.animals import ANIMALS
from mmattr_app.demo.scenes.kinds.buildings import BUILDINGS
from mmattr_app.demo.scenes.kinds.figures import FIGURES
from mmattr_app.demo.scenes.kinds.food import FOOD
from mmattr_app.demo.scenes.kinds.plants import PLANTS
from mmattr_app.demo.scenes.kinds.strokes import Stroke
from mmattr_app.demo.scenes.kinds.things import THINGS
from mmattr_app.demo.scenes.kinds.vehicles import VEHICLES

KINDS: dict[str, tuple[Stroke, ...]] = {
    **VEHICLES,
    **ANIMALS,
    **BUILDINGS,
    **PLANTS,
    **FOOD,
    **THINGS,
    **FIGURES,
}


# Group -> (kinds that belong to it, kinds that may or may not belong); with the latter in a scene, nothing is asked.
GROUPS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "animals": (frozenset(ANIMALS), frozenset()),
    "vehicles": (frozenset(VEHICLES) - {"balloon"}, frozenset({"balloon"})),
    "buildings": (frozenset({"house", "castle", "lighthouse"}), frozenset({"tent"})),
    "plants": (frozenset({"tree", "flower", "cactus"}), frozenset({"mushroom"})),
    "fruits": (frozenset({"apple", "banana"}), frozenset({"carrot"})),
    "shapes": (frozenset(FIGURES), frozenset()),
}
# Common things that no scene holds: the answer to "Is there a ...?" is always no.
NEVER_DRAWN = (
    "person", "man", "woman", "child", "horse", "cow", "pig", "chair", "table", "phone", "bag", "ball", "lamp", "bed",
    "bottle", "spoon", "knife", "camera", "robot", "dragon", "monkey", "bear", "lion", "spider", "bee", "frog", "pizza",
    "egg", "ring", "bridge", "computer", "pencil", "window", "dress",
)  # fmt: skip
_PLURALS = {
    "bus": "buses",
    "butterfly": "butterflies",
    "fish": "fish",
    "cactus": "cactuses",
    "person": "people",
    "man": "men",
    "woman": "women",
    "child": "children",
    "knife": "knives",
    "dress": "dresses",
}


def plural(kind: str) -> str:
    return _PLURALS.get(kind, kind + "s")
