"""Regions from a user's file: a label map, or a stack of masks that may overlap."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.label_maps import resampled
from mmattr_app.pictures import working_size
from mmattr_app.segmentation import Segmentation
from mmattr_app.settings import settings as limits

HEADER = 10_000  # bytes of an array's header in a zip, at most


def labels(image: Pixels, settings: str) -> Segmentation:
    """Read whole numbers [height, width]; each number is a region, a negative one is no region.

    In a PNG each grey value, palette entry or colour is a region, and fully transparent pixels are in no region.
    """
    values = _png(settings, image) if settings.lower().endswith(".png") else _npy(settings)
    if values.ndim != 2 or not np.issubdtype(values.dtype, np.integer):
        raise AppError(f"{settings} holds {_kind(values)}; a label map is whole numbers [height, width].")
    _check_size(settings, values.shape, image)
    seen = _resampled(values, image)
    if seen.max() < 0:
        raise AppError(f"{settings} has no region; label at least one pixel with 0 or more.")
    cut = Segmentation.from_labels(f"labels:{settings}", seen)
    return cut if seen is values else replace(cut, says=_left_out(values, cut.regions))


def masks(image: Pixels, settings: str) -> Segmentation:
    """Read booleans [regions, height, width], or a zip of several; they may overlap and leave pixels uncovered."""
    values = _npz(settings, image) if settings.lower().endswith(".npz") else _npy(settings)
    if values.ndim != 3 or values.dtype != np.bool_:
        raise AppError(f"{settings} holds {_kind(values)}; a stack of masks is booleans [regions, height, width].")
    _check_size(settings, values.shape[1:], image)
    values = _resampled(values, image)
    if not values.any():
        raise AppError(f"{settings} has no region; every mask is empty.")
    return Segmentation.from_masks(f"masks:{settings}", values)


def kind(path: Path) -> str | None:
    """Say whether a file is "labels" or "masks", by its ending, and for NPY by its number of axes; None: neither."""
    ending = path.suffix.lower()
    if ending == ".npy":
        try:
            return "masks" if np.load(path, mmap_mode="r", allow_pickle=False).ndim > 2 else "labels"
        except Exception:  # noqa: BLE001  (whatever is wrong with it, reading it as labels says so)
            return "labels"
    return {".png": "labels", ".npz": "masks"}.get(ending)


@contextmanager
def _broken(sentence: str) -> Iterator[None]:
    """Turn any error of a file's reader into an AppError with this sentence; readers raise a dozen kinds of errors."""
    try:
        yield
    except (AppError, MemoryError):
        raise
    except Exception:  # noqa: BLE001
        raise AppError(sentence) from None


def _check_there(settings: str) -> None:
    if not Path(settings).is_file():
        raise AppError(f"There is no file {settings or 'named'}; give its path after the colon.")


def _npy(settings: str) -> NDArray[Any]:
    _check_there(settings)
    with _broken(f"{settings} is no .npy file of numbers; save it with numpy.save."):
        values: Any = np.load(settings, allow_pickle=False)
    if not isinstance(values, np.ndarray):
        raise AppError(f"{settings} holds several arrays; save one array with numpy.save.")
    return values


def _npz(settings: str, image: Pixels) -> NDArray[Any]:
    """Read every array of the zip, each a mask or a stack of masks; refuse a zip bomb first."""
    _check_there(settings)
    pixels = image.shape[0] * image.shape[1]
    with _broken(f"{settings} is no .npz file of masks of one size; save it with numpy.savez_compressed."):
        with zipfile.ZipFile(settings) as archive:
            unpacked = sum(entry.file_size - HEADER for entry in archive.infolist())
        if unpacked > pixels * limits().max_regions:
            raise AppError(f"{settings} holds more than {limits().max_regions} masks of this picture's size.")
        with np.load(settings, allow_pickle=False) as arrays:
            found = [_resampled(np.atleast_3d(array.T).T, image) for array in arrays.values()]
        return np.concatenate(found)


def _png(settings: str, image: Pixels) -> NDArray[Any]:
    _check_there(settings)
    with _broken(f"{settings} is no PNG picture that can be read; save it again as PNG."):
        with Image.open(settings, formats=["PNG"]) as picture:
            _check_size(settings, (picture.height, picture.width), image)
            numbers = np.asarray(picture).astype(np.int32)
            if picture.mode not in ("RGB", "RGBA", "LA") and "transparency" not in picture.info:
                return numbers
            red, green, blue, alpha = np.moveaxis(np.asarray(picture.convert("RGBA")).astype(np.int32), 2, 0)
        if numbers.ndim == 3:
            numbers = (red << 16) | (green << 8) | blue
        return np.where(alpha == 0, -1, numbers)


def _resampled(values: NDArray[Any], image: Pixels) -> NDArray[Any]:
    """Resize labels or masks that have the picture's original size, by the nearest pixel; leave others as they are."""
    if values.shape[-2:] == image.shape[:2] or not _is_original(values.shape[-2:], image):
        return values
    return resampled(values, *image.shape[:2])


def _left_out(values: NDArray[Any], regions: int) -> str:
    """Say how many regions have no pixel left in the smaller picture; empty if all have some."""
    given = np.count_nonzero(np.unique(values) >= 0)
    return f"{given - regions} of the {given} regions are too small for the smaller picture." if given > regions else ""


def _is_original(shape: tuple[int, ...], image: Pixels) -> bool:
    """Say whether `shape` may be the picture's size before it was made smaller."""
    height, width = shape
    return height * width <= limits().max_megapixels * 1_000_000 and working_size(height, width) == image.shape[:2]


def _check_size(name: str, shape: tuple[int, ...], image: Pixels) -> None:
    if shape != image.shape[:2] and not _is_original(shape, image):
        raise AppError(
            f"{name} is {shape[0]} high and {shape[1]} wide, the upright picture {image.shape[0]} high and "
            f"{image.shape[1]} wide; they must be the same size."
        )


def _kind(values: NDArray[Any]) -> str:
    return f"{values.dtype} of shape {list(values.shape)}"
