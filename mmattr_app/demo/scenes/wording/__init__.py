"""Questions in people's words: thousands of phrasings built from parts, a tenth of which is held out of training."""

from functools import cache

import numpy as np

from mmattr_app.demo.scenes.kinds import KINDS, plural
from mmattr_app.demo.scenes.paints import COLOURS
from mmattr_app.demo.scenes.phrasings import PHRASINGS, fill
from mmattr_app.demo.scenes.wording import chatter, more, wrapping
from mmattr_app.demo.scenes.wording.languages import LANGUAGES, speaks, translated
from mmattr_app.demo.scenes.wording.phrase import CORES, fill_core, phrase, rambling, wrapped
from mmattr_app.demo.scenes.wording.split import choose, drawn_from
from mmattr_app.demo.scenes.wording.typing import misspelt, typed

__all__ = [
    "CORES",
    "answerable",
    "known_words",
    "out_of_scope",
    "phrase",
    "speaks",
    "translated",
    "two_in_one",
    "typed",
]

_PLAIN, _FOREIGN, _SLIPS, _LONG = 0.2, 0.18, 0.3, 0.02  # shares: plain, in other languages, with typos, very long


def answerable(rng: np.random.Generator, topic: str, about: dict[str, str]) -> str:
    """Word a question as in training: plainly, in varied English, in another language, sometimes with typos."""
    draw = rng.random()
    if draw < _PLAIN and topic in PHRASINGS:
        return fill(choose(rng, PHRASINGS[topic]), about)
    if draw < _PLAIN + _FOREIGN and speaks(topic, about):
        return typed(rng, translated(rng, topic, about))
    text = phrase(rng, topic, about)
    if rng.random() < _SLIPS:
        text = misspelt(rng, text, known_words())
    if rng.random() < _LONG:
        text = rambling(rng, text, int(rng.integers(15, 60)))
    return typed(rng, text)


def out_of_scope(rng: np.random.Generator, *, held_out: bool = False) -> str:
    """Make a prompt that no scene can answer."""
    about = {"kind": choose(rng, tuple(KINDS)), "colour": choose(rng, tuple(COLOURS))}
    text = fill_core(rng, chatter.chatter(rng, held_out=held_out), about)
    if text and rng.random() < 0.25:
        text = wrapped(rng, text, held_out=held_out)
    if not held_out and rng.random() < _SLIPS / 2:
        text = misspelt(rng, text, known_words())
    return typed(rng, text)


def two_in_one(rng: np.random.Generator, first: str, second: str) -> str:
    """Join two questions into one prompt."""
    if rng.random() < 0.4:
        return f"{first} {second}"
    return (
        first.rstrip("?. ") + choose(rng, (", and ", " and ", ", then ", "? also, ")) + second[:1].lower() + second[1:]
    )


@cache
def known_words() -> frozenset[str]:
    """Give the words that a typo must not produce, since they would change the question."""
    return frozenset([*KINDS, *map(plural, KINDS), *COLOURS, "left", "right", "above", "below", "many", "more"])


def trained_parts() -> list[str]:
    """Give every part that training may use, for the tokenizer's vocabulary."""
    lists = [*CORES.values(), *more.CORES.values(), *chatter.LISTS, *wrapping.LISTS]
    lists += [templates for language in LANGUAGES.values() for templates in language.TEMPLATES.values()]
    parts = [part for parts in lists for part in drawn_from(parts, held_out=False)]
    for language in LANGUAGES.values():
        parts += [*language.COLOURS.values(), *(form for kind in KINDS for form in language.words(kind).values())]
    parts += [word for words in wrapping.SYNONYMS.values() for word in words]
    return [*parts, *wrapping.NOUNS, *wrapping.THINGS, *wrapping.OBJECTS, "colour", "color", "colours", "colors"]
