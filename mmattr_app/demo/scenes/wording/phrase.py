"""Build an English question from parts: greeting, beginning, core, end, and words for the picture and its things."""

import numpy as np

from mmattr_app.demo.scenes.further import ABSENT
from mmattr_app.demo.scenes.phrasings import article, fill
from mmattr_app.demo.scenes.wording import english, further, more, places, wrapping
from mmattr_app.demo.scenes.wording.split import choose, drawn_from, drawn_from_each

CORES: dict[str, tuple[str, ...]] = english.CORES | places.CORES | further.CORES
_RARELY, _SOMETIMES, _OFTEN = 0.08, 0.16, 0.3


def phrase(rng: np.random.Generator, topic: str, about: dict[str, str], *, held_out: bool = False) -> str:
    """Build a question; with `held_out`, its core and half of the parts around it are those held out of training."""
    if topic == ABSENT:
        topic = choose(rng, ("colour", "where"))
    core = choose(rng, drawn_from_each((CORES[topic], more.CORES.get(topic, ())), held_out=held_out))
    return wrapped(rng, fill_core(rng, core, about), held_out=held_out)


def fill_core(rng: np.random.Generator, core: str, about: dict[str, str]) -> str:
    """Fill a core with the things that the question names, and with random words for its other fields."""
    noun = choose(rng, wrapping.NOUNS)
    determined = choose(rng, wrapping.DETERMINERS).format(noun=noun)
    inside = choose(rng, wrapping.PLACES).format(pic=determined)
    named = dict(about)
    for name in ("kind", "other"):
        if rng.random() < _RARELY and named.get(name) in wrapping.SYNONYMS:
            named[name] = choose(rng, wrapping.SYNONYMS[named[name]])
    return fill(
        core,
        {
            **named,
            "pic": determined,
            "noun": noun,
            "a_pic": f"{article(noun)} {noun}",
            "in": inside,
            "maybe in": f" {inside}" if rng.random() < _OFTEN else "",
            "maybe of": f" of {determined}" if rng.random() < _OFTEN else "",
            "things": choose(rng, wrapping.THINGS),
            "object": choose(rng, wrapping.OBJECTS),
            "colourword": choose(rng, ("colour", "color")),
        },
    )


def wrapped(rng: np.random.Generator, text: str, *, held_out: bool = False) -> str:
    """Add random words before and after a question, such as a greeting or "please"."""
    order = text.endswith(".")
    if rng.random() < _OFTEN:
        before = wrapping.BEFORE_ORDERS if order else wrapping.BEFORE_QUESTIONS
        text = f"{_part(rng, before, held_out=held_out)} {text}"
    if rng.random() < _SOMETIMES:
        gap = choose(rng, (", ", "! ", " ", ". "))
        text = f"{_part(rng, wrapping.GREETINGS, held_out=held_out)}{gap}{text}"
    if rng.random() < _SOMETIMES:
        end = _part(rng, wrapping.ENDS, held_out=held_out)
        text = f"{text[:-1]}{choose(rng, (', ', ' '))}{end}{text[-1]}" if rng.random() < 0.6 else f"{text} {end}."
    return text


def rambling(rng: np.random.Generator, text: str, words: int) -> str:
    """Put filler sentences before the question until it has about this many words."""
    before: list[str] = []
    while sum(len(part.split()) for part in before) + len(text.split()) < words:
        before.append(_part(rng, wrapping.FILLERS, held_out=False))
    return " ".join([*before, text])


def _part(rng: np.random.Generator, parts: tuple[str, ...], *, held_out: bool) -> str:
    part = choose(rng, drawn_from(parts, held_out=held_out and bool(rng.random() < 0.5)))
    noun = choose(rng, wrapping.NOUNS)
    pictured = choose(rng, wrapping.DETERMINERS).format(noun=noun)
    return part.format(noun=noun, pic=pictured, a_pic=f"{article(noun)} {noun}")
