"""The probe that methods ask: it remembers, works in chunks, tells how far it is and stops when told to."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.atoms import atoms_of
from mmattr_app.contracts import Probe
from mmattr_app.domain import Keeps, LogProbs, Task
from mmattr_app.errors import Cancelled
from mmattr_app.masking import contrasts, occluder

Memo: TypeAlias = MutableMapping[bytes, LogProbs]  # (answer, occluder, hidden pixels) -> [tokens]


class RememberingProbe:
    """A Probe over a scoring call; a picture asked twice, even by another method, is paid once."""

    def __init__(
        self,
        score: Callable[[Keeps], LogProbs],
        task: Task,
        *,
        chunk: Callable[[], int],
        lanes: int = 1,
        memo: Memo,
        on_chunk: Callable[[Keeps, LogProbs], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """`score` takes a chunk of masks [masks, regions + 1], `lanes` of them at once.

        Every answered row passes `on_chunk` once, paid or not.
        """
        self.regions = task.segmentation.regions
        self.tokens = len(task.answer.token_ids)
        self._score = score
        self._task = task
        self._chunk, self._lanes = chunk, lanes
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
        keys = self._keys(keeps)
        known = {key: row for key in keys if (row := self._memo.get(key)) is not None}
        unknown = {key: row for row, key in enumerate(keys) if key not in known}  # equal keys: one row
        to_pay = sorted(unknown.values())
        for rows, logprobs in self._pay(keeps, self._order(keeps, to_pay)):
            news = dict(zip((keys[row] for row in rows), logprobs, strict=True))
            known |= news
            self._memo.update(news)
            self._on_chunk(keeps[rows], logprobs)
        replies = np.array([known[key] for key in keys], np.float32)
        if remembered := sorted(set(range(len(keys))) - set(to_pay)):
            self._on_chunk(keeps[remembered], replies[remembered])
        return replies

    def _order(self, keeps: Keeps, rows: list[int]) -> list[int]:
        """Put first what changes the picture most where it hides, so that what is there early shows what matters."""
        if len(rows) <= self._lanes * self._chunk():  # all at once
            return rows
        hidden = ~keeps[rows, : self.regions]
        change = hidden @ self._contrasts / np.maximum(hidden.sum(axis=1), 1)
        return [rows[place] for place in np.argsort(-change, kind="stable")]

    @cached_property
    def _contrasts(self) -> NDArray[np.float64]:  # [regions]
        image = self._task.answer.question.image
        return contrasts(image, self._task.segmentation, occluder(self._task.occluder)(image))

    def _pay(self, keeps: Keeps, to_pay: Sequence[int]) -> Iterator[tuple[list[int], LogProbs]]:
        """Ask chunk by chunk and hand each reply on as soon as it is there."""
        rest = deque(to_pay)
        running: dict[Future[LogProbs], list[int]] = {}
        with ThreadPoolExecutor(self._lanes) as pool:
            while rest or running:
                while rest and len(running) < self._lanes:
                    if self._cancelled():
                        raise Cancelled
                    size = min(self._chunk(), -(-len(rest) // self._lanes))  # none is left idle at the end
                    rows = [rest.popleft() for _ in range(size)]
                    running[pool.submit(self._score, keeps[rows])] = rows
                for reply in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(reply), reply.result()

    def _keys(self, keeps: Keeps) -> list[bytes]:
        """Name each mask by what it hides: equal for other regions that hide the very same pixels."""
        asked = self._task.answer.fingerprint + self._task.occluder.encode()
        return [
            hashlib.blake2b(asked + code, digest_size=16).digest()
            for code in atoms_of(self._task.segmentation).hidden(keeps)
        ]


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
