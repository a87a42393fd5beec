"""Questions whose answers record which masks justify which of their words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

Masks = tuple[str, ...]  # names of masks
Part = str | tuple[str, Masks]  # words without masks, or words with the masks that justify them


@dataclass(frozen=True)
class Mark:
    """A word of an answer, answer[start:end], and the masks that justify it."""

    start: int
    end: int
    masks: Masks


@dataclass(frozen=True)
class Question:
    """A question about one scene, and its answer; `topic` is the type of question.

    `about` has the things that the question names (kind, colour, place, other, group): with it the question can be
    asked in other words.
    """

    topic: str
    prompt: str
    answer: str
    marks: tuple[Mark, ...] = ()
    about: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> dict[str, Masks]:
        """Give every justified word, with the masks of all its occurrences."""
        found: dict[str, Masks] = {}
        for mark in self.marks:
            word = self.answer[mark.start : mark.end]
            found[word] = tuple(dict.fromkeys((*found.get(word, ()), *mark.masks)))
        return found


def said(topic: str, prompt: str, parts: Iterable[Part], about: dict[str, str] | None = None) -> Question:
    """Join the parts into one sentence: a capital at the start, a full stop, no space before punctuation."""
    answer, marks = "", []
    for part in parts:
        text, masks = part if isinstance(part, tuple) else (part, ())
        answer += text if not answer or text[0] in ",." else f" {text}"
        begin = len(answer) - len(text)
        if masks:
            marks += [Mark(begin + m.start(), begin + m.end(), masks) for m in re.finditer(r"\w+", text)]
    return Question(topic, prompt, answer[0].upper() + answer[1:] + ".", tuple(marks), about or {})
