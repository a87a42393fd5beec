"""Masks that overlap: reduce their number, sort them, or flatten them into a label map."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Pixels
from mmattr_app.label_maps import in_reading_order, merged, pieces, sliver, with_rest
from mmattr_app.segmentation import LabelMap

Masks: TypeAlias = NDArray[np.bool_]  # [masks, height, width]


def fewer(masks: Masks, most: int) -> Masks:
    """Merge the smallest mask into the one that it overlaps most, or into the nearest one, until `most` are left."""
    masks = masks.copy()
    flat = masks.reshape(len(masks), -1).astype(np.float32)
    shared = flat @ flat.T  # [masks, masks], pixels that both hold
    left = list(range(len(masks)))
    while len(left) > most:
        smallest = min(left, key=lambda mask: shared[mask, mask])
        left.remove(smallest)
        area = np.diag(shared)[left]
        overlap = shared[smallest, left] / (area + shared[smallest, smallest] - shared[smallest, left])
        into = left[overlap.argmax() if overlap.any() else _nearest(masks[left], masks[smallest])]
        masks[into] |= masks[smallest]
        shared[into] = shared[:, into] = flat @ masks[into].ravel().astype(np.float32)
        flat[into] = masks[into].ravel()
        shared[into, into] = masks[into].sum()
    return masks[left]


def in_order(masks: Masks) -> Masks:
    """Sort the masks by their first pixels, row by row; of two with the same first pixel, the larger one first."""
    first = masks.reshape(len(masks), -1).argmax(axis=1)
    return masks[np.lexsort((-masks.sum(axis=(1, 2)), first))]


def flattened(masks: Masks, image: Pixels, most: int) -> LabelMap:
    """Paint smaller masks over larger ones, make regions of the rest, and merge slivers into neighbours."""
    labels = np.full(masks.shape[1:], -1, np.int32)
    for number, mask in enumerate(sorted(in_order(masks), key=lambda mask: -int(mask.sum()))):
        labels[mask] = number
    smallest = sliver(labels.shape)
    labels[_slivers(labels, smallest)] = -1
    regions = merged(with_rest(labels), image, most=most, smallest=smallest)
    return in_reading_order(regions)


def _slivers(labels: LabelMap, smallest: int) -> NDArray[np.bool_]:
    """Give the mask of all connected pieces with fewer than `smallest` pixels."""
    parts = pieces(labels)
    sizes = np.bincount(parts[parts >= 0], minlength=1)
    return (parts >= 0) & (sizes[parts] < smallest)


def _nearest(masks: Masks, mask: NDArray[np.bool_]) -> int:
    centre = _centre(mask)
    return int(np.argmin([np.hypot(*(_centre(other) - centre)) for other in masks]))


def _centre(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.argwhere(mask).mean(axis=0)
