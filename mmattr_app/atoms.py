"""A code for every set of hidden pixels, whichever regions hide them, without a look at pixels for each mask.

Each pixel has a fixed code of 128 bits. An atom is a set of pixels that the same regions hold; its code is the XOR of
the codes of its pixels, computed once. What a mask hides is a union of atoms, and its code is the XOR of theirs.
"""

from collections.abc import Iterator
from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Keeps, LabelMap, Segmentation

Codes: TypeAlias = NDArray[np.uint64]  # [atoms or pixels, 2]
Holders: TypeAlias = NDArray[np.uint8]  # [atoms, bytes], a bit for each region and one for "no region"

BLOCK = 1 << 16  # pixels at once (a multiple of 8): their codes stay in the processor's cache


class Atoms:
    """The atoms of one segmentation."""

    def __init__(self, segmentation: Segmentation) -> None:
        """Find them: a tenth of a second for four million pixels."""
        self._holders, self._codes = (
            _of_labels(segmentation) if segmentation.packed is None else _of_masks(segmentation)
        )

    def hidden(self, keeps: Keeps) -> list[bytes]:
        """Give the code of what each mask [masks, regions + 1] hides, the last column being the pixels of no region."""
        rows = np.packbits(~keeps, axis=1)
        return [np.bitwise_xor.reduce(self._codes[(self._holders & row).any(axis=1)], axis=0).tobytes() for row in rows]


_known: WeakKeyDictionary[Segmentation, Atoms] = WeakKeyDictionary()


def atoms_of(segmentation: Segmentation) -> Atoms:
    """Find the atoms once for each segmentation."""
    if segmentation not in _known:
        _known[segmentation] = Atoms(segmentation)
    return _known[segmentation]


class Different:
    """Finds the masks [masks, regions + 1] that hide other pixels than all that it was shown before."""

    def __init__(self, segmentation: Segmentation) -> None:
        """Take the regions."""
        self._atoms = atoms_of(segmentation)
        self._seen: set[bytes] = set()

    def __call__(self, keeps: Keeps) -> list[int]:
        """List the rows that are new."""
        first = {code: row for row, code in reversed(list(enumerate(self._atoms.hidden(keeps))))}
        new = sorted(row for code, row in first.items() if code not in self._seen)
        self._seen |= first.keys()
        return new


def pixel_codes(start: int, stop: int) -> Codes:
    """Give the codes of pixels `start` to `stop`, counted row by row: two outputs of splitmix64 for each."""
    code = np.arange(2 * start + 1, 2 * stop + 1, dtype=np.uint64)
    code *= np.uint64(0x9E3779B97F4A7C15)
    code ^= code >> np.uint64(30)
    code *= np.uint64(0xBF58476D1CE4E5B9)
    code ^= code >> np.uint64(27)
    code *= np.uint64(0x94D049BB133111EB)
    code ^= code >> np.uint64(31)
    return code.reshape(-1, 2)


def _of_labels(segmentation: Segmentation) -> tuple[Holders, Codes]:
    """Make each region an atom, and the pixels of no region the last one."""
    assert segmentation.labels is not None, "a segmentation has labels or masks"
    regions = segmentation.regions
    codes = np.zeros((regions + 1, 2), np.uint64)
    for labels, runs in _label_runs(segmentation.labels):
        np.bitwise_xor.at(codes, labels, runs)  # label -1 is the last row
    return np.packbits(np.eye(regions + 1, dtype=bool), axis=1), codes


def _label_runs(labels: LabelMap) -> Iterator[tuple[NDArray[np.int32], Codes]]:
    """Yield runs of pixels of the same label, block by block, with the XOR of their codes."""
    flat = labels.ravel()
    for start in range(0, flat.size, BLOCK):
        block = flat[start : start + BLOCK]
        begins = np.flatnonzero(np.diff(block, prepend=block[0] - 1))
        yield block[begins], np.bitwise_xor.reduceat(pixel_codes(start, start + len(block)), begins, axis=0)


def _of_masks(segmentation: Segmentation) -> tuple[Holders, Codes]:
    """Join the runs that the same regions hold, wherever they are."""
    runs = [_joined(*run) for run in _mask_runs(segmentation)]
    return _joined(*(np.concatenate(column) for column in zip(*runs, strict=True)))


def _mask_runs(segmentation: Segmentation) -> Iterator[tuple[Holders, Codes]]:
    """Yield runs of pixels that the same regions hold, block by block.

    Most bytes of the packed masks repeat the byte before them as all ones or zeros; only the others are unpacked.
    """
    assert segmentation.packed is not None, "chosen by the caller"
    pixels = segmentation.shape[0] * segmentation.shape[1]
    for start in range(0, pixels, BLOCK):
        columns = segmentation.packed[:, start // 8 : (start + BLOCK) // 8]
        count = min(BLOCK, pixels - start)
        new = ((columns != 0) & (columns != 255)).any(axis=0)
        new[1:] |= (columns[:, 1:] != columns[:, :-1]).any(axis=0)
        new[0] = True
        begins = (8 * np.flatnonzero(new)[:, None] + np.arange(8)).ravel()
        begins = begins[begins < count]  # the last byte may be longer than the picture
        held = np.unpackbits(columns[:, new], axis=1)[:, : len(begins)]
        held = np.vstack([held, ~held.any(axis=0)])
        codes = np.bitwise_xor.reduceat(pixel_codes(start, start + count), begins, axis=0)
        yield np.ascontiguousarray(np.packbits(held, axis=0).T), codes


def _joined(holders: Holders, runs: Codes) -> tuple[Holders, Codes]:
    """Make one atom of all runs that the same regions hold."""
    width = holders.shape[1]
    kinds, number = np.unique(holders.view(np.dtype((np.void, width))).ravel(), return_inverse=True)
    codes = np.zeros((len(kinds), 2), np.uint64)
    np.bitwise_xor.at(codes, number, runs)
    return kinds.view(np.uint8).reshape(-1, width), codes
