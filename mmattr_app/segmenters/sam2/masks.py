"""What becomes of masks that overlap: fewer of them, an order, or a label map in which each pixel has one region."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Pixels
from mmattr_app.label_maps import in_reading_order, merged, pieces, sliver, with_rest
from mmattr_app.segmentation import LabelMap

Masks: TypeAlias = NDArray[np.bool_]  # [masks, height, width]


def fewer(masks: Masks, most: int) -> Masks:
    """Merge the smallest mask into the one it overlaps most, or else the nearest, until `most` are left."""
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
    """Put the masks in reading order of their first pixels, the larger one first where they share it."""
    first = masks.reshape(len(masks), -1).argmax(axis=1)
    return masks[np.lexsort((-masks.sum(axis=(1, 2)), first))]


def flattened(masks: Masks, image: Pixels, most: int) -> LabelMap:
    """Paint smaller masks over larger ones, make the rest regions too, and merge what is left over in slivers."""
    labels = np.full(masks.shape[1:], -1, np.int32)
    for number, mask in enumerate(sorted(in_order(masks), key=lambda mask: -int(mask.sum()))):
        labels[mask] = number
    smallest = sliver(labels.shape)
    crumbs = _crumbs(labels, smallest)
    labels[crumbs] = -1
    regions = merged(with_rest(labels), image, most=most, smallest=smallest)
    return in_reading_order(regions)


def _crumbs(labels: LabelMap, smallest: int) -> NDArray[np.bool_]:
    """Find pieces that came off their region and are too small to be seen."""
    parts = pieces(labels)
    sizes = np.bincount(parts[parts >= 0], minlength=1)
    return (parts >= 0) & (sizes[parts] < smallest)


def _nearest(masks: Masks, mask: NDArray[np.bool_]) -> int:
    centre = _centre(mask)
    return int(np.argmin([np.hypot(*(_centre(other) - centre)) for other in masks]))


def _centre(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.argwhere(mask).mean(axis=0)
