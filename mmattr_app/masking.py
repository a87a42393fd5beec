"""Hide regions: from a picture, its regions and what to keep to the picture that the model sees."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mmattr_app.domain import Keeps, Mask, Pixels, Segmentation
from mmattr_app.errors import AppError

Place: TypeAlias = tuple[slice, slice]  # rows and columns
Fill: TypeAlias = Callable[[Pixels], Pixels]  # a picture of the same size, shown wherever a pixel is hidden

EVERYWHERE: Place = (slice(None), slice(None))
BLUR = 0.05  # Gaussian radius as a share of the longer side: shapes go, the mood of the picture stays


def hidden_pixels(segmentation: Segmentation, keep: NDArray[np.bool_]) -> Mask:
    """Find the pixels that a hidden region holds.

    `keep` is [regions], or [regions + 1] where the last entry stands for the pixels that no region holds;
    without it they stay visible.
    """
    return _hidden(segmentation, keep, EVERYWHERE)


def _hidden(segmentation: Segmentation, keep: NDArray[np.bool_], place: Place) -> Mask:
    """Do the same in one part of the picture."""
    regions, rest_stays = _split(segmentation, keep)
    if segmentation.labels is not None:
        return np.append(~regions, not rest_stays)[segmentation.labels[place]]  # label -1 reads the last entry
    assert segmentation.packed is not None, "a segmentation has labels or masks"
    packed = np.bitwise_or.reduce(segmentation.packed[~regions], axis=0)
    if not rest_stays:
        packed = packed | ~np.bitwise_or.reduce(segmentation.packed, axis=0)
    height, width = segmentation.shape
    return np.unpackbits(packed, count=height * width).reshape(segmentation.shape).view(bool)[place]


def _around(segmentation: Segmentation, keep: NDArray[np.bool_]) -> Place:
    """Find a part of the picture that holds every hidden pixel of a label map: most masks hide one small region."""
    regions, rest_stays = _split(segmentation, keep)
    if segmentation.labels is None or not rest_stays:
        return EVERYWHERE
    top, bottom, left, right = segmentation.boxes[:, ~regions]
    if not len(top):
        return slice(0), slice(0)
    return slice(top.min(), bottom.max()), slice(left.min(), right.max())


def _split(segmentation: Segmentation, keep: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], bool]:
    """Take the regions and the rest apart."""
    return keep[: segmentation.regions], bool(keep[-1]) if len(keep) > segmentation.regions else True


def occlude(image: Pixels, hidden: Mask, fill: Pixels) -> Pixels:
    """Show the fill wherever a pixel is hidden."""
    seen = image.copy()
    _paint(seen, hidden, fill)
    return seen


def _paint(seen: Pixels, hidden: Mask, fill: Pixels) -> None:
    """Paint the hidden pixels, channel by channel: twice as fast as all three at once."""
    for channel in range(seen.shape[2]):
        np.copyto(seen[..., channel], fill[..., channel], where=hidden)


def contrasts(image: Pixels, segmentation: Segmentation, fill: Pixels) -> NDArray[np.float64]:  # [regions]
    """Say how much hiding each region changes its pixels, on average: a cheap guess of how much it matters."""
    change = np.zeros(image.shape[:2], np.int16)
    for channel in range(3):
        change += np.abs(image[..., channel].astype(np.int16) - fill[..., channel])
    values = 3 * np.maximum(segmentation.areas, 1)
    if segmentation.labels is not None:
        sums = np.bincount(segmentation.labels.ravel() + 1, change.ravel(), segmentation.regions + 1)
        return sums[1:] / values
    return np.array([change[segmentation.mask(region)].sum() for region in range(segmentation.regions)]) / values


class Occluded(Sequence[Pixels]):
    """A picture under several masks [masks, regions + 1]: each is made when it is looked at, in whatever thread."""

    def __init__(self, image: Pixels, segmentation: Segmentation, keeps: Keeps, fill: Pixels) -> None:
        """Take what makes them."""
        self._image, self._segmentation, self._keeps, self._fill = image, segmentation, keeps, fill

    def __len__(self) -> int:
        return len(self._keeps)

    def __getitem__(self, mask: Any) -> Any:
        keep, seen = self._keeps[mask], self._image.copy()
        place = _around(self._segmentation, keep)
        _paint(seen[place], _hidden(self._segmentation, keep, place), self._fill[place])
        return seen


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
    return lambda image: np.full_like(image, rgb)


def _mean(image: Pixels) -> Pixels:
    return np.full_like(image, np.rint(image.mean(axis=(0, 1))))


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
