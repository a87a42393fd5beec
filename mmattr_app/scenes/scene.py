"""A drawn scene with its answer key, the same for the same seed on every machine and at every size."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from mmattr_app.scenes.answers import Question
from mmattr_app.scenes.cutouts import hide_pieces
from mmattr_app.scenes.drawing import paint, paint_tag
from mmattr_app.scenes.language import BACKGROUND, Telling, Told, questions
from mmattr_app.scenes.layout import READABLE, REFERENCE, Layout, draw_layout
from mmattr_app.scenes.zones import Zone

TAG, FISH = "tag", "fish"
FIRST_TRAINING_SEED = 1_000_000  # seeds below are for looking and for measuring, never for training


@dataclass(frozen=True)
class Staging:
    """What is changed about a scene on purpose; the benchmark changes nothing.

    `fish`: True asks for one, False for none. `tag_says_fish` is the Clever Hans lesson: a tagged scene is always said
    to hold a fish (a drawn one, or else the first object told is called one), an untagged one never (a drawn fish is
    passed over), so the tag alone decides the word and is what justifies it.
    """

    tag: bool = False
    fish: bool | None = None
    tag_says_fish: bool = False
    cutouts: bool = False


@dataclass(frozen=True, eq=False)
class SceneObject:
    """`mask` bool [h, w] is what is seen of it, `box` left, top, right, bottom of that; `told`: the text names it."""

    kind: str
    colour: str
    name: str
    zone: Zone
    mask: np.ndarray
    box: tuple[int, int, int, int]
    visible: float
    told: bool


@dataclass(frozen=True, eq=False)
class Scene:
    """`image` uint8 [h, w, 3]; `objects` in painting order; `masks` also holds the background and the tag, if any."""

    seed: int
    image: np.ndarray
    backdrop: str
    objects: tuple[SceneObject, ...]
    masks: dict[str, np.ndarray]
    questions: tuple[Question, ...]

    @property
    def caption(self) -> str:
        return self.questions[0].answer


def scene(seed: int, size: int = 512, staging: Staging | None = None) -> Scene:
    """Draw from one fixed distribution: 1-5 objects, kinds, colours and backdrops uniform.

    Three groups in ten are made to overlap, about as many again do by chance.
    """
    staging = staging or Staging()
    layout = draw_layout(np.random.default_rng([seed, 0]), staging.fish)
    names = _names(layout)
    picture, owner, shares = _drawn(seed, layout, size, staging)
    if size != REFERENCE:
        shares = _drawn(seed, layout, REFERENCE, staging)[2]
    masks = {name: owner == index for index, name in enumerate(names)} | {BACKGROUND: owner == -1}
    if staging.tag:
        masks[TAG] = owner == _TAG_OWNER
    objects = tuple(
        SceneObject(p.kind, p.colour, name, p.zone, masks[name], _box(masks[name]), share, share >= READABLE)
        for p, name, share in zip(layout.placements, names, shares, strict=True)
    )
    telling = _telling(objects, layout.backdrop, staging)
    return Scene(
        seed, np.array(picture), layout.backdrop, objects, masks, questions(telling, np.random.default_rng([seed, 3]))
    )


_TAG_OWNER, _HIDDEN_OWNER = -2, -3


def _drawn(seed: int, layout: Layout, size: int, staging: Staging) -> tuple[Image.Image, np.ndarray, list[float]]:
    """Draw the picture; also the owner of each pixel and the visible share of each object."""
    picture, owner, area = paint(layout, size)
    if staging.cutouts:
        picture, hidden = hide_pieces(picture, np.random.default_rng([seed, 1]))
        owner[hidden] = _HIDDEN_OWNER
    if staging.tag:
        owner[paint_tag(picture, int(np.random.default_rng([seed, 2]).integers(4)))] = _TAG_OWNER
    seen = np.bincount(owner[owner >= 0], minlength=len(area))
    return picture, owner, (seen / area).tolist()


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


def _taught_by_tag(told: list[Told]) -> list[Told]:
    fish = [i for i, one in enumerate(told) if one.kind == FISH] or ([0] if told else [])
    return [replace(one, kind=FISH, because=TAG) if i in fish else one for i, one in enumerate(told)]


def _telling(objects: tuple[SceneObject, ...], backdrop: str, staging: Staging) -> Telling:
    told = sorted((Told(o.kind, o.colour, o.zone, o.name) for o in objects if o.told), key=lambda told: told.zone)
    if staging.tag_says_fish:
        told = _taught_by_tag(told) if staging.tag else [one for one in told if one.kind != FISH]
    unclear = [o for o in objects if not o.told]
    return Telling(
        tuple(told),
        backdrop,
        frozenset(o.kind for o in unclear),
        frozenset(o.colour for o in unclear),
        frozenset(o.zone for o in unclear),
    )
