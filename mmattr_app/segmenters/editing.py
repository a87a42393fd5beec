"""Cut a segmentation as one thinks: split a region into quarters, merge several into one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Mask, Segmentation
from mmattr_app.errors import AppError


def split(segmentation: Segmentation, region: int) -> Segmentation:
    """Cut a region into up to four about its middle: one takes its number, the others come last."""
    parts = quarters(segmentation.mask(_known(segmentation, region)))
    if len(parts) < 2:
        raise AppError(f"Region {region + 1} is a single pixel, which cannot be split.")
    made_by = f"{segmentation.made_by}, split {region + 1}"
    regions = segmentation.regions + len(parts) - 1
    numbers = [region, *range(segmentation.regions, regions)]
    if segmentation.labels is not None:
        labels = segmentation.labels.copy()
        for number, part in zip(numbers, parts, strict=True):
            labels[part] = number
        return Segmentation(made_by, regions, segmentation.shape, labels=labels, says=segmentation.says)
    assert segmentation.packed is not None, "a segmentation has labels or masks"
    packed = np.packbits(np.reshape(parts, (len(parts), -1)), axis=1)
    packed = np.vstack([segmentation.packed[:region], packed[:1], segmentation.packed[region + 1 :], packed[1:]])
    return replace(segmentation, made_by=made_by, regions=regions, packed=packed)


def merge(segmentation: Segmentation, regions: Sequence[int]) -> Segmentation:
    """Make several regions one, which takes the lowest of their numbers; higher ones close the gap."""
    chosen = sorted({_known(segmentation, region) for region in regions})
    if len(chosen) < 2:
        raise AppError("Choose at least two regions to merge.")
    made_by = f"{segmentation.made_by}, merge {'+'.join(str(region + 1) for region in chosen)}"
    left = segmentation.regions - len(chosen) + 1
    if segmentation.labels is not None:
        number = np.arange(segmentation.regions)
        number[chosen] = chosen[0]
        number = np.append(np.unique(number, return_inverse=True)[1], -1).astype(np.int32)  # label -1 reads the last
        labels = number[segmentation.labels]
        return Segmentation(made_by, left, segmentation.shape, labels=labels, says=segmentation.says)
    assert segmentation.packed is not None, "a segmentation has labels or masks"
    packed = segmentation.packed.copy()
    packed[chosen[0]] = np.bitwise_or.reduce(packed[chosen], axis=0)
    return replace(segmentation, made_by=made_by, regions=left, packed=np.delete(packed, chosen[1:], axis=0))


def quarters(mask: Mask) -> list[Mask]:
    """Cut about the middle row and the middle column of its pixels; a long one only across, into halves."""
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
    """Find where the second half begins; it holds at least one pixel."""
    return min(int(np.ceil(np.median(places + 0.5))), int(places.max()))


def _known(segmentation: Segmentation, region: int) -> int:
    if not 0 <= region < segmentation.regions:
        raise AppError(f"There is no region {region + 1}; the regions are 1 to {segmentation.regions}.")
    return region
