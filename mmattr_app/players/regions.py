"""Regions of a picture as players: occluders that hide them, and a hash for every set of hidden pixels."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mmattr_app.domain import Keep, Keeps, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.segmentation import GROUPED, Pictured, Segmentation

# From the picture to another one of the same size, whose pixels are shown in the place of hidden pixels.
Fill: TypeAlias = Callable[[Pixels], Pixels]

BLUR = 0.05  # Gaussian radius as a share of the longer side: shapes disappear, the overall colours stay

Codes: TypeAlias = NDArray[np.uint64]  # [atoms or pixels, 2], 128 random bits for each

BLOCK = 1 << 16  # pixels at once: their codes stay in the processor's cache

_codes: WeakKeyDictionary[Segmentation, Codes] = WeakKeyDictionary()  # of the atoms, computed once

Box: TypeAlias = tuple[slice, slice]  # rows and columns


def occluder(name: str) -> Fill:
    """Find the occluder by its name: white, black, mean, #rrggbb, blur, noise or noise:SEED."""
    if name in _NAMED:
        return _NAMED[name]
    if re.fullmatch(r"#[0-9a-fA-F]{6}", name):
        return _colour(tuple(bytes.fromhex(name[1:])))
    if match := re.fullmatch(r"noise:([0-9]{1,9})", name):
        return _noise(int(match[1]))
    raise AppError(
        f"There is no occluder {name!r}; use white, black, mean, blur, noise, noise:SEED or a colour such as #7f7f7f."
    )


def _colour(rgb: tuple[int, ...]) -> Fill:
    return lambda image: np.broadcast_to(np.array(rgb, np.uint8), image.shape)


def _mean(image: Pixels) -> Pixels:
    return np.broadcast_to(np.rint(image.mean(axis=(0, 1))).astype(np.uint8), image.shape)


def _blur(image: Pixels) -> Pixels:
    radius = BLUR * max(image.shape[:2])
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))


def _noise(seed: int) -> Fill:
    return lambda image: np.random.default_rng(seed).integers(0, 256, image.shape, np.uint8)


_NAMED: dict[str, Fill] = {
    "white": _colour((255, 255, 255)),
    "black": _colour((0, 0, 0)),
    "mean": _mean,
    "blur": _blur,
    "noise": _noise(0),
}


def atom_codes(segmentation: Segmentation) -> Codes:
    """Give the code of each atom, the XOR of its pixels' codes; the last one is of the pixels that no region holds."""
    if segmentation not in _codes:
        _codes[segmentation] = _compute(segmentation)
    return _codes[segmentation]


def code_of(codes: Codes, hidden: NDArray[np.bool_]) -> bytes:
    """Give the key of a set of hidden rows of `codes`: the XOR of their codes."""
    return np.bitwise_xor.reduce(codes[hidden], axis=0).tobytes()


def pixel_codes(start: int, stop: int) -> Codes:
    """Give the codes of pixels `start` to `stop`, counted row by row: two numbers of splitmix64 for each."""
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


class Regions:
    """Players that are regions of one of the question's pictures."""

    def __init__(
        self,
        question: Question,
        segmentation: Segmentation,
        occluder: str,
        picture: int = 0,
        before: Segmentation | None = None,
    ) -> None:
        """Take the regions of the picture, the occluder's name, and the number of the picture, from 0.

        `before` are the regions that a run began with, where its method joined or cut them.
        """
        self.question, self.segmentation, self.occluder, self.picture = question, segmentation, occluder, picture
        self.before = before

    @property
    def count(self) -> int:
        """Count the regions."""
        return self.segmentation.regions

    @property
    def fingerprint(self) -> bytes:
        """Hash: equal for the same regions, the same occluder and the same number of the picture."""
        return self.segmentation.fingerprint + self._occluder_key

    @property
    def nbytes(self) -> int:
        """Count the bytes of memory of the regions."""
        return self.segmentation.nbytes + (self.before.nbytes if self.before else 0)

    @property
    def says(self) -> str:
        """Give the note of the segmentation."""
        return self.segmentation.says

    def names(self) -> list[str]:
        """Give the numbers of the regions from 1, with that of their picture if there are several."""
        of = f" of picture {self.picture + 1}" if len(self.question.pictures) > 1 else ""
        return [f"{region + 1}{of}" for region in range(self.count)]

    def kinds(self) -> list[str]:
        """Give "picture" for all, with its number if there are several."""
        return [f"picture {self.picture + 1}" if len(self.question.pictures) > 1 else "picture"] * self.count

    def region_rows(self) -> NDArray[np.intp]:
        """Give all rows: every player is a region."""
        return np.arange(self.count)

    @property
    def pictured(self) -> tuple[Pictured, ...]:
        """Give the picture, with its regions."""
        return (Pictured(self.picture, self.segmentation, self.region_rows()),)

    def hide(self, keep: Keep) -> Question:
        """Replace the pixels of hidden regions by the occluder's."""
        hidden = self.segmentation.hidden_atoms(keep)
        seen = self.image.copy()
        box = self._box_around(hidden)
        pixels = np.append(hidden, False)[self.segmentation.atoms[box]]  # atom -1 reads the last entry
        for channel in range(3):  # twice as fast as all three at once
            np.copyto(seen[box][..., channel], self.fill[box][..., channel], where=pixels)
        return self._with_picture(seen)

    def blank(self) -> Question:
        """Replace all pixels by the occluder's."""
        return self._with_picture(np.ascontiguousarray(self.fill))

    def keys(self, keeps: Keeps) -> list[bytes]:
        """Give a key for each question: the hash of its hidden pixels, and the occluder."""
        codes = atom_codes(self.segmentation)
        return [code_of(codes[:-1], self.segmentation.hidden_atoms(keep)) + self._occluder_key for keep in keeps]

    def blank_key(self) -> bytes:
        """Give the key of the question that hides every pixel."""
        codes = atom_codes(self.segmentation)
        return code_of(codes, np.ones(len(codes), bool)) + self._occluder_key

    def weights(self) -> NDArray[np.float64]:
        """Give each region's share of the picture's area."""
        return self.segmentation.areas / self.segmentation.atoms.size

    def places(self) -> NDArray[np.float64]:
        """Give the centre of each region [regions, 2], row and column; the unit is the side of a mean region."""
        return self._places

    @cached_property
    def _places(self) -> NDArray[np.float64]:
        """Compute them once: a sketch asks for them at each step."""
        side = np.sqrt(self.segmentation.areas.mean())
        rows, columns = np.indices(self.segmentation.shape)
        middles = np.stack([self._sums(plane) for plane in (rows, columns)], axis=1)
        return middles / np.maximum(self.segmentation.areas, 1)[:, None] / side

    def change(self) -> NDArray[np.float64]:
        """Give the mean change of a region's pixel values when it is hidden: a cheap guess of how much it matters."""
        change = np.zeros(self.segmentation.shape, np.int16)
        for channel in range(3):
            change += np.abs(self.image[..., channel].astype(np.int16) - self.fill[..., channel])
        return self._sums(change) / (3 * np.maximum(self.segmentation.areas, 1))

    def grouped(self, groups: NDArray[np.intp]) -> "Regions":
        """Make one region of all that have the same group number."""
        cut = self.segmentation
        holds = np.zeros((int(groups.max()) + 1, cut.holds.shape[1]), bool)
        np.logical_or.at(holds, groups, cut.holds)
        grouped = Segmentation.from_atoms(f"{cut.made_by}{GROUPED}", cut.atoms, holds, cut.says)
        return Regions(self.question, grouped, self.occluder, self.picture, self.before or cut)

    @property
    def image(self) -> Pixels:
        """Give the picture."""
        return self.question.pictures[self.picture]

    @cached_property
    def fill(self) -> Pixels:
        """Give the occluder's picture, whose pixels replace hidden ones."""
        return occluder(self.occluder)(self.image)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle without what can be computed again."""
        return {name: value for name, value in self.__dict__.items() if name not in ("fill", "_boxes", "_places")}

    @property
    def _occluder_key(self) -> bytes:
        """Name the occluder, and the number of the picture unless it is the first, as a part of keys."""
        return (f"{self.occluder} {self.picture}" if self.picture else self.occluder).encode()

    def _with_picture(self, seen: Pixels) -> Question:
        before, after = self.question.pictures[: self.picture], self.question.pictures[self.picture + 1 :]
        return replace(self.question, pictures=(*before, seen, *after))

    def _sums(self, plane: NDArray[Any]) -> NDArray[np.float64]:
        """Sum a plane [height, width] over each region: [regions]."""
        atoms = self.segmentation.holds.shape[1]
        sums = np.bincount(self.segmentation.atoms.ravel() + 1, plane.ravel(), atoms + 1).astype(np.float64)
        return self.segmentation.holds.astype(np.float64) @ sums[1:]

    def _box_around(self, hidden: NDArray[np.bool_]) -> Box:
        """Give the bounding box of the hidden atoms: most masks hide one small region, so less is copied."""
        top, bottom, left, right = self._boxes[:, hidden]
        if not len(top):
            return slice(0), slice(0)
        return slice(top.min(), bottom.max() + 1), slice(left.min(), right.max() + 1)

    @cached_property
    def _boxes(self) -> NDArray[np.intp]:  # [4, atoms]
        """Give the bounding box of each atom: its first and last row, its first and last column."""
        spans: list[NDArray[np.intp]] = []
        for lines in (self.segmentation.atoms, np.ascontiguousarray(self.segmentation.atoms.T)):
            starts = np.flatnonzero(np.diff(lines, axis=1, prepend=-2))  # runs of one atom in a line
            atoms, line = lines.ravel()[starts], starts // lines.shape[1]
            first, last = np.zeros((2, self.segmentation.holds.shape[1] + 1), np.intp)
            first[atoms[::-1]] = line[::-1]  # for several values of one atom NumPy keeps the last
            last[atoms] = line
            spans += [first[:-1], last[:-1]]
        return np.array(spans)
