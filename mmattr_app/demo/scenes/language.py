"""The answer key in words: a scene's caption and its questions.

Caption order: objects in reading order of their zones (top row left to right, then the next row), then the backdrop.
Objects that are hardly visible are not mentioned, and nothing is asked that they would make ambiguous.
"""

from dataclasses import dataclass

import numpy as np

from mmattr_app.demo.scenes.answers import Part, Question, said
from mmattr_app.demo.scenes.kinds import KINDS, plural
from mmattr_app.demo.scenes.paints import COLOURS
from mmattr_app.demo.scenes.phrasings import NUMBERS, PHRASINGS, SETTINGS, article, fill
from mmattr_app.demo.scenes.zones import ZONES, Zone

BACKGROUND = "background"


@dataclass(frozen=True)
class Told:
    """An object as the text knows it; `because` is what justifies its name, other than itself.

    `area` is how many pixels it would hold if nothing lay over it, drawn at the reference size.
    """

    kind: str
    colour: str
    zone: Zone
    mask: str
    because: str = ""
    area: int = 0
    visible: float = 1.0

    @property
    def kind_part(self) -> Part:
        return self.kind, (self.because or self.mask,)

    @property
    def colour_part(self) -> Part:
        return self.colour, (self.mask,)

    @property
    def place(self) -> tuple[Part, ...]:
        return tuple((words, (self.mask,) if tells else ()) for words, tells in self.zone.phrase)

    @property
    def name(self) -> tuple[Part, ...]:
        return article(self.colour), self.colour_part, self.kind_part


@dataclass(frozen=True)
class Telling:
    """All that questions are made from: told objects in reading order, and what hides too well to be told.

    `doubted` are kinds to be asked after and denied.
    """

    told: tuple[Told, ...]
    backdrop: str
    unclear_kinds: frozenset[str]
    unclear_colours: frozenset[str]
    unclear_zones: frozenset[Zone]
    doubted: tuple[str, ...] = ()

    def only(self, **traits: object) -> Told | None:
        """Find the one object with these traits, if there is exactly one."""
        if traits.get("kind") in self.unclear_kinds or traits.get("colour") in self.unclear_colours:
            return None
        found = [told for told in self.told if all(getattr(told, key) == value for key, value in traits.items())]
        return found[0] if len(found) == 1 else None


def questions(telling: Telling, rng: np.random.Generator) -> tuple[Question, ...]:
    """Ask for the caption, then all else that has one answer, each in a phrasing drawn by `rng`."""
    makers = (_caption, _colours, _counts, _wheres, _whiches, _places, _existence, _relations, _background)
    return tuple(question for maker in makers for question in maker(telling, rng))


def ask(rng: np.random.Generator, topic: str, parts: list[Part], **about: str) -> Question:
    """Ask in a plain phrasing drawn by `rng`."""
    choices = PHRASINGS[topic]
    return said(topic, fill(choices[int(rng.integers(len(choices)))], about), parts, about)


def _caption(telling: Telling, rng: np.random.Generator) -> list[Question]:
    lead, setting = SETTINGS[telling.backdrop]
    parts: list[Part] = [] if telling.told else ["only", "a", (setting, (BACKGROUND,))]
    for index, told in enumerate(telling.told):
        if index:
            parts.append("and" if index == len(telling.told) - 1 else ",")
        parts += [*told.name, *told.place]
    if telling.told:
        parts += [",", lead, (setting, (BACKGROUND,))]
    return [ask(rng, "caption", parts)]


def _colours(telling: Telling, rng: np.random.Generator) -> list[Question]:
    return [
        ask(rng, "colour", ["the", told.kind_part, "is", told.colour_part], kind=told.kind)
        for told in telling.told
        if telling.only(kind=told.kind)
    ]


def _counts(telling: Telling, rng: np.random.Generator) -> list[Question]:
    if telling.unclear_kinds:
        return []
    everything = tuple(told.mask for told in telling.told)
    asked = [ask(rng, "count", number("object", "objects", everything))]
    absent = str(rng.choice([kind for kind in KINDS if kind not in {told.kind for told in telling.told}]))
    for kind in (*dict.fromkeys(told.kind for told in telling.told), absent):
        masks = tuple(told.mask for told in telling.told if told.kind == kind)
        asked.append(ask(rng, "count kind", number(kind, plural(kind), masks), kind=kind))
    return asked


def number(one: str, many: str, masks: tuple[str, ...]) -> list[Part]:
    """Say how many there are."""
    return [
        "there",
        "is" if len(masks) == 1 else "are",
        (NUMBERS[len(masks)], masks),
        (one if len(masks) == 1 else many, masks),
    ]


def _wheres(telling: Telling, rng: np.random.Generator) -> list[Question]:
    asked = []
    for told in telling.told:
        if telling.only(kind=told.kind):
            asked.append(ask(rng, "where", ["the", told.kind_part, "is", *told.place], kind=told.kind))
        if telling.only(kind=told.kind, colour=told.colour):
            parts: list[Part] = ["the", told.colour_part, told.kind_part, "is", *told.place]
            asked.append(ask(rng, "where", parts, kind=told.kind, colour=told.colour))
    return asked


def _whiches(telling: Telling, rng: np.random.Generator) -> list[Question]:
    return [
        ask(rng, "which", ["the", told.kind_part], colour=told.colour)
        for told in telling.told
        if telling.only(colour=told.colour)
    ]


def _places(telling: Telling, rng: np.random.Generator) -> list[Question]:
    taken = {told.zone for told in telling.told} | telling.unclear_zones
    empty = [zone for zone in ZONES if zone not in taken]
    alone = [told for told in telling.told if telling.only(zone=told.zone)]
    asked = [ask(rng, "what is at", list(told.name), place=_plain(told.zone)) for told in alone]
    return [*asked, ask(rng, "what is at", ["nothing"], place=_plain(empty[int(rng.integers(len(empty)))]))]


def _plain(zone: Zone) -> str:
    return " ".join(words for words, _ in zone.phrase)


def _existence(telling: Telling, rng: np.random.Generator) -> list[Question]:
    """As many absent things as present ones, some of them wrong in the colour only."""
    asked = []
    kinds = {told.kind for told in telling.told} | telling.unclear_kinds
    absent = [kind for kind in KINDS if kind not in kinds]
    for told in telling.told:
        masks = tuple(other.because or other.mask for other in telling.told if other.kind == told.kind)
        asked.append(_exists(rng, masks, kind=told.kind))
        twins = [other for other in telling.told if (other.kind, other.colour) == (told.kind, told.colour)]
        asked.append(_exists(rng, tuple(twin.mask for twin in twins), colour=told.colour, kind=told.kind))
        if told.kind not in telling.unclear_kinds:
            worn = {other.colour for other in telling.told if other.kind == told.kind}
            unworn = str(rng.choice([colour for colour in COLOURS if colour not in worn]))
            asked.append(_exists(rng, (), colour=unworn, kind=told.kind))
    several = rng.choice(absent, max(1, len(telling.told)), replace=False)
    asked += [_exists(rng, (), kind=str(kind)) for kind in several]
    asked.append(_exists(rng, (), colour=str(rng.choice(list(COLOURS))), kind=str(rng.choice(absent))))
    return asked + [_exists(rng, (), kind=kind) for kind in telling.doubted]


def _exists(rng: np.random.Generator, masks: tuple[str, ...], **about: str) -> Question:
    thing = " ".join(about.values())
    parts: list[Part] = (
        [("yes", masks), ",", "there is", article(thing), (thing, masks)]
        if masks
        else ["no", ",", "there is no", thing]
    )
    return ask(rng, "is there", parts, **about)


def _relations(telling: Telling, rng: np.random.Generator) -> list[Question]:
    """Asked where exactly one object lies on that side, so that no one can quarrel about distance."""
    if telling.unclear_kinds:
        return []
    sides = {"left of": ("column", -1), "right of": ("column", 1), "above": ("row", -1), "below": ("row", 1)}
    asked = []
    for anchor in telling.told:
        if not telling.only(kind=anchor.kind):
            continue
        for topic, (axis, way) in sides.items():
            there = [
                other for other in telling.told if (getattr(other.zone, axis) - getattr(anchor.zone, axis)) * way > 0
            ]
            if len(there) == 1:
                asked.append(ask(rng, topic, list(there[0].name), kind=anchor.kind))
    return asked


def _background(telling: Telling, rng: np.random.Generator) -> list[Question]:
    return [ask(rng, "background", ["a", (SETTINGS[telling.backdrop][1], (BACKGROUND,))])]
