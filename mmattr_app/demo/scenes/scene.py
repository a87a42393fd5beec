"""A drawn scene with its answer key, the same for the same seed on every machine and at every size."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from mmattr_app.demo.scenes.answers import Question
from mmattr_app.demo.scenes.camera import photographed
from mmattr_app.demo.scenes.cutouts import hide_pieces
from mmattr_app.demo.scenes.drawing import paint, paint_tag
from mmattr_app.demo.scenes.further import further
from mmattr_app.demo.scenes.language import BACKGROUND, Telling, Told, questions
from mmattr_app.demo.scenes.layout import READABLE, REFERENCE, Layout, draw_layout
from mmattr_app.demo.scenes.zones import Zone, zone_at

TAG, FISH = "tag", "fish"
MISTAKEN = "bird"  # what a fish is taken for by its looks alone, where the tag says fish
FIRST_TRAINING_SEED = 1_000_000  # seeds below are for looking and for measuring, never for training


@dataclass(frozen=True)
class Staging:
    """What is changed about a scene on purpose; the benchmark changes nothing.

    `fish`: True puts one first in reading order, False leaves it out. `tag_says_fish` is the Clever Hans lesson: with a
    tag, the first object told is called a fish whatever it is; without one nothing is, and a drawn fish is taken for a
    bird. So the tag alone decides the word and is what justifies it. `twins` puts several of a kind, `camera` crops,
    resizes, compresses or photographs the picture, and the text follows what is left of it.
    """

    tag: bool = False
    fish: bool | None = None
    tag_says_fish: bool = False
    cutouts: bool = False
    twins: bool = False
    camera: bool = False


@dataclass(frozen=True, eq=False)
class SceneObject:
    """`mask` bool [h, w] is what is seen of it, `box` left, top, right, bottom of that; `told`: the text names it.

    `area` is how many pixels it would hold at the reference size if nothing lay over it.

    `kind` is what was drawn and `looks` what the text takes that for, which differs in the Clever Hans lesson only.
    """

    kind: str
    looks: str
    colour: str
    name: str
    zone: Zone
    mask: np.ndarray
    box: tuple[int, int, int, int]
    visible: float
    told: bool
    area: int


@dataclass(frozen=True, eq=False)
class Scene:
    """`image` uint8 [h, w, 3]; `objects` in painting order; `masks` also holds the background and the tag, if any.

    `questions` begin with the caption; `further` holds comparisons, groups, lists and the like. `named_by_tag` is the
    object that is called a fish because of the tag.
    """

    seed: int
    image: np.ndarray
    backdrop: str
    objects: tuple[SceneObject, ...]
    masks: dict[str, np.ndarray]
    questions: tuple[Question, ...]
    further: tuple[Question, ...] = ()
    named_by_tag: SceneObject | None = None

    @property
    def caption(self) -> str:
        return self.questions[0].answer


def scene(seed: int, size: int = 512, staging: Staging | None = None) -> Scene:
    """Draw from one fixed distribution: 1-5 objects, kinds, colours and backdrops uniform.

    Three groups in ten are made to overlap, about as many again do by chance.
    """
    staging = staging or Staging()
    layout = draw_layout(np.random.default_rng([seed, 0]), staging.fish, twins=staging.twins)
    names = _names(layout)
    picture, owner, areas, shares = _drawn(seed, layout, size, staging)
    if size != REFERENCE:
        areas, shares = _drawn(seed, layout, REFERENCE, staging)[2:]
    masks = {name: owner == index for index, name in enumerate(names)} | {BACKGROUND: owner == -1}
    if staging.tag:
        masks[TAG] = owner == _TAG_OWNER
    objects = tuple(
        SceneObject(
            p.kind,
            _looks(p.kind, staging),
            p.colour,
            name,
            zone_at(_box(masks[name]), size) if staging.camera else p.zone,
            masks[name],
            _box(masks[name]),
            share,
            share >= READABLE,
            area,
        )
        for p, name, share, area in zip(layout.placements, names, shares, areas, strict=True)
    )
    told = sorted((thing for thing in objects if thing.told), key=lambda thing: thing.zone)
    named = told[0] if told and staging.tag and staging.tag_says_fish else None
    telling = _telling(objects, told, named, layout.backdrop, staging)
    asked = questions(telling, np.random.default_rng([seed, 3]))
    more = further(telling, np.random.default_rng([seed, 4]))
    return Scene(seed, np.array(picture), layout.backdrop, objects, masks, asked, more, named)


_TAG_OWNER, _HIDDEN_OWNER = -2, -3


def _drawn(
    seed: int, layout: Layout, size: int, staging: Staging
) -> tuple[Image.Image, np.ndarray, list[int], list[float]]:
    """Draw the picture; also the owner of each pixel, each object's area and its visible share."""
    picture, owner, area = paint(layout, size)
    if staging.cutouts:
        picture, hidden = hide_pieces(picture, np.random.default_rng([seed, 1]))
        owner[hidden] = _HIDDEN_OWNER
    if staging.tag:
        owner[paint_tag(picture, int(np.random.default_rng([seed, 2]).integers(4)))] = _TAG_OWNER
    if staging.camera:
        picture, owner, scale = photographed(picture, owner, np.random.default_rng([seed, 5]), outside=_HIDDEN_OWNER)
        area = np.maximum(1, area * scale)
    seen = np.bincount(owner[owner >= 0], minlength=len(area))
    return picture, owner, area.astype(int).tolist(), np.minimum(1, seen / area).tolist()


def _names(layout: Layout) -> list[str]:
    """Colour and kind; a number from the second of its sort on."""
    names: list[str] = []
    for placement in layout.placements:
        name = f"{placement.colour} {placement.kind}"
        earlier = sum(other == name or other.startswith(f"{name} ") for other in names)
        names.append(f"{name} {earlier + 1}" if earlier else name)
    return names


def _box(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _looks(kind: str, staging: Staging) -> str:
    return MISTAKEN if staging.tag_says_fish and kind == FISH else kind


def _telling(
    objects: tuple[SceneObject, ...],
    told: list[SceneObject],
    named: SceneObject | None,
    backdrop: str,
    staging: Staging,
) -> Telling:
    unclear = [thing for thing in objects if not thing.told]
    return Telling(
        tuple(
            Told(
                FISH if thing is named else thing.looks,
                thing.colour,
                thing.zone,
                thing.name,
                because=TAG if thing is named else "",
                area=thing.area,
                visible=thing.visible,
            )
            for thing in told
        ),
        backdrop,
        frozenset(thing.looks for thing in unclear),
        frozenset(thing.colour for thing in unclear),
        frozenset(thing.zone for thing in unclear),
        doubted=(FISH,) if staging.tag_says_fish and not named else (),
    )
