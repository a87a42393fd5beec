"""What stands where: a scene before it is drawn, in fractions of the picture's side.

Each object has a zone to itself and its middle keeps clear of the zone's borders, so that where it is can be said.
Nothing here depends on the size at which the scene is drawn.
"""

from dataclasses import dataclass, replace

import numpy as np

from mmattr_app.demo.scenes.backdrops import BACKDROPS, VARIANTS
from mmattr_app.demo.scenes.kinds import KINDS
from mmattr_app.demo.scenes.paints import COLOURS
from mmattr_app.demo.scenes.sprites import sprite
from mmattr_app.demo.scenes.zones import ZONES, Zone

REFERENCE = 128  # what is visible, and so what the text says, is decided at this size
READABLE = 0.4  # an object less visible than this leaves the text
_CLEAR = 0.05  # between an object's middle and the border of its zone
_AT_LEAST = 0.55  # visible share of every object, unless pieces of the picture are cut out
_OVERLAPS, _TWINS, _TRIES = 0.3, 0.15, 40
_MORE_TWINS = 0.6


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
    """Placements are in painting order: later ones lie over earlier ones."""

    backdrop: str
    variant: int
    placements: tuple[Placement, ...]


def draw_layout(rng: np.random.Generator, fish: bool | None = None, *, twins: bool = False) -> Layout:
    """Count, kinds, colours and backdrops uniform; `fish` puts one first in reading order, or leaves it out.

    With `twins` there are mostly several of one kind.
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
    """Measure how much of each is not under a later one."""
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
    """Outline at the reference size, bool [h, w]."""
    cut = sprite(placement.kind, placement.colour, placement.tilt, round(placement.size * REFERENCE))
    return np.asarray(cut.getchannel("A")) > 127


def corner(placement: Placement, size: int, width: int, height: int) -> tuple[int, int]:
    """Left and top of its sprite, kept inside the picture."""
    left, top = round(placement.x * size - width / 2), round(placement.y * size - height / 2)
    return max(0, min(left, size - width)), max(0, min(top, size - height))


def _zones(rng: np.random.Generator, count: int, neighbours: bool) -> list[Zone]:
    """Distinct zones; where asked, the first two touch."""
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
    """Draw middles until all is visible enough and, where asked, something overlaps; in the end with less size."""
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
