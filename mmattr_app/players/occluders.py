"""Occluders: what is shown in the place of hidden pixels."""

import re
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageFilter

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError

Fill: TypeAlias = Callable[[Pixels], Pixels]  # a picture of the same size, shown wherever a pixel is hidden

BLUR = 0.05  # Gaussian radius as a share of the longer side: shapes go, the mood of the picture stays


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
