"""Token pieces: the part of the decoded text that each generated id brings."""

from collections.abc import Sequence
from itertools import pairwise
from os.path import commonprefix
from typing import Any


def decode(tokenizer: Any, ids: Sequence[int]) -> str:
    """Decode without the tidying that would move characters between tokens."""
    return tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def split_into_pieces(tokenizer: Any, ids: Sequence[int]) -> tuple[str, ...]:
    """Cut the decoded text into one piece for each id; the pieces add up to the text exactly.

    Decoding ids one by one is wrong (spaces, bytes of one emoji), so every beginning is decoded, and a piece ends
    where that beginning stops agreeing with the whole text. A piece may be empty.
    """
    text = decode(tokenizer, ids)
    ends = [0]
    for count in range(1, len(ids)):
        agreed = len(commonprefix([decode(tokenizer, ids[:count]), text]))  # noqa: RUF071  (by character)
        ends.append(max(ends[-1], agreed))
    ends.append(len(text))
    return tuple(text[start:end] for start, end in pairwise(ends))


def align(decoded: Sequence[str], text: str) -> tuple[str, ...]:
    """Cut `text` into pieces by what each id decodes to alone, which may lack a space or be half an emoji."""
    ends: list[int] = []
    at, lost = 0, False
    for token in decoded:
        seen = token if text.startswith(token, at) or (lost and token in text[at:]) else token.strip()
        found = text.find(seen, at) if seen and "\ufffd" not in seen else -1
        if found >= 0 and (lost or not text[at:found].strip()):
            if lost:
                ends[-1] = found  # what was skipped belongs to the one before, which could not be found
            at, lost = found + len(seen), False
        elif token:
            lost = True
        ends.append(at)
    return tuple(text[start:end] for start, end in pairwise([0, *ends[:-1], len(text)]))
