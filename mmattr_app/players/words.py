"""Words as players: of the question, the system prompt, the document before the question, or the answer so far."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Answer, Keep, Keeps, Question
from mmattr_app.errors import AppError

Part: TypeAlias = Literal["system prompt", "document", "question", "own words"]
Range: TypeAlias = tuple[int, int]  # start and stop, in characters of a text, or in tokens of the answer

LEFT_OUT = "out"  # a hidden word is left out; any other value is the text in its place
SPACING = 4.0  # distance between two words, in mean sizes of a player: too far to be taken for neighbours
LONGEST_NAME = 60  # characters

# Chinese and Japanese are written without spaces, so a word is a character there.
_IDEOGRAPH = "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_BETWEEN_WORDS = re.compile(rf"\s|(?={_IDEOGRAPH})|(?<={_IDEOGRAPH})(?=[^\W_])|(?<=[\u3001\u3002\uff01-\uff1f])(?=\w)")
_BETWEEN_SENTENCES = re.compile(r"\n|(?<=[.!?])\s|(?<=[.!?][\"')\]\u201d\u2019])\s|(?<=[\u3002\uff01\uff1f])")
_BETWEEN_PARAGRAPHS = re.compile(r"\n[ \t]*\n")

FIELDS: dict[Part, str] = {"system prompt": "system", "document": "document", "question": "prompt"}  # of a Question
WAYS: dict[str, tuple[Part, re.Pattern[str]]] = {  # name on the command line -> part, and what its players lie between
    "words": ("question", _BETWEEN_WORDS),
    "system": ("system prompt", _BETWEEN_WORDS),
    "sentences": ("document", _BETWEEN_SENTENCES),
    "paragraphs": ("document", _BETWEEN_PARAGRAPHS),
    "answer": ("own words", _BETWEEN_WORDS),
}
_HINTS: dict[Part, str] = {
    "question": "ask something",
    "system prompt": "give one, or let something else play",
    "document": "give one with --document, or let something else play",
}


@dataclass(frozen=True)
class Span:
    """A piece of the question's texts or of the answer."""

    part: Part
    start: int  # in characters; for the answer, in tokens
    stop: int


def find_words(question: Question, ways: Sequence[str], hidden_by: str, most: int, answer: Answer | None) -> "Words":
    """Cut the texts as `ways` (keys of WAYS) say, into at most `most` players.

    Words of the answer need `answer`. If there would be too many players, each gets several neighbouring pieces.
    """
    said = () if answer is None else answer.tokens
    found = [_cut_part(question, way, said) for way in ways]
    if answer and not any(found):
        raise AppError("There are no words to hide; ask something longer, or let something else play.")
    each = 1  # spans for each player
    while sum(-(-len(spans) // each) for spans in found) > most:
        each += 1
    pieces = [spans[at : at + each] for spans in found for at in range(0, len(spans), each)]
    note = f"{sum(map(len, found))} pieces of text are hidden {each} at a time, since at most {most} players can play."
    return Words(question, pieces, hidden_by, said=said, says=note if each > 1 else "")


def _cut_part(question: Question, way: str, said: Sequence[str]) -> list[Span]:
    part, between = WAYS[way]
    if part == "own words":
        return [Span(part, *tokens) for tokens in _token_ranges(said, between)]
    text: str = getattr(question, FIELDS[part])
    if not text.strip():
        raise AppError(f"The {part} is empty, so none of it can be hidden; {_HINTS[part]}.")
    return [Span(part, *characters) for characters in _ranges(text, between)]


def _ranges(text: str, between: re.Pattern[str]) -> list[Range]:
    """Give the ranges between the matches, without spaces at their ends."""
    edges = [(0, 0), *(match.span() for match in between.finditer(text)), (len(text), len(text))]
    found: list[Range] = []
    for (_, start), (stop, _) in pairwise(edges):
        piece = text[start:stop]
        if piece.strip():
            found.append((start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())))
    return found


def _token_ranges(said: Sequence[str], between: re.Pattern[str]) -> list[Range]:
    """Give the tokens of each word: a token belongs to the word of its first letter, or of the next letter after it."""
    text, starts = "".join(said), np.cumsum([0, *map(len, said)])[:-1]
    letters = np.flatnonzero([not letter.isspace() for letter in text])
    if not len(letters):
        return []
    firsts = letters[np.minimum(np.searchsorted(letters, starts), len(letters) - 1)]
    word_starts = [start for start, _ in _ranges(text, between)]
    words = np.searchsorted(word_starts, firsts, side="right")
    edges = np.flatnonzero(np.diff(words, prepend=-1, append=-1))
    return [(int(start), int(stop)) for start, stop in pairwise(edges)]


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "\u2026"


class Words:
    """Players that are words, or pieces of several words, of the question's texts and the answer."""

    segmentation = None
    pictured = ()

    def __init__(
        self,
        question: Question,
        spans: Sequence[Sequence[Span]],
        hidden_by: str = LEFT_OUT,
        *,
        said: Sequence[str] = (),
        says: str = "",
    ) -> None:
        """Take the spans of each player, in the order of the text, and the answer's tokens if they play."""
        self.question, self.spans, self.occluder, self.said = question, [tuple(own) for own in spans], hidden_by, said
        self.says = says

    @property
    def count(self) -> int:
        """Count the players."""
        return len(self.spans)

    @property
    def fingerprint(self) -> bytes:
        """Hash: equal for the same words, hidden in the same way."""
        return hashlib.blake2b(repr((self.spans, self.occluder)).encode(), digest_size=16).digest()

    @property
    def nbytes(self) -> int:
        """Estimate the bytes of memory."""
        return 100 * self.count

    def names(self) -> list[str]:
        """Give the text of each player, shortened to LONGEST_NAME characters."""
        return [_shortened(" ".join(self._text(span) for span in own)) for own in self.spans]

    def kinds(self) -> list[str]:
        """Name the part of the texts that each player is in."""
        return [own[0].part for own in self.spans]

    def ways(self) -> list[str]:
        """Give the names of how the texts were cut, as on the command line (keys of WAYS)."""
        parts: list[Part] = [span.part for own in self.spans for span in own]
        return [self._way(part) for part in dict.fromkeys(parts)]

    def region_rows(self) -> NDArray[np.intp]:
        """Give no rows: no player is a region."""
        return np.zeros(0, np.intp)

    def hide(self, keep: Keep) -> Question:
        """Leave out the hidden words, or put the occluder's text in their place."""
        visible = keep.tolist()
        texts: dict[str, Any] = {
            name: self._without(part, visible) for part, name in FIELDS.items() if part in self._ordered
        }
        hidden = [span for player, span in self._ordered.get("own words", ()) if not visible[player]]
        said = sorted(token for span in hidden for token in range(span.start, span.stop))
        return replace(self.question, **texts, said_hidden=tuple(said))

    def blank(self) -> Question:
        """Empty each text that has players."""
        hidden = self.hide(np.zeros(self.count, bool))
        if self.occluder != LEFT_OUT:
            return hidden
        return replace(hidden, **{name: "" for part, name in FIELDS.items() if part in self._ordered})

    def keys(self, keeps: Keeps) -> list[bytes]:
        """Name each question by what is left of its texts."""
        return [self._key(self.hide(keep)) for keep in keeps]

    def blank_key(self) -> bytes:
        """Name the question of which nothing is left."""
        return self._key(self.blank())

    def weights(self) -> NDArray[np.float64]:
        """Give each player's share of all characters."""
        lengths = np.array([sum(len(self._text(span)) for span in own) for own in self.spans], np.float64)
        return lengths / lengths.sum()

    def places(self) -> NDArray[np.float64]:
        """Put the words on a line."""
        return SPACING * np.arange(self.count, dtype=np.float64)[:, None]

    def change(self) -> NDArray[np.float64]:
        """Guess that long words matter more."""
        return self.weights()

    def grouped(self, groups: NDArray[np.intp]) -> "Words":
        """Make one player of all words that have the same group number."""
        members = [np.flatnonzero(groups == group) for group in range(int(groups.max()) + 1)]
        spans = [[span for player in players for span in self.spans[player]] for players in members]
        return Words(self.question, spans, self.occluder, said=self.said, says=self.says)

    @cached_property
    def _ordered(self) -> dict[Part, list[tuple[int, Span]]]:
        """List the spans of each part with their players, in the order of the text."""
        spans = [(player, span) for player, own in enumerate(self.spans) for span in own]
        parts: dict[Part, list[tuple[int, Span]]] = {}
        for player, span in sorted(spans, key=lambda found: found[1].start):
            parts.setdefault(span.part, []).append((player, span))
        return parts

    def _way(self, part: Part) -> str:
        if part != "document":
            return next(name for name, (of, _) in WAYS.items() if of == part)
        pieces = sorted((span.start, span.stop) for own in self.spans for span in own if span.part == part)
        return "paragraphs" if pieces == _ranges(self.question.document, _BETWEEN_PARAGRAPHS) else "sentences"

    def _text(self, span: Span) -> str:
        if span.part == "own words":
            return "".join(self.said[span.start : span.stop]).strip()
        return getattr(self.question, FIELDS[span.part])[span.start : span.stop]

    def _without(self, part: Part, visible: Sequence[bool]) -> str:
        """Write a text without its hidden words; with a word that is left out, the space before it is left out too."""
        text: str = getattr(self.question, FIELDS[part])
        instead = "" if self.occluder == LEFT_OUT else self.occluder
        written, at, begun = list[str](), 0, False  # `begun`: some text is written, so a space may follow
        for player, span in self._ordered[part]:
            before, word = text[at : span.start], text[span.start : span.stop] if visible[player] else instead
            if at and not begun:
                before = before.lstrip()
            written += [before if word else before.rstrip() if at else before, word]
            begun = begun or bool(word or before.strip())
            at = span.stop
        return "".join([*written, text[at:]])

    def _key(self, question: Question) -> bytes:
        """Give the key of a question's texts; empty for the question as it was asked.

        So the keys of regions are the same whether words play beside them or not, and the memo serves both games.
        """
        texts = [(asked.system, asked.document, asked.prompt) for asked in (question, self.question)]
        if texts[0] == texts[1] and not question.said_hidden:
            return b""
        return b"\0" + hashlib.blake2b(repr((texts[0], question.said_hidden)).encode(), digest_size=16).digest()
