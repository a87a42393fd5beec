"""What each training step is shown, put together in the run's own process or ahead of it in others."""

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
_LOOK_AGAIN = 32  # steps after which a process looks for shards that were drawn meanwhile
_AHEAD = 4  # steps that each process has ready


class Batches(Dataset[Batch]):
    """The pictures of a step and, with `prefix`, the texts that follow so many tokens of picture.

    A step's draw depends on its number and on the shards that are there.
    """

    def __init__(self, folder: Path, configuration: Configuration, size: int, prefix: int | None) -> None:
        self._folder, self._configuration, self._size, self._prefix = folder, configuration, size, prefix
        self._reader: Reader | None = None  # opened by the process that reads
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
                time.sleep(1)  # for the first scenes
            self._reader = Reader([], self._configuration.questions, self._configuration.data)
        if self._served % _LOOK_AGAIN == 0:
            self._reader.add(drawn_shards(self._folder))
        self._served += 1
        return self._reader

    def serve(self, first: int, readers: int) -> Iterator[Batch]:
        """Give one batch for each step from `first` on, without end; `readers` processes work ahead."""
        ahead: dict[str, Any] = {"prefetch_factor": _AHEAD, "multiprocessing_context": "spawn"} if readers else {}
        return iter(DataLoader(self, batch_size=None, sampler=count(first), num_workers=readers, **ahead))
