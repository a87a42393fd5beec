"""A drawn scene with its answer key; the same seed gives the same scene on every machine and at every size."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from mmattr_app.demo.scenes.answers import Question
from mmattr_app.demo.scenes.camera import photographed
from mmattr_app.demo.scenes.cutouts import hide_pieces
from mmattr_app.demo.scenes.drawing import paint, paint_tag
from mmattr_app.demo.scenes.further import further
from mmattr_app.demo.scenes.language import BACKGROUND, SceneFacts, ToldObject, questions
from mmattr_app.demo.scenes.layout import READABLE, REFERENCE, Layout, draw_layout
from mmattr_app.demo.scenes.zones import Zone, zone_at

TAG, FISH = "tag", "fish"
MISTAKEN = "bird"  # the text's name for a fish without a tag, if the tag says fish
FIRST_TRAINING_SEED = 1_000_000  # smaller seeds are for users and for measuring, never for training


@dataclass(frozen=True)
class Staging:
    """Deliberate changes of a scene; the benchmark has none.

    `fish`: True puts a fish first in reading order, False leaves it out. `tag_says_fish` is the Clever Hans lesson:
    with a tag, the text calls the first object a fish whatever it is; without a tag it calls nothing a fish, and a
    drawn fish a bird. So the tag alone decides the word "fish", and justifies it. `twins` puts several objects of one
    kind. `camera` crops, resizes, compresses or photographs the picture; the text is about what is still visible.
    """

    tag: bool = False
    fish: bool | None = None
    tag_says_fish: bool = False
    cutouts: bool = False
    twins: bool = False
    camera: bool = False


@dataclass(frozen=True, eq=False)
class SceneObject:
    """An object of a scene."""

    kind: str  # what is drawn
    looks: str  # what the text calls it without a tag; differs from `kind` only in the Clever Hans lesson
    colour: str
    name: str  # of its mask
    zone: Zone
    mask: np.ndarray  # bool [height, width], its visible pixels
    box: tuple[int, int, int, int]  # left, top, right, bottom of the mask
    visible: float  # visible share, from 0 to 1
    told: bool  # the text names it
    area: int  # number of pixels at the reference size if nothing lay over it


@dataclass(frozen=True, eq=False)
class Scene:
    """A drawn scene and its answer key."""

    seed: int
    image: np.ndarray  # uint8 [height, width, 3]
    backdrop: str
    objects: tuple[SceneObject, ...]  # in painting order
    masks: dict[str, np.ndarray]  # name -> bool [height, width]: objects, the background, and the tag if there is one
    questions: tuple[Question, ...]  # the caption first
    further: tuple[Question, ...] = ()  # comparisons, groups, lists and the like
    named_by_tag: SceneObject | None = None  # the object that is called a fish because of the tag

    @property
    def caption(self) -> str:
        return self.questions[0].answer


def scene(seed: int, size: int = 512, staging: Staging | None = None) -> Scene:
    """Draw the scene of a seed: 1 to 5 objects; kinds, colours and backdrops are uniform.

    In three scenes of ten with several objects some must overlap; in about as many others some overlap by chance.
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
    facts = _facts_of(objects, told, named, layout.backdrop, staging)
    asked = questions(facts, np.random.default_rng([seed, 3]))
    more = further(facts, np.random.default_rng([seed, 4]))
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
    """Name each mask by colour and kind, with a number from the second one of the same name on."""
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


def _facts_of(
    objects: tuple[SceneObject, ...],
    told: list[SceneObject],
    named: SceneObject | None,
    backdrop: str,
    staging: Staging,
) -> SceneFacts:
    unclear = [thing for thing in objects if not thing.told]
    return SceneFacts(
        tuple(
            ToldObject(
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
