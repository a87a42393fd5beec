"""Synthetic pictures that are no scenes, with which the demo model learns to refuse what it does not know.

They use no photographs: textures and shapes with the statistics of photographs, screens, documents, and drawings in
other styles.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image

from mmattr_app.demo.scenes.camera import degraded
from mmattr_app.demo.scenes.strange.drawings import DRAWINGS
from mmattr_app.demo.scenes.strange.photographs import PHOTOGRAPHS
from mmattr_app.demo.scenes.strange.screens import SCREENS

Maker = Callable[[np.random.Generator, int], Image.Image]
FAMILIES: dict[str, dict[str, Maker]] = {"photographs": PHOTOGRAPHS, "screens": SCREENS, "drawings": DRAWINGS}
_SHARES = (0.62, 0.16, 0.22)


def strange(seed: int, size: int, family: str = "") -> np.ndarray:
    """Draw the picture of a seed, uint8 [size, size, 3]; often cropped, turned, mirrored or degraded."""
    rng = np.random.default_rng([seed, 6])
    makers = FAMILIES[family or str(rng.choice(list(FAMILIES), p=_SHARES))]
    side = int(size * rng.choice((1.0, 1.25, 1.6)))
    picture = list(makers.values())[int(rng.integers(len(makers)))](rng, side)
    left, top = (int(rng.integers(side - size + 1)) for _ in range(2))
    if rng.random() < 0.5:
        picture = picture.crop((left, top, left + size, top + size))
    picture = picture.resize((size, size), Image.Resampling.BICUBIC)
    if rng.random() < 0.5:
        picture = picture.transpose(Image.Transpose(int(rng.integers(7))))
    if rng.random() < 0.4:
        picture = degraded(picture, rng)
    return np.asarray(picture.convert("RGB")).copy()
