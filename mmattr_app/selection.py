"""Select tokens of an answer: by a word or phrase, or by their numbers."""

import re
from collections.abc import Sequence

import numpy as np

from mmattr_app.domain import Answer
from mmattr_app.errors import AppError

SHOWN = 200  # characters of an answer that a sentence quotes


def choose_tokens(answer: Answer, word: str = "", tokens: Sequence[int] = ()) -> tuple[int, ...] | None:
    """Choose tokens by a word, or by their numbers from 0; None if neither is given."""
    if word and tokens:
        raise AppError("Choose by a word or by the numbers of tokens, not by both.")
    if word:
        return find_tokens(answer, word)
    return check_tokens(answer, tokens) if tokens else None


def find_tokens(answer: Answer, word: str) -> tuple[int, ...]:
    """Find the tokens of the first occurrence of a word or phrase in the answer."""
    escaped = re.escape(word.strip())
    found = re.search(rf"(?<!\w){escaped}(?!\w)", answer.text, re.IGNORECASE) or re.search(escaped, answer.text)
    if not escaped or not found:
        raise AppError(f"The answer has no {word!r}; choose words of it: {answer.text.strip()[:SHOWN]!r}.")
    return answer.tokens_at(*found.span())


def same_tokens(answer: Answer, tokens: Sequence[int], other: Answer) -> tuple[int, ...]:
    """Find the tokens of another model's spelling of an answer that have the same letters."""
    ends = np.cumsum([len(piece) for piece in answer.tokens])
    lead = len(answer.text) - len(answer.text.lstrip()) - (len(other.text) - len(other.text.lstrip()))
    found = set[int]()
    for token in tokens:
        piece = answer.tokens[token]
        if not piece.strip():
            continue
        start = int(ends[token]) - len(piece.lstrip()) - lead  # a space before a word may belong to the word before
        found |= set(other.tokens_at(start, start + len(piece.strip())))
    return tuple(sorted(found))


def read_numbers(text: str) -> tuple[int, ...]:
    """Read numbers of tokens as people type them, from 1, such as 2 or 2-4 or 1,3; give them from 0.

    An empty text gives no numbers.
    """
    if not text:
        return ()
    if not re.fullmatch(r"\d{1,6}(-\d{1,6})?(,\d{1,6}(-\d{1,6})?)*", text):
        raise AppError(f"The tokens are {text!r}; give their numbers, counted from 1, such as 2 or 2-4 or 1,3.")
    spans = [tuple(map(int, part.split("-"))) for part in text.split(",")]
    if backwards := [f"{span[0]}-{span[-1]}" for span in spans if span[0] > span[-1]]:
        raise AppError(f"The tokens {backwards[0]} are written backwards; write the smaller number first.")
    return tuple(number - 1 for span in spans for number in range(span[0], span[-1] + 1))


def check_tokens(answer: Answer, tokens: Sequence[int]) -> tuple[int, ...]:
    """Sort the numbers of tokens, each once; refuse numbers that the answer does not have."""
    count = len(answer.tokens)
    wrong = [token for token in tokens if not 0 <= token < count]
    if wrong:
        raise AppError(f"The answer has the tokens 1 to {count}, not {', '.join(str(one + 1) for one in wrong)}.")
    return tuple(sorted(set(tokens)))
