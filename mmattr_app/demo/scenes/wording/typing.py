"""Typing: vary the capitals and punctuation of a question, and make typos."""

import numpy as np

from mmattr_app.demo.scenes.wording.split import choose

_NEIGHBOURS = {
    "a": "qsz", "b": "vgn", "c": "xdv", "d": "sef", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok",
    "j": "hku", "k": "jli", "l": "kop", "m": "nj", "n": "bmh", "o": "ipl", "p": "ol", "q": "wa", "r": "etf",
    "s": "adw", "t": "ryg", "u": "yij", "v": "cfb", "w": "qes", "x": "zsc", "y": "tuh", "z": "xas",
}  # fmt: skip
_SHORTEST, _LONG = 4, 8  # letters: a shorter word has no typo; a long one may have two


def typed(rng: np.random.Generator, text: str) -> str:
    """Vary capitals and punctuation as people do."""
    draw = rng.random()
    if draw < 0.35 and text[-1:] in "?.!":
        text = text[:-1]
    elif draw < 0.4:
        text += choose(rng, ("?", "!", "!!", "..", " "))
    elif draw < 0.45:
        text = text.replace("'", "\u2019")
    case = rng.random()
    if case < 0.06:
        return text.upper()
    if case < 0.1:
        return text.title()
    return text if case < 0.5 else text[:1].upper() + text[1:]


def misspelt(rng: np.random.Generator, text: str, known: frozenset[str]) -> str:
    """Make typos in one or two of the longer words; none produces a word in `known`."""
    words = text.split(" ")
    longer = [place for place, word in enumerate(words) if len(word) >= _SHORTEST and word.isascii() and word.isalpha()]
    if not longer:
        return text
    for place in rng.choice(longer, min(len(longer), int(rng.integers(1, 3))), replace=False):
        slips = 2 if len(words[place]) >= _LONG and rng.random() < 0.4 else 1
        wrong = words[place]
        for _ in range(slips):
            wrong = _slip(rng, wrong)
        if wrong.lower() not in known:
            words[place] = wrong
    return " ".join(words)


def _slip(rng: np.random.Generator, word: str) -> str:
    at = int(rng.integers(1, len(word)))  # the first letter is mostly right
    kind = rng.random()
    if kind < 0.3:  # swapped
        return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :] if at > 1 else word[:at] + word[at + 1 :]
    if kind < 0.55:  # left out
        return word[:at] + word[at + 1 :]
    if kind < 0.75:  # twice
        return word[:at] + word[at] + word[at:]
    return word[:at] + choose(rng, _NEIGHBOURS.get(word[at].lower(), "e")) + word[at + 1 :]
