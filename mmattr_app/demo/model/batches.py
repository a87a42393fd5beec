"""The batch of each training step, made in the training process or ahead of it in other processes."""

import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils.data import DataLoader, Dataset

from mmattr_app.demo.model import packing
from mmattr_app.demo.model.configuration import Configuration
from mmattr_app.demo.model.data import drawn_shards
from mmattr_app.demo.model.packing import Pictures, Texts
from mmattr_app.demo.model.reading import Reader

Batch = tuple[Pictures, Texts | None]
_LOOK_AGAIN = 32  # steps after which a process looks for new shards
_AHEAD = 4  # batches that each process prepares ahead


class Batches(Dataset[Batch]):
    """The pictures of each step and, with `prefix`, its texts, which come after this many tokens of picture.

    A batch depends only on the step's number and the shards that are there.
    """

    def __init__(self, folder: Path, configuration: Configuration, size: int, prefix: int | None) -> None:
        self._folder, self._configuration, self._size, self._prefix = folder, configuration, size, prefix
        self._reader: Reader | None = None  # opened in the process that reads
        self._served = 0

    def __getitem__(self, step: int) -> Batch:
        rng = np.random.default_rng([self._configuration.seed, step, 77])
        reader = self._current_reader()
        rows = reader.draw(rng, self._size)
        pictures = packing.pictures(rows, rng)
        return pictures, packing.texts(reader, rows, rng, self._prefix) if self._prefix else None

    def _current_reader(self) -> Reader:
        if self._reader is None:
            while not any(path.name.isdigit() for path in drawn_shards(self._folder)):
                time.sleep(1)  # wait for the first scenes
            self._reader = Reader([], self._configuration.questions, self._configuration.data)
        if self._served % _LOOK_AGAIN == 0:
            self._reader.add(drawn_shards(self._folder))
        self._served += 1
        return self._reader

    def serve(self, first: int, readers: int) -> Iterator[Batch]:
        """Yield a batch for each step from `first` on, endlessly; `readers` processes prepare them ahead."""
        ahead: dict[str, Any] = {"prefetch_factor": _AHEAD, "multiprocessing_context": "spawn"} if readers else {}
        return iter(DataLoader(self, batch_size=None, sampler=count(first), num_workers=readers, **ahead))
