"""Pictures, regions and numbers as the explorer's message holds them: small, and made once."""

import base64
import io
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmattr_app.domain import LogProbs, PixelMaps, Pixels
from mmattr_app.players.regions import occluder
from mmattr_app.segmentation import Segmentation

LONGEST = 1024
SMALL = 256  # what a hidden region looks like needs no more

Thing = TypeVar("Thing")
Made = TypeVar("Made")

LARGEST = 60_000.0  # float16 ends at 65504; a log-prob of minus infinity arrives as this


def once(make: Callable[[Thing], Made]) -> Callable[[Thing], Made]:
    """Remember what was made of a thing for as long as the thing lives; a running job asks several times a second.

    What is made must not hold the thing, which would live for ever.
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


@once
def picture(image: Pixels) -> dict[str, Any]:
    """Give the picture as a JPEG with its size on the screen."""
    height, width = _screen(image.shape[:2])
    return {"url": jpeg(_resized(image, (height, width))), "width": width, "height": height}


def fill(image: Pixels, name: str) -> str:
    """Say what a hidden region shows: a colour, or a picture to cut it from."""
    small = _small(image)
    shown = occluder(name)(small)
    red, green, blue = (int(value) for value in shown[0, 0])
    return f"#{red:02x}{green:02x}{blue:02x}" if (shown == shown[0, 0]).all() else jpeg(shown)


@once
def region_map(cut: Segmentation) -> dict[str, Any]:
    """Give the atoms, which are pixels held by the same regions, as runs [atom, how many], read row by row.

    `holders` has the regions that hold each atom; None where each is a region of its own.
    """
    height, width = _screen(cut.shape)
    seen = cut.atoms[np.ix_(_sampled(cut.shape[0], height), _sampled(cut.shape[1], width))]
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


def _screen(shape: tuple[int, ...]) -> tuple[int, int]:
    height, width = shape[:2]
    scale = min(1.0, LONGEST / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _sampled(pixels: int, shown: int) -> NDArray[np.intp]:
    return ((np.arange(shown) + 0.5) * pixels / shown).astype(np.intp)


@once
def _small(image: Pixels) -> Pixels:
    height, width = image.shape[:2]
    scale = min(1.0, SMALL / max(height, width))
    return _resized(image, (max(1, round(height * scale)), max(1, round(width * scale)))).copy()


def _resized(image: Pixels, shape: tuple[int, int]) -> Pixels:
    if image.shape[:2] == shape:
        return image
    return np.asarray(Image.fromarray(image).resize((shape[1], shape[0]), Image.Resampling.LANCZOS))


def jpeg(image: Pixels, quality: int = 88) -> str:
    """Give a picture as a data URL."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def halves(values: NDArray[np.float32]) -> str:
    """Encode numbers as 16 bits each."""
    return base64.b64encode(np.clip(values, -LARGEST, LARGEST).astype("<f2").tobytes()).decode()


def pixel_maps(maps: PixelMaps) -> dict[str, Any]:
    """Give small maps over the picture as bytes; only the sizes of their ends beside each other count."""
    most = float(maps.ends.max(initial=0)) or 1.0
    return {
        "levels": base64.b64encode(maps.levels.tobytes()).decode(),
        "ends": (maps.ends.astype(float) / most).round(5).tolist(),
        "height": maps.levels.shape[1],
        "width": maps.levels.shape[2],
    }


def numbers(logprobs: LogProbs) -> list[float] | None:
    """List log-probabilities; None while they are not known."""
    if np.isnan(logprobs).any():
        return None
    return np.clip(logprobs, -LARGEST, LARGEST).astype(float).round(5).tolist()
