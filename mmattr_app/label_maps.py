"""Label maps: fill what no region holds, merge slivers into a neighbour, and merge down to a number of regions."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmattr_app.domain import Pixels
from mmattr_app.segmentation import LabelMap

Value = TypeVar("Value", bound=np.generic)

SLIVER = 0.0005  # share of the picture: a smaller region holds nothing that a person would call a part


def sliver(shape: tuple[int, ...]) -> int:
    """Give the least number of pixels of a region in a picture of this shape."""
    return max(1, int(SLIVER * shape[0] * shape[1]))


def shrunk(image: Pixels, longest: int) -> Pixels:
    """Shrink the picture until its longer side has at most `longest` pixels, so that it is cut quickly."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BOX))


def enlarged(plane: NDArray[Value], height: int, width: int) -> NDArray[Value]:
    """Enlarge labels or a mask [rows, columns] of a shrunk picture to [height, width], by the nearest pixel."""
    rows = np.arange(height) * plane.shape[0] // height
    columns = np.arange(width) * plane.shape[1] // width
    return plane[rows[:, None], columns[None, :]]


def resampled(planes: NDArray[Value], height: int, width: int) -> NDArray[Value]:
    """Resize labels or masks [..., rows, columns] to [..., height, width], by the nearest pixel."""
    rows, columns = (
        (2 * np.arange(now) + 1) * before // (2 * now)
        for before, now in zip(planes.shape[-2:], (height, width), strict=True)
    )
    return planes[..., rows[:, None], columns]


def pieces(labels: NDArray[np.integer]) -> LabelMap:
    """Make each connected piece of each label a region of its own, in reading order; -1 stays -1."""
    from skimage.measure import label  # noqa: PLC0415  (a second that the page need not wait for)

    found: Any = label(labels, background=-1, connectivity=1)
    return (found - 1).astype(np.int32)


def with_rest(labels: LabelMap) -> LabelMap:
    """Make regions of the pixels that no region holds, one for each connected piece, numbered after the others."""
    rest = pieces(np.where(labels < 0, 0, -1))
    return np.where(labels < 0, rest + labels.max() + 1, labels).astype(np.int32)


def in_reading_order(labels: LabelMap) -> LabelMap:
    """Order the regions by their first pixels, row by row."""
    _, first, number = np.unique(labels, return_index=True, return_inverse=True)
    place = np.empty(len(first), np.int32)
    place[np.argsort(first)] = np.arange(len(first))
    return place[number].reshape(labels.shape)


def merged(labels: LabelMap, image: Pixels, *, most: int, smallest: int = 1, fixed: int = 0) -> LabelMap:
    """Merge neighbours until at most `most` regions are left, none of them smaller than `smallest` pixels.

    The cheapest merge is made first: the one that adds least to the squared distances between the pixels' colours and
    the mean colours of their regions (Ward). Regions numbered below `fixed` may be small, and are never merged with
    each other.
    """
    _, number = np.unique(labels, return_inverse=True)
    number = number.reshape(labels.shape)
    areas = np.bincount(number.ravel()).astype(float)
    sums = _colours(number, image) * areas[:, None]
    owner, edges, left = np.arange(len(areas)), _borders(number), len(areas)
    while len(edges):
        small = (areas < smallest) & (np.arange(len(areas)) >= fixed)
        candidates = edges[edges[:, 1] >= fixed] if left > most else edges[small[edges].any(axis=1)]
        if not len(candidates):
            break
        stays, goes = candidates[_cost(areas, sums, candidates).argmin()]
        areas[stays] += areas[goes]
        sums[stays] += sums[goes]
        owner[owner == goes] = stays
        edges[edges == goes] = stays
        edges = np.sort(edges[edges[:, 0] != edges[:, 1]], axis=1)
        left -= 1
    return owner[number].astype(np.int32)


def _colours(number: NDArray[np.integer], image: Pixels) -> NDArray[np.float64]:  # [regions, 3]
    """Give the mean colour of each region in Lab, where the distance of two colours is about what people see."""
    from skimage.color import rgb2lab  # noqa: PLC0415

    channels = [np.bincount(number.ravel(), image[..., channel].ravel()) for channel in range(3)]
    means = np.stack(channels, axis=1) / np.bincount(number.ravel())[:, None]
    return rgb2lab(means / 255)


def _borders(number: NDArray[np.integer]) -> NDArray[np.integer]:  # [borders, 2], the lower number first
    """List the pairs of regions that touch."""
    across = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    down = np.stack([number[:-1].ravel(), number[1:].ravel()])
    low, high = np.sort(np.hstack([across, down]), axis=0).astype(np.int64)
    regions = int(number.max()) + 1
    pairs = np.unique((low * regions + high)[low != high])
    return np.stack([pairs // regions, pairs % regions], axis=1)


def _cost(areas: NDArray[np.float64], sums: NDArray[np.float64], edges: NDArray[np.integer]) -> NDArray[np.float64]:
    a, b = edges[:, 0], edges[:, 1]
    apart = sums[a] / areas[a, None] - sums[b] / areas[b, None]
    return areas[a] * areas[b] / (areas[a] + areas[b]) * (apart**2).sum(axis=1)
