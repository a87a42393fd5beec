"""Regions squeezed, to travel or to be kept, and a task as it travels: pixels as they are, named by its content."""

import zlib
from dataclasses import dataclass, replace

import numpy as np

from mmattr_app.domain import Answer, Segmentation, Task

LEVEL = 1  # label maps shrink a hundredfold at any level; speed matters


@dataclass(frozen=True, eq=False)
class Squeezed:
    """A segmentation, small."""

    segmentation: Segmentation  # without its pixels
    labelled: bool
    pixels: bytes


@dataclass(frozen=True, eq=False)
class Parcel:
    """All of a task, small enough to send once to each machine."""

    answer: Answer
    regions: Squeezed
    occluder: str


def squeeze(cut: Segmentation) -> Squeezed:
    """Squeeze regions."""
    squeezed = zlib.compress(cut.pixels.tobytes(), LEVEL)
    return Squeezed(replace(cut, labels=None, packed=None), cut.labels is not None, squeezed)


def unsqueeze(squeezed: Squeezed) -> Segmentation:
    """Rebuild the regions."""
    cut, flat = squeezed.segmentation, zlib.decompress(squeezed.pixels)
    if squeezed.labelled:
        return replace(cut, labels=np.frombuffer(flat, np.int32).reshape(cut.shape))
    return replace(cut, packed=np.frombuffer(flat, np.uint8).reshape(cut.regions, -1))


def pack(task: Task) -> Parcel:
    """Squeeze a task."""
    return Parcel(task.answer, squeeze(task.segmentation), task.occluder)


def unpack(parcel: Parcel) -> Task:
    """Rebuild the task."""
    return Task(parcel.answer, unsqueeze(parcel.regions), parcel.occluder)
