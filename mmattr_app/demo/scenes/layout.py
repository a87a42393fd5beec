"""Layouts: which objects stand where in a scene, in fractions of the picture's side.

Each object has its own zone, and its centre is away from the zone's borders, so that its place is clear. Nothing here
depends on the size at which the scene is drawn.
"""

from dataclasses import dataclass, replace

import numpy as np

from mmattr_app.demo.scenes.backdrops import BACKDROPS, VARIANTS
from mmattr_app.demo.scenes.kinds import KINDS
from mmattr_app.demo.scenes.paints import COLOURS
from mmattr_app.demo.scenes.sprites import sprite
from mmattr_app.demo.scenes.zones import ZONES, Zone

REFERENCE = 128  # pixels: visibility, and so the text, is decided at this size
READABLE = 0.4  # the text does not name an object with a smaller visible share
_CLEAR = 0.05  # distance between an object's centre and the border of its zone
_AT_LEAST = 0.55  # visible share of every object, unless pieces of the picture are cut out
_OVERLAPS = 0.3  # share of layouts in which objects must overlap
_TWINS, _MORE_TWINS = 0.15, 0.6  # chance of another object of the first one's kind; with `twins`
_TRIES = 40


@dataclass(frozen=True)
class Placement:
    kind: str
    colour: str
    size: float
    tilt: int
    zone: Zone
    x: float = 0.5
    y: float = 0.5


@dataclass(frozen=True)
class Layout:
    """A backdrop, and placements in painting order: later ones lie over earlier ones."""

    backdrop: str
    variant: int
    placements: tuple[Placement, ...]


def draw_layout(rng: np.random.Generator, fish: bool | None = None, *, twins: bool = False) -> Layout:
    """Draw a random layout; number, kinds, colours and backdrops are uniform.

    `fish`: True puts a fish first in reading order, False leaves it out. With `twins` mostly several are of one kind.
    """
    backdrop = str(rng.choice(list(BACKDROPS)))
    variant, count = int(rng.integers(VARIANTS)), int(rng.integers(1, 6))
    overlapping = count > 1 and bool(rng.random() < _OVERLAPS)
    zones = _zones(rng, count, neighbours=overlapping)
    kinds = _kinds(rng, count, fish, _MORE_TWINS if twins else _TWINS)
    if fish:
        kinds[zones.index(min(zones))] = "fish"
    most = 0.44 if count <= 3 else 0.36
    placements = [
        Placement(
            kind, str(rng.choice(list(COLOURS))), float(rng.uniform(0.26, most)), 5 * int(rng.integers(-4, 5)), zone
        )
        for kind, zone in zip(kinds, zones, strict=True)
    ]
    painted = [placements[i] for i in rng.permutation(count)]
    return Layout(backdrop, variant, tuple(_placed(rng, painted, overlapping)))


def visible_shares(placements: list[Placement]) -> list[float]:
    """Give the share of each object that is not under a later one."""
    over = np.zeros((REFERENCE, REFERENCE), bool)
    shares = []
    for placement in reversed(placements):
        cover = silhouette(placement)
        height, width = cover.shape
        left, top = corner(placement, REFERENCE, width, height)
        window = over[top : top + height, left : left + width]
        shares.append(1 - float((window & cover).sum() / cover.sum()))
        window |= cover
    return shares[::-1]


def silhouette(placement: Placement) -> np.ndarray:
    """Give an object's mask at the reference size, cropped to the object."""
    cut = sprite(placement.kind, placement.colour, placement.tilt, round(placement.size * REFERENCE))
    return np.asarray(cut.getchannel("A")) > 127


def corner(placement: Placement, size: int, width: int, height: int) -> tuple[int, int]:
    """Give left and top of an object's sprite, moved inside the picture."""
    left, top = round(placement.x * size - width / 2), round(placement.y * size - height / 2)
    return max(0, min(left, size - width)), max(0, min(top, size - height))


def _zones(rng: np.random.Generator, count: int, neighbours: bool) -> list[Zone]:
    """Draw different zones; with `neighbours`, the first two touch."""
    order = [ZONES[i] for i in rng.permutation(len(ZONES))]
    if neighbours:
        beside = next(z for z in order[1:] if max(abs(z.row - order[0].row), abs(z.column - order[0].column)) == 1)
        order.remove(beside)
        order.insert(1, beside)
    return order[:count]


def _kinds(rng: np.random.Generator, count: int, fish: bool | None, twins: float) -> list[str]:
    choices = [kind for kind in KINDS if fish is None or kind != "fish"]
    kinds: list[str] = []
    for _ in range(count):
        twin = bool(kinds) and rng.random() < twins
        kinds.append(kinds[0] if twin else str(rng.choice(choices)))
    return kinds


def _placed(rng: np.random.Generator, placements: list[Placement], overlapping: bool) -> list[Placement]:
    """Draw centres until all objects are visible enough and, if asked, some overlap; shrink them after many tries."""
    placed, covers = placements, [silhouette(placement) for placement in placements]
    for attempt in range(_TRIES):
        late = attempt >= _TRIES // 2
        if late and attempt % 10 == 0:
            placements = [replace(placement, size=placement.size * 0.92) for placement in placements]
            covers = [silhouette(placement) for placement in placements]
        placed = [_somewhere(rng, p, cover.shape) for p, cover in zip(placements, covers, strict=True)]
        least = min(visible_shares(placed))
        if least >= _AT_LEAST and (late or not overlapping or least < 0.93):
            break
    return placed


def _somewhere(rng: np.random.Generator, placement: Placement, shape: tuple[int, ...]) -> Placement:
    def along(third: int, extent: float) -> float:
        margin = extent / REFERENCE / 2 + 0.01
        low, high = max(third / 3 + _CLEAR, margin), min((third + 1) / 3 - _CLEAR, 1 - margin)
        return float(rng.uniform(low, max(low, high)))

    return replace(placement, x=along(placement.zone.column, shape[1]), y=along(placement.zone.row, shape[0]))
