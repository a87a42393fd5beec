"""Distributions of the next word for methods: the log-probs of the likeliest words, and of all others together."""

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Worker
from mmattr_app.domain import Keeps, Task
from mmattr_app.white_box import Distributions
from mmattr_app.workers.calls import Distributing, Likeliest, ask

WORDS = 256  # likeliest words at each token; a vocabulary may have 250,000


class DistributionProbe:
    """Asks a worker for distributions chunk by chunk; finds the likeliest words once, before the first chunk."""

    def __init__(
        self, worker: Worker, task: Task, *, on_masks: Callable[[int], None], cancelled: Callable[[], bool]
    ) -> None:
        """Take the task; `on_masks` gets the number of masks of each chunk when it is done."""
        self._worker, self._task = worker, task
        self._on_masks, self._cancelled = on_masks, cancelled

    def __call__(self, keeps: Keeps) -> Distributions:
        """Give the log-probabilities of each mask: [masks, tokens, words + 1]."""
        return np.concatenate(list(self._chunks(keeps)))

    def _chunks(self, keeps: Keeps) -> Iterator[Distributions]:
        done = 0
        while done < len(keeps):
            chunk = keeps[done : done + self._worker.chunk()]
            yield ask(self._worker, Distributing(self._task, chunk, self._ids), self._cancelled)
            done += len(chunk)
            self._on_masks(len(chunk))

    @cached_property
    def _ids(self) -> NDArray[np.intp]:
        call = Likeliest(self._task, WORDS)
        ids = ask(self._worker, call, self._cancelled)
        self._on_masks(call.masks)
        return ids
