"""Superpixels: neighbouring pixels of similar colour, found without a neural network (SLIC, Felzenszwalb's graph)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.label_maps import enlarged, in_reading_order, merged, pieces, shrunk, sliver
from mmattr_app.segmentation import Segmentation

SEEN_AT = 512  # pixels of the longer side: finer borders take seconds and change little
COMPACTNESS = 10.0  # of SLIC: weight of the distance against the difference in colour
BLUR = 2.0  # of SLIC, in pixels: without it a noisy picture falls into tiny pieces, which are merged into one region
SCALE = 100  # of Felzenszwalb: how different neighbours may be and still be in one region
PIECES = 64  # least number of pieces of average size that Felzenszwalb leaves for merging: tiny ones fit objects worse


def slic(image: Pixels, settings: str) -> Segmentation:
    """Cut into at most `settings` regions of about the same size."""
    from skimage.segmentation import slic as by_clusters  # noqa: PLC0415  (a second that the page need not wait for)

    regions = _wanted("slic", settings, image)
    seen = shrunk(image, SEEN_AT)
    found: Any = by_clusters(seen, regions, COMPACTNESS, sigma=BLUR, start_label=0, enforce_connectivity=True)
    return _cut(f"slic:{settings}", found, seen, image, regions)


def felzenszwalb(image: Pixels, settings: str) -> Segmentation:
    """Cut into at most `settings` regions that follow the colours, large and small."""
    from skimage.segmentation import felzenszwalb as by_graph  # noqa: PLC0415

    regions = _wanted("felzenszwalb", settings, image)
    seen = shrunk(image, SEEN_AT)
    pieces_wanted = max(regions, PIECES)
    smallest = max(1, seen.shape[0] * seen.shape[1] // pieces_wanted)
    found = by_graph(seen, scale=SCALE * PIECES / pieces_wanted, sigma=0.8, min_size=smallest)
    return _cut(f"felzenszwalb:{settings}", found, seen, image, regions)


def _wanted(name: str, settings: str, image: Pixels) -> int:
    if not (settings.isascii() and settings.isdecimal() and len(settings) < 6) or int(settings) == 0:
        raise AppError(f"Superpixels are given as {name}:REGIONS, such as {name}:48, not {name}:{settings}.")
    height, width = image.shape[:2]
    if int(settings) > height * width:
        raise AppError(
            f"{settings} regions are more than the picture's {height * width} pixels ({height} high, {width} wide); "
            "ask for fewer regions or choose a larger picture."
        )
    return int(settings)


def _cut(made_by: str, found: NDArray[np.integer], seen: Pixels, image: Pixels, most: int) -> Segmentation:
    tidy = in_reading_order(merged(pieces(found), seen, most=most, smallest=min(sliver(seen.shape), seen.size // 3)))
    return Segmentation.from_labels(made_by, enlarged(tidy, image.shape[0], image.shape[1]))
