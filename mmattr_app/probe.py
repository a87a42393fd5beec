"""The probe that methods ask: it remembers, works in chunks, tells how far it is and stops when told to."""

import hashlib
from collections.abc import Callable, MutableMapping, Sequence
from typing import TypeAlias

import numpy as np

from mmattr_app.contracts import Probe
from mmattr_app.domain import Keeps, LogProbs, Task
from mmattr_app.errors import Cancelled
from mmattr_app.masking import hidden_pixels

Memo: TypeAlias = MutableMapping[bytes, LogProbs]  # (answer, occluder, hidden pixels) -> [tokens]


class RememberingProbe:
    """A Probe over a scoring call; a picture asked twice, even by another method, is paid once."""

    def __init__(
        self,
        score: Callable[[Keeps], LogProbs],
        task: Task,
        *,
        chunk: int,
        memo: Memo,
        on_chunk: Callable[[Keeps, LogProbs], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """`score` takes masks [masks, regions + 1]; every answered row passes `on_chunk` once, paid or not."""
        self.regions = task.segmentation.regions
        self.tokens = len(task.answer.token_ids)
        self._score = score
        self._task = task
        self._chunk = chunk
        self._memo = memo
        self._on_chunk = on_chunk
        self._cancelled = cancelled

    def __call__(self, keep: Keeps) -> LogProbs:
        """Answer each mask [masks, regions] with its log-probabilities [masks, tokens]."""
        rest_stays = np.ones((len(keep), 1), bool)
        return self._ask(np.hstack([keep, rest_stays]))

    def nothing(self) -> LogProbs:
        """Answer with every pixel hidden: [tokens]."""
        return self._ask(np.zeros((1, self.regions + 1), bool))[0]

    def of(self, tokens: Sequence[int]) -> Probe:
        """Give the same probe with these columns only."""
        return _Columns(self, tokens)

    def _ask(self, keeps: Keeps) -> LogProbs:
        keys = [self._key(row) for row in keeps]
        unknown = {key: row for row, key in enumerate(keys) if key not in self._memo}  # equal keys: one row
        to_pay = sorted(unknown.values())
        for start in range(0, len(to_pay), self._chunk):
            if self._cancelled():
                raise Cancelled
            rows = to_pay[start : start + self._chunk]
            logprobs = self._score(keeps[rows])
            self._memo.update(zip((keys[row] for row in rows), logprobs, strict=True))
            self._on_chunk(keeps[rows], logprobs)
        replies = np.array([self._memo[key] for key in keys], np.float32)
        if remembered := sorted(set(range(len(keys))) - set(to_pay)):
            self._on_chunk(keeps[remembered], replies[remembered])
        return replies

    def _key(self, keep: Keeps) -> bytes:
        hidden = np.packbits(hidden_pixels(self._task.segmentation, keep))
        asked = self._task.answer.fingerprint + self._task.occluder.encode()
        return hashlib.blake2b(asked + hidden.tobytes(), digest_size=16).digest()


class _Columns:
    """A probe that shows some tokens of another."""

    def __init__(self, probe: Probe, tokens: Sequence[int]) -> None:
        self._probe = probe
        self._columns = list(tokens)
        self.regions = probe.regions
        self.tokens = len(self._columns)

    def __call__(self, keep: Keeps) -> LogProbs:
        return self._probe(keep)[:, self._columns]

    def nothing(self) -> LogProbs:
        return self._probe.nothing()[self._columns]

    def of(self, tokens: Sequence[int]) -> Probe:
        return self._probe.of([self._columns[token] for token in tokens])
