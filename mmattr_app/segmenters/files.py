"""Regions from a file of the person's own: a label map, or a stack of masks that may overlap."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Pixels, Segmentation
from mmattr_app.errors import AppError


def labels(image: Pixels, settings: str) -> Segmentation:
    """Read whole numbers [height, width]; each number is a region, a negative one is none."""
    values = _read(settings)
    if values.ndim != 2 or not np.issubdtype(values.dtype, np.integer):
        raise AppError(f"{settings} holds {_kind(values)}; a label map is whole numbers [height, width].")
    _check_size(settings, values.shape, image)
    if values.max() < 0:
        raise AppError(f"{settings} has no region; label at least one pixel with 0 or more.")
    return Segmentation.from_labels(f"labels:{settings}", values)


def masks(image: Pixels, settings: str) -> Segmentation:
    """Read booleans [regions, height, width]; masks may overlap and leave pixels uncovered."""
    values = _read(settings)
    if values.ndim != 3 or values.dtype != np.bool_:
        raise AppError(f"{settings} holds {_kind(values)}; a stack of masks is booleans [regions, height, width].")
    _check_size(settings, values.shape[1:], image)
    if not values.any():
        raise AppError(f"{settings} has no region; every mask is empty.")
    return Segmentation.from_masks(f"masks:{settings}", values)


def _read(settings: str) -> NDArray[Any]:
    if not Path(settings).is_file():
        raise AppError(f"There is no file {settings or 'named'}; give the path of an .npy file after the colon.")
    try:
        values = np.load(settings, allow_pickle=False)
    except (ValueError, OSError, EOFError):
        raise AppError(f"{settings} is no .npy file of numbers; save it with numpy.save.") from None
    if not isinstance(values, np.ndarray):
        raise AppError(f"{settings} holds several arrays; save one array with numpy.save.")
    return values


def _check_size(name: str, shape: tuple[int, ...], image: Pixels) -> None:
    if shape != image.shape[:2]:
        raise AppError(
            f"{name} is {shape[0]} high and {shape[1]} wide, the upright picture {image.shape[0]} high and "
            f"{image.shape[1]} wide; they must be the same size."
        )


def _kind(values: NDArray[Any]) -> str:
    return f"{values.dtype} of shape {list(values.shape)}"
