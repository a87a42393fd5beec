"""Edit a segmentation: split a region into quarters, merge several regions into one, cut all regions by a grid."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmattr_app.errors import AppError
from mmattr_app.segmentation import FINER, LabelMap, Mask, Segmentation


def split(segmentation: Segmentation, region: int) -> Segmentation:
    """Split a region in its middle into two to four parts: one keeps its number, the others are added at the end."""
    parts = quarters(segmentation.mask(_known(segmentation, region)))
    if len(parts) < 2:
        raise AppError(f"Region {region + 1} is a single pixel, which cannot be split.")
    part = np.zeros(segmentation.shape, np.int64)  # [height, width], the part of the region, from 1; 0 is outside
    for number, pixels in enumerate(parts, 1):
        part[pixels] = number
    atoms, before, in_part = _cut(segmentation, part)
    holds = segmentation.holds[:, before]
    of_parts = np.stack([in_part == number for number in range(1, len(parts) + 1)])
    holds = np.vstack([holds[:region], of_parts[:1], holds[region + 1 :], of_parts[1:]])
    made_by = f"{segmentation.made_by}, split {region + 1}"
    return Segmentation.from_atoms(made_by, atoms, holds, segmentation.says)


def merge(segmentation: Segmentation, regions: Sequence[int]) -> Segmentation:
    """Merge several regions into one, which gets the lowest of their numbers; the numbers after a gap move down."""
    chosen = sorted({_known(segmentation, region) for region in regions})
    if len(chosen) < 2:
        raise AppError("Choose at least two regions to merge.")
    holds = segmentation.holds.copy()
    holds[chosen[0]] = holds[chosen].any(axis=0)
    made_by = f"{segmentation.made_by}, merge {'+'.join(str(region + 1) for region in chosen)}"
    holds = np.delete(holds, chosen[1:], axis=0)
    return Segmentation.from_atoms(made_by, segmentation.atoms, holds, segmentation.says)


def cells(segmentation: Segmentation, finest: int) -> tuple[Segmentation, NDArray[np.intp]]:
    """Cut regions that do not overlap by a grid of `finest` x `finest` cells; give the parts, and each one's region."""
    (height, width), side = segmentation.shape, finest
    cell = (np.arange(height) * side // height)[:, None] * side + np.arange(width) * side // width
    atoms, before, _ = _cut(segmentation, cell)
    owner = segmentation.holds[:, before].argmax(axis=0)
    finer = Segmentation(f"{segmentation.made_by}{FINER}", atoms, np.eye(len(owner), dtype=bool), segmentation.says)
    return finer, owner


def _cut(
    segmentation: Segmentation, part: NDArray[np.integer]
) -> tuple[LabelMap, NDArray[np.intp], NDArray[np.integer]]:
    """Cut atoms by `part` [height, width]: give the new atom map, and the old atom and the part of each new atom."""
    pairs = np.where(segmentation.atoms < 0, -1, segmentation.atoms.astype(np.int64) * (int(part.max()) + 1) + part)
    names, number = np.unique(pairs, return_inverse=True)
    outside = int(names[0] < 0)
    old, in_part = np.divmod(names[outside:], int(part.max()) + 1)
    return (number.reshape(pairs.shape) - outside).astype(np.int32), old, in_part


def quarters(mask: Mask) -> list[Mask]:
    """Split a mask at its middle row and its middle column; a long, narrow one only across, into halves."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return []
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    lower, right = np.zeros((2, *mask.shape), bool)
    if height * 2 > width:
        lower[_middle(rows) :] = True
    if width * 2 > height:
        right[:, _middle(columns) :] = True
    cuts = (mask & ~lower & ~right, mask & ~lower & right, mask & lower & ~right, mask & lower & right)
    return [part for part in cuts if part.any()]


def _middle(places: NDArray[np.integer]) -> int:
    """Give the first row or column of the second half, which holds at least one pixel."""
    return min(int(np.ceil(np.median(places + 0.5))), int(places.max()))


def _known(segmentation: Segmentation, region: int) -> int:
    if not 0 <= region < segmentation.regions:
        raise AppError(f"There is no region {region + 1}; the regions are 1 to {segmentation.regions}.")
    return region
