"""Hide regions: from a picture, its regions and what to keep to the picture that the model sees."""

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mmattr_app.domain import Keeps, Mask, Pixels, Segmentation
from mmattr_app.errors import AppError

Fill: TypeAlias = Callable[[Pixels], Pixels]  # a picture of the same size, shown wherever a pixel is hidden

BLUR = 0.05  # Gaussian radius as a share of the longer side: shapes go, the mood of the picture stays


def hidden_pixels(segmentation: Segmentation, keep: NDArray[np.bool_]) -> Mask:
    """Find the pixels that a hidden region holds.

    `keep` is [regions], or [regions + 1] where the last entry stands for the pixels that no region holds;
    without it they stay visible.
    """
    rest_stays = bool(keep[-1]) if len(keep) > segmentation.regions else True
    regions = keep[: segmentation.regions]
    if segmentation.labels is not None:
        return np.append(~regions, not rest_stays)[segmentation.labels]  # label -1 reads the last entry
    packed = _union(segmentation, ~regions)
    if not rest_stays:
        packed = packed | ~_union(segmentation, np.ones(segmentation.regions, bool))
    height, width = segmentation.shape
    return np.unpackbits(packed, count=height * width).reshape(segmentation.shape).astype(bool)


def _union(segmentation: Segmentation, regions: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Find the pixels that some of these masks hold, eight in a byte."""
    assert segmentation.packed is not None, "a segmentation has labels or masks"
    return np.bitwise_or.reduce(segmentation.packed[regions], axis=0)


def occlude(image: Pixels, hidden: Mask, fill: Pixels) -> Pixels:
    """Show the fill wherever a pixel is hidden."""
    return np.where(hidden[:, :, None], fill, image)


def contrasts(image: Pixels, segmentation: Segmentation, fill: Pixels) -> NDArray[np.float64]:  # [regions]
    """Say how much hiding each region changes its pixels, on average: a cheap guess of how much it matters."""
    change = np.abs(image.astype(np.int16) - fill).mean(axis=2)
    areas = np.maximum(segmentation.areas, 1)
    if segmentation.labels is not None:
        inside = segmentation.labels >= 0
        return np.bincount(segmentation.labels[inside], change[inside], segmentation.regions) / areas
    return np.array([change[segmentation.mask(region)].sum() for region in range(segmentation.regions)]) / areas


class Different:
    """Finds the masks [masks, regions + 1] that hide other pixels than all that it was shown before."""

    def __init__(self, segmentation: Segmentation) -> None:
        """Take the regions; the last column says nothing where every pixel has one."""
        self._segmentation, self._covers = segmentation, _covers(segmentation)
        self._seen: set[bytes] = set()

    def __call__(self, keeps: Keeps) -> list[int]:
        """List the rows that are new."""
        rows: list[int] = []
        for row, keep in enumerate(keeps):
            key = self._key(keep)
            if key not in self._seen:
                self._seen.add(key)
                rows.append(row)
        return rows

    def _key(self, keep: NDArray[np.bool_]) -> bytes:
        rest = b"visible" if self._covers or keep[-1] else b"hidden"
        regions = keep[:-1]
        if self._segmentation.packed is not None:  # different masks together may hold the same pixels
            union = _union(self._segmentation, ~regions)
            return hashlib.blake2b(union.tobytes() + rest, digest_size=16).digest()
        return regions.tobytes() + rest


def _covers(segmentation: Segmentation) -> bool:
    """Say whether every pixel has a region."""
    if segmentation.labels is not None:
        return int(segmentation.areas.sum()) == segmentation.labels.size
    return bool(hidden_pixels(segmentation, np.zeros(segmentation.regions, bool)).all())


class Occluded(Sequence[Pixels]):
    """A picture under several masks [masks, regions + 1]: each is made when it is looked at, in whatever thread."""

    def __init__(self, image: Pixels, segmentation: Segmentation, keeps: Keeps, fill: Pixels) -> None:
        """Take what makes them."""
        self._image, self._segmentation, self._keeps, self._fill = image, segmentation, keeps, fill

    def __len__(self) -> int:
        return len(self._keeps)

    def __getitem__(self, mask: Any) -> Any:
        return occlude(self._image, hidden_pixels(self._segmentation, self._keeps[mask]), self._fill)


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
