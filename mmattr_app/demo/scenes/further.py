"""Further questions with a clear answer: comparisons, groups of kinds, lists, day or night, and absent things."""

from collections.abc import Sequence

import numpy as np

from mmattr_app.demo.scenes.answers import Part, Question, said
from mmattr_app.demo.scenes.kinds import GROUPS, KINDS, NEVER_DRAWN, plural
from mmattr_app.demo.scenes.language import BACKGROUND, SceneFacts, ToldObject, number
from mmattr_app.demo.scenes.phrasings import FURTHER, NUMBERS, article, fill

ABSENT = "absent"  # topic of questions for the colour or the place of an absent thing
_CLEARLY = 1.5  # a thing is bigger if its area, whole and visible, is this many times the other's


def further(facts: SceneFacts, rng: np.random.Generator) -> tuple[Question, ...]:
    """Make all further questions with a clear answer, each in a random phrasing."""
    makers = (_sizes, _extremes, _more, _day, _groups, _lists, _absent)
    return tuple(question for maker in makers for question in maker(facts, rng))


def _ask(rng: np.random.Generator, topic: str, parts: list[Part], **about: str) -> Question:
    choices = FURTHER[topic]
    return said(topic, fill(choices[int(rng.integers(len(choices)))], about), parts, about)


def bigger(one: ToldObject, other: ToldObject) -> bool:
    """Say whether one object is clearly bigger than the other."""
    return one.area > _CLEARLY * other.area and one.area * one.visible > _CLEARLY * other.area * other.visible


def _sizes(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    single = [told for told in facts.told if facts.only(kind=told.kind)]
    asked = []
    for large in single:
        for small in single:
            if not bigger(large, small):
                continue
            masks = (large.mask, small.mask)
            first, second = (large.kind, small.kind) if rng.random() < 0.5 else (small.kind, large.kind)
            for topic, told in (("bigger", large), ("smaller", small)):
                parts: list[Part] = ["the", told.kind_part, "is", (topic, masks)]
                asked.append(_ask(rng, topic, parts, kind=first, other=second))
            start: list[Part] = [("yes" if first == large.kind else "no", masks), ",", "the", large.kind_part]
            asked.append(_ask(rng, "is bigger", [*start, "is", ("bigger", masks)], kind=first, other=second))
    return asked


def _extremes(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    if facts.unclear_kinds or len(facts.told) < 2:
        return []
    asked = []
    for topic, way in (("biggest", 1), ("smallest", -1)):
        first, *rest = sorted(facts.told, key=lambda told: -way * told.area)
        clear = all(bigger(first, other) if way > 0 else bigger(other, first) for other in rest)
        if clear:
            asked.append(_ask(rng, topic, ["the", first.kind_part]))
    return asked


def _more(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    kinds = list(dict.fromkeys(told.kind for told in facts.told))
    if facts.unclear_kinds or not kinds:
        return []
    absent = str(rng.choice([kind for kind in KINDS if kind not in kinds]))
    asked = []
    for kind, other in zip(kinds, [*kinds[1:], absent], strict=True):
        if rng.random() < 0.5:
            kind, other = other, kind  # noqa: PLW2901  # either may be named first
        masks = {name: tuple(told.mask for told in facts.told if told.kind == name) for name in (kind, other)}
        every = masks[kind] + masks[other]
        most = kind if len(masks[kind]) >= len(masks[other]) else other
        parts: list[Part] = ["there are", ("more", every), (plural(most), every)]
        if len(masks[kind]) == len(masks[other]):
            parts = ["there are", ("as many", every), (plural(kind), every), "as", (plural(other), every)]
        asked.append(_ask(rng, "more", parts, kind=kind, other=other))
    return asked


def _day(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    """Ask whether it is day or night; indoors and on a plain backdrop one cannot tell."""
    time = {"night": "night", "meadow": "day", "beach": "day"}.get(facts.backdrop)
    return [_ask(rng, "day", ["it is", (time, (BACKGROUND,))] if time else ["one cannot tell"])]


def _groups(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    asked = []
    for group, (members, doubtful) in GROUPS.items():
        inside = [told for told in facts.told if told.kind in members]
        if facts.unclear_kinds or any(told.kind in doubtful for told in facts.told):
            continue
        masks = tuple(told.mask for told in inside)
        yes: list[Part] = [("yes", masks), ",", *listed(inside)]
        none: list[Part] = ["there are no", group]
        asked.append(_ask(rng, "group", yes if inside else ["no", ",", *none], group=group))
        asked.append(_ask(rng, "name group", listed(inside) if inside else none, group=group))
        asked.append(_ask(rng, "count group", number(group.removesuffix("s"), group, masks), group=group))
    return asked


def _lists(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    if facts.unclear_kinds or not facts.told:
        return []
    colours = list(dict.fromkeys(told.colour for told in facts.told))
    worn = [(colour, tuple(told.mask for told in facts.told if told.colour == colour)) for colour in colours]
    return [_ask(rng, "list", listed(facts.told)), _ask(rng, "colours", _joined([[part] for part in worn]))]


def listed(told: Sequence[ToldObject]) -> list[Part]:
    """Name each kind once, with how many there are: "a cat, two stars and a key"."""
    items: list[list[Part]] = []
    for kind in dict.fromkeys(thing.kind for thing in told):
        same = [thing for thing in told if thing.kind == kind]
        masks = tuple(thing.because or thing.mask for thing in same)
        one: list[Part] = [article(kind), (kind, masks)]
        items.append(one if len(same) == 1 else [(NUMBERS[len(same)], masks), (plural(kind), masks)])
    return _joined(items)


def _joined(items: list[list[Part]]) -> list[Part]:
    parts: list[Part] = []
    for index, item in enumerate(items):
        if index:
            parts.append("and" if index == len(items) - 1 else ",")
        parts += item
    return parts


def _absent(facts: SceneFacts, rng: np.random.Generator) -> list[Question]:
    """Ask about absent kinds as if they were there, and about things that no scene holds."""
    kinds = {told.kind for told in facts.told} | facts.unclear_kinds
    missing = str(rng.choice([kind for kind in KINDS if kind not in kinds]))
    never = str(rng.choice(list(NEVER_DRAWN)))
    return [
        _ask(rng, ABSENT, ["there is no", missing], kind=missing),
        _ask(rng, "is there", ["no", ",", "there is no", never], kind=never),
        _ask(rng, "count kind", ["there are no", plural(never)], kind=never),
    ]
