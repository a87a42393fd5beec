"""Grade an answer: it must tell the same facts as the key; synonyms, order and filler words do not matter."""

import re
from collections import Counter

from mmattr_app.demo.scenes.answers import Question
from mmattr_app.demo.scenes.kinds import GROUPS, KINDS, NEVER_DRAWN, plural
from mmattr_app.demo.scenes.paints import COLOURS
from mmattr_app.demo.scenes.phrasings import NUMBERS, SETTINGS
from mmattr_app.demo.scenes.refusals import OUT_OF_SCOPE, UNKNOWN_PICTURE
from mmattr_app.demo.scenes.wording.wrapping import SYNONYMS

_PLACES = ("top", "bottom", "left", "right", "middle")
_SETTINGS = {
    setting.split()[-1] if setting != "plain backdrop" else "plain": name for name, (_, setting) in SETTINGS.items()
}
_SAME = {
    "upper": "top", "above": "top", "lower": "bottom", "center": "middle", "centre": "middle", "central": "middle",
    "violet": "purple", "not": "no", "none": "no", "zero": "no", "nope": "no", "yeah": "yes", "single": "one",
    "larger": "bigger", "largest": "biggest", "seaside": "beach", "shore": "beach", "field": "meadow",
    "grassland": "meadow", "daytime": "day", "nighttime": "night", "equal": "many", "sky": "", "photo": "",
}  # fmt: skip
_OTHER = ("yes", "no", "nothing", "bigger", "smaller", "more", "many", "day", "night", "tell")


def _facts() -> dict[str, str]:
    """Map every meaningful word to its fact; synonyms map to the same fact."""
    known = {word: word for word in (*COLOURS, *_PLACES, *_OTHER, *NUMBERS)} | _SETTINGS
    for kind in (*KINDS, *NEVER_DRAWN):
        known |= {kind: kind, plural(kind): kind, f"{kind}s": kind}
    for group in GROUPS:
        known |= {group: group, group.removesuffix("s"): group}
    for kind, words in SYNONYMS.items():
        known |= {word: kind for word in words if " " not in word}
    known |= {str(number): word for number, word in enumerate(NUMBERS)}
    return known | {word: known.get(same, "") for word, same in _SAME.items()}


_FACTS = _facts()
_THINGS = {*KINDS, *NEVER_DRAWN}
_LISTS = {"list", "group", "name group"}  # topics of questions for all things of some kind


def facts(text: str) -> list[str]:
    """Give the facts of a text's words, in order."""
    return [_FACTS[word] for word in re.findall(r"[a-z0-9]+", text.lower()) if _FACTS.get(word)]


def things(text: str) -> tuple[Counter[tuple[str, ...]], frozenset[str]]:
    """Parse a caption: count things (with the colour before and the places after them), and give the other facts."""
    told: list[list[str]] = []
    colour, loose = "", set[str]()
    for fact in facts(text):
        if fact in COLOURS:
            colour = fact
        elif fact in _THINGS:
            told.append([fact, colour])
            colour = ""
        elif fact in _PLACES and told:
            told[-1].append(fact)
        elif fact not in NUMBERS:
            loose.add(fact)
    return Counter((*thing[:2], *sorted(thing[2:])) for thing in told), frozenset(loose)


def counted(text: str) -> Counter[str]:
    """Count the things of a list: "two stars" are as many as "a star and a star"."""
    told: Counter[str] = Counter()
    number = 1
    for fact in facts(text):
        if fact in NUMBERS:
            number = NUMBERS.index(fact)
        elif fact in _THINGS:
            told[fact] += number
            number = 1
    return told


def right(question: Question, text: str) -> bool:
    """Say whether the text tells the facts of the key's answer and no others; it need not repeat the question."""
    if text == question.answer:
        return True
    if refuses(text) or refuses(question.answer):
        return False
    if question.topic == "caption":
        return things(text) == things(question.answer)
    wanted, told, asked = (Counter(facts(part)) for part in (question.answer, text, question.prompt))
    if question.topic in {"is there", "group", "is bigger"} and ("yes" in wanted) != (
        "yes" in told or "no" not in told
    ):
        return False
    if question.topic in _LISTS and (listed := counted(question.answer)):
        return counted(text) == listed
    new = {fact for fact in wanted if fact not in asked or fact in {"no", *NUMBERS}} - {"yes"}
    if not new and "yes" not in wanted:  # the answer is one of the things that the question names
        new = set(wanted) & _THINGS
    return new <= set(told) and set(told) <= set(wanted) | {"yes"}


def refuses(text: str) -> bool:
    """Say whether a text is one of the two refusals."""
    return text.strip() in {OUT_OF_SCOPE, UNKNOWN_PICTURE}
