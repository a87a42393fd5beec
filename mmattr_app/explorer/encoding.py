"""Encodes pictures, regions and numbers for the explorer's message: small, and each only once."""

import base64
import io
import weakref
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmattr_app.domain import LogProbs, PixelMaps, Pixels
from mmattr_app.players.regions import occluder
from mmattr_app.segmentation import Segmentation

LONGEST = 1024  # pixels of a picture's longer side on the screen
SMALL = 256  # the same of the picture that shows what hides a region, which needs no details

Thing = TypeVar("Thing")
Made = TypeVar("Made")

LARGEST = 60_000.0  # larger numbers are cut to this, since float16 ends at 65504; minus infinity becomes -60,000


def cached_while_alive(make: Callable[[Thing], Made]) -> Callable[[Thing], Made]:
    """Decorate a function of one object: its result is cached until the object is deleted.

    A running job encodes the same objects several times a second. The result must not refer to the object, or neither
    would ever be deleted.
    """
    remembered: dict[int, tuple[weakref.ref[Any], Made]] = {}

    def look_up(thing: Thing) -> Made:
        key = id(thing)
        known = remembered.get(key)
        if known is None or known[0]() is not thing:
            known = (weakref.ref(thing, lambda _: remembered.pop(key, None)), make(thing))
            remembered[key] = known
        return known[1]

    return look_up


@cached_while_alive
def picture(image: Pixels) -> dict[str, Any]:
    """Encode a picture as a JPEG (a data URL), with its size on the screen."""
    height, width = _size_on_screen(image.shape[:2])
    return {"url": jpeg(_resized(image, (height, width))), "width": width, "height": height}


def fill(image: Pixels, name: str) -> str:
    """Give what hides a region: a colour as #rrggbb, or a whole picture, from which the browser cuts the region."""
    small = _small(image)
    shown = occluder(name)(small)
    red, green, blue = (int(value) for value in shown[0, 0])
    return f"#{red:02x}{green:02x}{blue:02x}" if (shown == shown[0, 0]).all() else jpeg(shown)


@cached_while_alive
def region_map(cut: Segmentation) -> dict[str, Any]:
    """Encode which regions each pixel belongs to.

    An atom is a set of pixels that belong to the same regions. `runs` lists pairs [atom, number of pixels], row by row;
    `holders` has the regions of each atom, or None if every atom is one region.
    """
    height, width = _size_on_screen(cut.shape)
    seen = cut.atoms[np.ix_(_sample_pixels(cut.shape[0], height), _sample_pixels(cut.shape[1], width))]
    names, atoms = np.unique(seen, return_inverse=True)
    atoms = atoms.ravel()
    holders = [np.flatnonzero(cut.holds[:, name]).tolist() if name >= 0 else [] for name in names]
    kind = "<u2" if max(len(holders), width) < 2**16 else "<u4"
    starts = np.flatnonzero(np.diff(atoms, prepend=-1).astype(bool) | (np.arange(atoms.size) % width == 0))
    runs = np.stack([atoms[starts], np.diff(starts, append=atoms.size)], axis=1).astype(kind)
    return {
        "runs": base64.b64encode(runs.tobytes()).decode(),
        "bytes": runs.itemsize,
        "holders": None if holders == [[region] for region in range(cut.regions)] else holders,
        "regions": cut.regions,
        "width": width,
        "height": height,
    }


def _size_on_screen(shape: tuple[int, ...]) -> tuple[int, int]:
    height, width = shape[:2]
    scale = min(1.0, LONGEST / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _sample_pixels(pixels: int, shown: int) -> NDArray[np.intp]:
    return ((np.arange(shown) + 0.5) * pixels / shown).astype(np.intp)


@cached_while_alive
def _small(image: Pixels) -> Pixels:
    height, width = image.shape[:2]
    scale = min(1.0, SMALL / max(height, width))
    return _resized(image, (max(1, round(height * scale)), max(1, round(width * scale)))).copy()


def _resized(image: Pixels, shape: tuple[int, int]) -> Pixels:
    if image.shape[:2] == shape:
        return image
    return np.asarray(Image.fromarray(image).resize((shape[1], shape[0]), Image.Resampling.LANCZOS))


def jpeg(image: Pixels, quality: int = 88) -> str:
    """Encode a picture as a JPEG in a data URL."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def encode_float16(values: NDArray[np.float32]) -> str:
    """Encode numbers as base64 of float16, two bytes each."""
    return base64.b64encode(np.clip(values, -LARGEST, LARGEST).astype("<f2").tobytes()).decode()


def pixel_maps(pictures: Sequence[PixelMaps]) -> list[dict[str, Any]]:
    """Encode each picture's maps as bytes (`levels`), with the end of each scale (`ends`) relative to the largest."""
    most = max(float(maps.ends.max(initial=0)) for maps in pictures) or 1.0
    return [
        {
            "levels": base64.b64encode(maps.levels.tobytes()).decode(),
            "ends": (maps.ends.astype(float) / most).round(5).tolist(),
            "height": maps.levels.shape[1],
            "width": maps.levels.shape[2],
        }
        for maps in pictures
    ]


def numbers(logprobs: LogProbs) -> list[float] | None:
    """List log-probabilities; None if they are not known yet."""
    if np.isnan(logprobs).any():
        return None
    return np.clip(logprobs, -LARGEST, LARGEST).astype(float).round(5).tolist()
