"""Regions of a picture as values: which pixels each of them holds."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Mask: TypeAlias = NDArray[np.bool_]  # [height, width]
HowToCut: TypeAlias = str | tuple[str, ...]  # such as "grid:8x8" for every picture, or a text for each of them
LabelMap: TypeAlias = NDArray[np.int32]  # [height, width], the number of each pixel's region; -1: in no region

GROUPED, FINER = ", grouped", ", cut finer"  # endings of `made_by` where a method joined regions, or cut them before


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Regions of one picture, which may overlap and leave pixels uncovered.

    An atom is the set of all pixels that lie in exactly the same regions. If no regions overlap, each region is one
    atom, and the atom map is a label map.
    """

    made_by: str  # as typed, such as "grid:8x8"
    atoms: LabelMap  # [height, width], the number of each pixel's atom; -1: in no region
    holds: NDArray[np.bool_]  # [regions, atoms], True where the region holds the atom
    says: str = ""  # a note to the reader on how it came out, in sentences; usually empty

    @classmethod
    def from_labels(cls, made_by: str, labels: NDArray[np.integer], says: str = "") -> "Segmentation":
        """Make a region of each label [height, width], in their order; a negative label is no region."""
        regions, numbered = _numbered(labels)
        return cls(made_by, numbered, np.eye(regions, dtype=bool), says)

    @classmethod
    def from_masks(cls, made_by: str, masks: NDArray[np.bool_], says: str = "") -> "Segmentation":
        """Make a region of each mask [regions, height, width]."""
        flat = masks.reshape(len(masks), -1)
        codes = np.zeros(flat.shape[1], np.uint64)  # XOR of the random numbers of a pixel's regions: equal in an atom
        for mask, number in zip(flat, np.random.default_rng(0).integers(1, 2**63, len(masks), np.uint64), strict=True):
            codes[mask] ^= number
        starts = np.flatnonzero(np.diff(codes, prepend=~codes[:1]))
        _, first, run_atoms = np.unique(codes[starts], return_index=True, return_inverse=True)
        atoms = np.repeat(run_atoms, np.diff(starts, append=len(codes))).astype(np.int32)
        return cls.from_atoms(made_by, atoms.reshape(masks.shape[1:]), flat[:, starts[first]], says)

    @classmethod
    def from_atoms(cls, made_by: str, atoms: LabelMap, holds: NDArray[np.bool_], says: str = "") -> "Segmentation":
        """Merge atoms that lie in exactly the same regions; an atom in no region becomes -1."""
        kinds, kind = np.unique(np.packbits(holds, axis=0), axis=1, return_inverse=True)
        number = kinds.shape[1] - 1 - kind.ravel()  # backwards, so that the first region's atoms come first
        joined = np.zeros((len(holds), kinds.shape[1]), bool)
        joined[:, number] = holds
        if joined.shape[1] and not joined[:, -1].any():
            joined, number = joined[:, :-1], np.where(number == joined.shape[1] - 1, -1, number)
        return cls(made_by, np.append(number, -1).astype(np.int32)[atoms], joined, says)

    @property
    def regions(self) -> int:
        """Count the regions."""
        return len(self.holds)

    @property
    def shape(self) -> tuple[int, int]:
        """Give height and width."""
        return self.atoms.shape[0], self.atoms.shape[1]

    @property
    def nbytes(self) -> int:
        """Count the bytes of memory that it takes."""
        return self.atoms.nbytes + self.holds.nbytes

    def mask(self, region: int) -> Mask:
        """Give the mask of the region's pixels."""
        return np.append(self.holds[region], False)[self.atoms]  # atom -1 reads the last entry

    def hidden_atoms(self, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:  # [atoms]
        """Give the atoms that are hidden: those of any hidden region; `keep` is [regions]."""
        return np.logical_or.reduce(self.holds[~keep], axis=0)

    def hidden(self, keep: NDArray[np.bool_]) -> Mask:
        """Give the mask of the pixels that are hidden; `keep` is [regions]."""
        return np.append(self.hidden_atoms(keep), False)[self.atoms]

    @cached_property
    def fingerprint(self) -> bytes:
        """Hash: equal for the same regions of a picture of the same size."""
        held = repr((self.holds.shape, self.shape)).encode() + self.atoms.tobytes() + np.packbits(self.holds).tobytes()
        return hashlib.blake2b(held, digest_size=16).digest()

    @cached_property
    def areas(self) -> NDArray[np.int64]:  # [regions]
        """Count the pixels of each region."""
        return self.holds @ np.bincount(self.atoms.ravel() + 1, minlength=self.holds.shape[1] + 1)[1:]

    def __getstate__(self) -> dict[str, Any]:
        """Compress for pickling; an atom map shrinks a hundredfold at any level of zlib, so the fastest is used."""
        packed = np.packbits(self.holds)
        squeezed = {"atoms": zlib.compress(self.atoms.tobytes(), 1), "holds": zlib.compress(packed.tobytes(), 1)}
        return {"made_by": self.made_by, "says": self.says, "sizes": (self.shape, self.holds.shape), **squeezed}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Decompress after pickling."""
        shape, (regions, atoms) = state.pop("sizes")
        held = np.unpackbits(np.frombuffer(zlib.decompress(state["holds"]), np.uint8), count=regions * atoms)
        state["holds"] = held.reshape(regions, atoms).astype(bool)
        state["atoms"] = np.frombuffer(zlib.decompress(state["atoms"]), np.int32).reshape(shape)
        self.__dict__.update(state)


class Pictured(NamedTuple):
    """The regions of a picture, as they play."""

    picture: int  # its number in the question, from 0
    segmentation: Segmentation
    rows: NDArray[np.intp]  # the players that are its regions, in their order


def how_to_cut(each: Sequence[str]) -> HowToCut:
    """Join the texts that say how each picture is cut: one text where all are the same."""
    return each[0] if len(set(each)) == 1 else tuple(each)


def for_picture(regions: HowToCut, picture: int) -> str:
    """Give the text for one of several pictures, counted from 0: its own one, or the one that is for all pictures.

    Of a text for all, saved regions get the number of the picture.
    """
    if not isinstance(regions, str):
        return regions[picture]
    return f"{regions},{picture + 1}" if picture and regions.startswith("saved:") else regions


def _numbered(labels: NDArray[np.integer]) -> tuple[int, LabelMap]:
    """Count the regions, and number them 0, 1, ... in the order of their labels; a negative label becomes -1."""
    if labels.max(initial=0) > labels.size:  # numbers too large to count each, such as colours: sort, which is slow
        names, numbered = np.unique(labels, return_inverse=True)
        outside = int((names < 0).sum())
        return len(names) - outside, np.maximum(numbered.reshape(labels.shape) - outside, -1).astype(np.int32)
    numbered = np.maximum(labels.astype(np.int64), -1).astype(np.int32)
    there = np.bincount(numbered.ravel() + 1, minlength=1)[1:] > 0
    regions = int(there.sum())
    if regions == len(there):
        return regions, numbered
    return regions, np.append(np.cumsum(there) - 1, -1).astype(np.int32)[numbered]  # label -1 reads the last entry
