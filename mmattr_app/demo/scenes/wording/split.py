"""Split parts of questions into trained and held-out ones: a tenth of every list is held out, by its checksums."""

import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np


@lru_cache(maxsize=1000)
def held_out_parts(parts: tuple[str, ...]) -> frozenset[str]:
    """Give the held-out parts: the tenth with the lowest checksums, and at least one if there are four or more."""
    different = sorted(set(parts), key=lambda part: (zlib.crc32(part.encode()), part))
    count = len(different) // 10 or int(len(different) >= 4)
    return frozenset(different[:count])


@lru_cache(maxsize=2000)
def drawn_from(parts: tuple[str, ...], *, held_out: bool) -> tuple[str, ...]:
    """Give the trained or the held-out parts; a list too short to hold any out gives all of them."""
    apart = held_out_parts(parts)
    if held_out and not apart:
        return parts
    return tuple(part for part in parts if (part in apart) == held_out)


@lru_cache(maxsize=2000)
def drawn_from_each(lists: tuple[tuple[str, ...], ...], *, held_out: bool) -> tuple[str, ...]:
    """Give these parts of several lists; each list holds out its own tenth."""
    return tuple(part for parts in lists for part in drawn_from(parts, held_out=held_out))


def choose(rng: np.random.Generator, parts: Sequence[str]) -> str:
    """Draw one of the parts at random."""
    return parts[int(rng.integers(len(parts)))]
