"""A code for every set of hidden pixels, so that equal pictures are known without looking at their pixels.

Each pixel has a fixed code of 128 bits, and a set of pixels the XOR of theirs. The codes of a segmentation's atoms are
computed once; what a mask hides is a set of atoms. So regions of two segmentations that hide the same pixels have the
same code.
"""

from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Segmentation

Codes: TypeAlias = NDArray[np.uint64]  # [atoms or pixels, 2]

BLOCK = 1 << 16  # pixels at once: their codes stay in the processor's cache

_known: WeakKeyDictionary[Segmentation, Codes] = WeakKeyDictionary()


def atom_codes(segmentation: Segmentation) -> Codes:
    """Give the code of each atom, and last that of the pixels that no region holds."""
    if segmentation not in _known:
        _known[segmentation] = _compute(segmentation)
    return _known[segmentation]


def code_of(codes: Codes, hidden: NDArray[np.bool_]) -> bytes:
    """Give the code of what is hidden: True for some of the rows of `codes`."""
    return np.bitwise_xor.reduce(codes[hidden], axis=0).tobytes()


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


def _compute(segmentation: Segmentation) -> Codes:
    codes = np.zeros((segmentation.holds.shape[1] + 1, 2), np.uint64)
    flat = segmentation.atoms.ravel()
    for start in range(0, flat.size, BLOCK):
        block = flat[start : start + BLOCK]
        begins = np.flatnonzero(np.diff(block, prepend=block[0] - 1))  # runs of one atom
        runs = np.bitwise_xor.reduceat(pixel_codes(start, start + len(block)), begins, axis=0)
        np.bitwise_xor.at(codes, block[begins], runs)  # atom -1 is the last row
    return codes
