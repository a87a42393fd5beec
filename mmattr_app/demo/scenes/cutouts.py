"""Hide pieces of a picture as an occluder hides regions, so that hidden regions are part of the training."""

import numpy as np
from PIL import Image, ImageFilter

_FILLS = ("grey", "black", "white", "mean", "blur")


def hide_pieces(picture: Image.Image, rng: np.random.Generator) -> tuple[Image.Image, np.ndarray]:
    """Hide cells or rectangles by one fill; give the picture, and the mask [height, width] of hidden pixels."""
    hidden = _cells(rng, picture.width) if rng.random() < 0.7 else _rectangles(rng, picture.width)
    return Image.composite(_fill(picture, str(rng.choice(_FILLS))), picture, Image.fromarray(hidden)), hidden


def _cells(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw a mask of a few cells of a grid, or of a share of them."""
    cells = int(rng.choice((4, 8, 8, 16)))
    share = float(rng.choice((0.02, 0.1, 0.3, 0.5)))
    grid = rng.random((cells, cells)) < share
    grid[tuple(rng.integers(cells, size=2))] = True
    edges = np.arange(size) * cells // size
    return grid[edges[:, None], edges]


def _rectangles(rng: np.random.Generator, size: int) -> np.ndarray:
    hidden = np.zeros((size, size), bool)
    for _ in range(int(rng.integers(1, 4))):
        height, width = (rng.uniform(0.1, 0.4, 2) * size).astype(int)
        top, left = int(rng.integers(size - height)), int(rng.integers(size - width))
        hidden[top : top + height, left : left + width] = True
    return hidden


def _fill(picture: Image.Image, fill: str) -> Image.Image:
    if fill == "blur":
        return picture.filter(ImageFilter.GaussianBlur(picture.width / 10))
    mean = tuple(int(v) for v in np.asarray(picture).reshape(-1, 3).mean(0))
    return Image.new(
        "RGB", picture.size, {"grey": (128,) * 3, "black": (0,) * 3, "white": (255,) * 3, "mean": mean}[fill]
    )
