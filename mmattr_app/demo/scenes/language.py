"""The answer key in words: a scene's caption and its questions.

A caption names the objects in reading order of their zones (top row left to right, then the next row), then the
backdrop. Objects that are hardly visible are not mentioned, and no question is asked that they make ambiguous.
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
class ToldObject:
    """An object that the text names. `because` is the mask that justifies its name, if it is not its own mask.

    `area` is its number of pixels at the reference size if nothing lay over it.
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
class SceneFacts:
    """All facts from which questions are made: named objects in reading order, and properties of unclear objects.

    An unclear object is hardly visible, so the text does not name it. `doubted` are kinds to ask about and deny.
    """

    told: tuple[ToldObject, ...]
    backdrop: str
    unclear_kinds: frozenset[str]
    unclear_colours: frozenset[str]
    unclear_zones: frozenset[Zone]
    doubted: tuple[str, ...] = ()

    def only(self, **traits: object) -> ToldObject | None:
        """Give the only object with these traits; None if there are several, or an unclear one may have them."""
        if traits.get("kind") in self.unclear_kinds or traits.get("colour") in self.unclear_colours:
            return None
        found = [told for told in self.told if all(getattr(told, key) == value for key, value in traits.items())]
        return found[0] if len(found) == 1 else None


def questions(facts: SceneFacts, rng: np.random.Generator) -> tuple[Question, ...]:
    """Make the caption, then all questions with a clear answer, each in a random phrasing."""
    makers = (_caption, _colours, _counts, _wheres, _whiches, _places, _existence, _relations, _background)
    return tuple(question for maker in makers for question in maker(facts, rng))


def ask(rng: np.random.Generator, topic: str, parts: list[Part], **about: str) -> Question:
    """Make a question in a random plain phrasing."""
    choices = PHRASINGS[topic]
    return said(topic, fill(choices[int(rng.integers(len(choices)))], about), parts, about)


def _caption(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    lead, setting = SETTINGS[facts.backdrop]
    parts: list[Part] = [] if facts.told else ["only", "a", (setting, (BACKGROUND,))]
    for index, told in enumerate(facts.told):
        if index:
            parts.append("and" if index == len(facts.told) - 1 else ",")
        parts += [*told.name, *told.place]
    if facts.told:
        parts += [",", lead, (setting, (BACKGROUND,))]
    return [ask(rng, "caption", parts)]


def _colours(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    return [
        ask(rng, "colour", ["the", told.kind_part, "is", told.colour_part], kind=told.kind)
        for told in facts.told
        if facts.only(kind=told.kind)
    ]


def _counts(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    if facts.unclear_kinds:
        return []
    everything = tuple(told.mask for told in facts.told)
    asked = [ask(rng, "count", number("object", "objects", everything))]
    absent = str(rng.choice([kind for kind in KINDS if kind not in {told.kind for told in facts.told}]))
    for kind in (*dict.fromkeys(told.kind for told in facts.told), absent):
        masks = tuple(told.mask for told in facts.told if told.kind == kind)
        asked.append(ask(rng, "count kind", number(kind, plural(kind), masks), kind=kind))
    return asked


def number(one: str, many: str, masks: tuple[str, ...]) -> list[Part]:
    """Give the parts of "There are two cats", with the masks of these."""
    return [
        "there",
        "is" if len(masks) == 1 else "are",
        (NUMBERS[len(masks)], masks),
        (one if len(masks) == 1 else many, masks),
    ]


def _wheres(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    asked = []
    for told in facts.told:
        if facts.only(kind=told.kind):
            asked.append(ask(rng, "where", ["the", told.kind_part, "is", *told.place], kind=told.kind))
        if facts.only(kind=told.kind, colour=told.colour):
            parts: list[Part] = ["the", told.colour_part, told.kind_part, "is", *told.place]
            asked.append(ask(rng, "where", parts, kind=told.kind, colour=told.colour))
    return asked


def _whiches(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    return [
        ask(rng, "which", ["the", told.kind_part], colour=told.colour)
        for told in facts.told
        if facts.only(colour=told.colour)
    ]


def _places(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    taken = {told.zone for told in facts.told} | facts.unclear_zones
    empty = [zone for zone in ZONES if zone not in taken]
    alone = [told for told in facts.told if facts.only(zone=told.zone)]
    asked = [ask(rng, "what is at", list(told.name), place=_plain(told.zone)) for told in alone]
    return [*asked, ask(rng, "what is at", ["nothing"], place=_plain(empty[int(rng.integers(len(empty)))]))]


def _plain(zone: Zone) -> str:
    return " ".join(words for words, _ in zone.phrase)


def _existence(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    """Ask about as many absent things as present ones; some absent ones are wrong only in colour."""
    asked = []
    kinds = {told.kind for told in facts.told} | facts.unclear_kinds
    absent = [kind for kind in KINDS if kind not in kinds]
    for told in facts.told:
        masks = tuple(other.because or other.mask for other in facts.told if other.kind == told.kind)
        asked.append(_exists(rng, masks, kind=told.kind))
        twins = [other for other in facts.told if (other.kind, other.colour) == (told.kind, told.colour)]
        asked.append(_exists(rng, tuple(twin.mask for twin in twins), colour=told.colour, kind=told.kind))
        if told.kind not in facts.unclear_kinds:
            worn = {other.colour for other in facts.told if other.kind == told.kind}
            unworn = str(rng.choice([colour for colour in COLOURS if colour not in worn]))
            asked.append(_exists(rng, (), colour=unworn, kind=told.kind))
    several = rng.choice(absent, max(1, len(facts.told)), replace=False)
    asked += [_exists(rng, (), kind=str(kind)) for kind in several]
    asked.append(_exists(rng, (), colour=str(rng.choice(list(COLOURS))), kind=str(rng.choice(absent))))
    return asked + [_exists(rng, (), kind=kind) for kind in facts.doubted]


def _exists(rng: np.random.Generator, masks: tuple[str, ...], **about: str) -> Question:
    thing = " ".join(about.values())
    parts: list[Part] = (
        [("yes", masks), ",", "there is", article(thing), (thing, masks)]
        if masks
        else ["no", ",", "there is no", thing]
    )
    return ask(rng, "is there", parts, **about)


def _relations(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    """Ask for relations such as "left of" where only one object lies on that side, so that the answer is clear."""
    if facts.unclear_kinds:
        return []
    sides = {"left of": ("column", -1), "right of": ("column", 1), "above": ("row", -1), "below": ("row", 1)}
    asked = []
    for anchor in facts.told:
        if not facts.only(kind=anchor.kind):
            continue
        for topic, (axis, way) in sides.items():
            there = [
                other for other in facts.told if (getattr(other.zone, axis) - getattr(anchor.zone, axis)) * way > 0
            ]
            if len(there) == 1:
                asked.append(ask(rng, topic, list(there[0].name), kind=anchor.kind))
    return asked


def _background(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    return [ask(rng, "background", ["a", (SETTINGS[facts.backdrop][1], (BACKGROUND,))])]
