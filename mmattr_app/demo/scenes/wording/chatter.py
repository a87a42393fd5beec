"""What people type that no scene can answer, and letters that mean nothing."""

import numpy as np

from mmattr_app.demo.scenes.wording import unanswerable
from mmattr_app.demo.scenes.wording.elsewhere import ELSEWHERE
from mmattr_app.demo.scenes.wording.smalltalk import SMALLTALK
from mmattr_app.demo.scenes.wording.split import choose, drawn_from_each

ABOUT_A_KIND = (
    "what is the {kind} doing?",
    "what does the {kind} do?",
    "what is the {kind} called?",
    "what is the name of the {kind}?",
    "what is the {kind} thinking?",
    "what does the {kind} want?",
    "what does the {kind} eat?",
    "what does the {kind} feel?",
    "what does the {kind} say?",
    "what will the {kind} do next?",
    "what is the {kind} made of?",
    "what is the {kind} for?",
    "what is the {kind} looking at?",
    "what brand is the {kind}?",
    "what breed is the {kind}?",
    "what is the price of the {kind}?",
    "what is wrong with the {kind}?",
    "what is inside the {kind}?",
    "why is the {kind} there?",
    "why is the {kind} {colour}?",
    "why did the {kind} come here?",
    "who owns the {kind}?",
    "who made the {kind}?",
    "who drew the {kind}?",
    "who is the {kind}?",
    "whose {kind} is this?",
    "when was the {kind} built?",
    "when did the {kind} arrive?",
    "where does the {kind} come from?",
    "where does the {kind} live?",
    "where is the {kind} going?",
    "where can i buy the {kind}?",
    "how old is the {kind}?",
    "how heavy is the {kind}?",
    "how much does the {kind} cost?",
    "how fast is the {kind}?",
    "how does the {kind} feel?",
    "how far away is the {kind}?",
    "how was the {kind} made?",
    "how does the {kind} work?",
    "how do i draw a {kind}?",
    "is the {kind} happy?",
    "is the {kind} hungry?",
    "is the {kind} moving?",
    "is the {kind} alive?",
    "is the {kind} dangerous?",
    "is the {kind} expensive?",
    "is the {kind} sleeping?",
    "is the {kind} real?",
    "is the {kind} old or new?",
    "is the {kind} beautiful?",
    "does the {kind} like you?",
    "can the {kind} swim?",
    "can the {kind} talk?",
    "do you like the {kind}?",
    "remove the {kind}.",
    "make the {kind} bigger.",
    "paint the {kind} {colour}.",
    "change the colour of the {kind}.",
    "draw another {kind}.",
    "write a story about the {kind}.",
    "tell me a joke about a {kind}.",
    "write a poem about the {kind}.",
    "tell me more about the history of the {kind}.",
    "translate {kind} to german.",
    "spell {kind}.",
)
ABOUT_THE_PICTURE = (
    "who painted {pic}?",
    "who painted this?",
    "who drew this?",
    "who made {pic}?",
    "who is the artist?",
    "who is the author of {pic}?",
    "who took {pic}?",
    "when was {pic} made?",
    "when was this painted?",
    "when was {pic} taken?",
    "how old is {pic}?",
    "how much is {pic} worth?",
    "how was {pic} made?",
    "why was {pic} made?",
    "what is the meaning of {pic}?",
    "what does {pic} mean?",
    "what is the title of {pic}?",
    "what is the mood of {pic}?",
    "what emotion does {pic} evoke?",
    "what style is {pic}?",
    "what story does {pic} tell?",
    "what happened before {pic}?",
    "what happens next?",
    "what will happen next {in}?",
    "what is the weather like {in}?",
    "what is the temperature?",
    "what season is it?",
    "what year is it?",
    "what is the file size?",
    "what is the resolution of {pic}?",
    "what camera was used?",
    "what text is written {in}?",
    "what does the sign say?",
    "read the text {in}.",
    "is {pic} beautiful?",
    "is {pic} real or fake?",
    "is {pic} made by ai?",
    "is this art?",
    "is anything wrong with {pic}?",
    "is it raining {in}?",
    "is it cold {in}?",
    "do you like {pic}?",
    "does {pic} make you happy?",
    "rate {pic}.",
    "draw a picture.",
    "make {pic} brighter.",
    "crop {pic}.",
    "rotate {pic}.",
    "edit {pic}.",
    "save {pic}.",
    "send me {pic}.",
    "write a story about {pic}.",
    "write a poem about {pic}.",
    "write a song about {pic}.",
    "make up a story.",
    "improve {pic}.",
    "turn {pic} into a painting.",
    "print the metadata.",
)
_SAID = (
    (ABOUT_A_KIND, unanswerable.KINDS),
    (ABOUT_THE_PICTURE, unanswerable.PICTURE, unanswerable.BOTH),
    (ELSEWHERE, SMALLTALK),
)
_OPERATIONS = ("+", "-", "*", "/", "plus", "minus", "times", "x")
_SUMS = ("what is {sum}?", "{sum}", "{sum}=", "{sum} = ?", "calculate {sum}.", "how much is {sum}?", "compute {sum}")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "0123456789", "?!.,;:-_*#", "aeiou")


def chatter(rng: np.random.Generator, *, held_out: bool) -> str:
    """Draw something out of scope, as a template; each of the larger lists holds out a tenth."""
    draw = rng.random()
    if draw < 0.12:
        return nonsense(rng)
    if draw < 0.2:
        return _sum(rng)
    kinds, pictures, rest = _SAID
    lists = kinds if draw < 0.48 else pictures if draw < 0.75 else rest
    return choose(rng, drawn_from_each(lists, held_out=held_out))


def nonsense(rng: np.random.Generator) -> str:
    """Draw nothing at all, or some letters."""
    if rng.random() < 0.1:
        return ""
    letters = list(_KEYS[int(rng.integers(len(_KEYS)))])
    words = ["".join(rng.choice(letters, int(rng.integers(1, 9)))) for _ in range(int(rng.integers(1, 4)))]
    return " ".join(words)


def _sum(rng: np.random.Generator) -> str:
    first, second = rng.integers(0, 100, 2)
    operation = choose(rng, _OPERATIONS)
    gap = " " if operation.isalpha() or rng.random() < 0.5 else ""
    return choose(rng, _SUMS).replace("{sum}", f"{first}{gap}{operation}{gap}{second}")


LISTS = (*(parts for lists in _SAID for parts in lists), _SUMS)
