"""A task as it travels: pixels as they are, regions squeezed, named by its content."""

import zlib
from dataclasses import dataclass, replace

import numpy as np

from mmattr_app.domain import Answer, Segmentation, Task

LEVEL = 1  # label maps shrink a hundredfold at any level; speed matters


@dataclass(frozen=True, eq=False)
class Parcel:
    """All of a task, small enough to send once to each machine."""

    answer: Answer
    segmentation: Segmentation  # without its pixels
    occluder: str
    labelled: bool
    pixels: bytes


def pack(task: Task) -> Parcel:
    """Squeeze a task."""
    cut = task.segmentation
    squeezed = zlib.compress(cut.pixels.tobytes(), LEVEL)
    empty = replace(cut, labels=None, packed=None)
    return Parcel(task.answer, empty, task.occluder, cut.labels is not None, squeezed)


def unpack(parcel: Parcel) -> Task:
    """Rebuild the task."""
    cut, flat = parcel.segmentation, zlib.decompress(parcel.pixels)
    if parcel.labelled:
        whole = replace(cut, labels=np.frombuffer(flat, np.int32).reshape(cut.shape))
    else:
        whole = replace(cut, packed=np.frombuffer(flat, np.uint8).reshape(cut.regions, -1))
    return Task(parcel.answer, whole, parcel.occluder)
