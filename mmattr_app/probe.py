"""The probe that methods ask: it remembers, works in chunks, tells how far it is and stops when told to."""

from collections import deque
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Probe
from mmattr_app.domain import Keeps, LogProbs, Task
from mmattr_app.errors import Cancelled

Memo: TypeAlias = MutableMapping[bytes, LogProbs]  # (answer, what is hidden and how) -> [tokens]
Score: TypeAlias = Callable[[Keeps | None], LogProbs]  # None asks with nothing visible: [1, tokens]


class RememberingProbe:
    """A Probe over a scoring call; a question asked twice, even by another method, is paid once."""

    def __init__(
        self,
        score: Score,
        task: Task,
        *,
        chunk: Callable[[], int],
        lanes: int = 1,
        memo: Memo,
        on_reply: Callable[[Keeps | None, LogProbs], None],
        cancelled: Callable[[], bool],
        told: set[bytes] | None = None,
    ) -> None:
        """`score` takes a chunk of masks [masks, players], `lanes` of them at once.

        `on_reply` hears every different question once, whether it was paid or remembered; several probes may share
        what was `told`.
        """
        self.tokens = len(task.answer.token_ids)
        self._score = score
        self._task = task
        self._chunk, self._lanes = chunk, lanes
        self._memo = memo
        self._on_reply = on_reply
        self._cancelled = cancelled
        self._told = set[bytes]() if told is None else told

    def __call__(self, keep: Keeps) -> LogProbs:
        """Answer each mask [masks, players] with its log-probabilities [masks, tokens]."""
        keys = self._task.keys(keep)
        known = {key: row for key in keys if (row := self._memo.get(key)) is not None}
        unknown = {key: row for row, key in enumerate(keys) if key not in known}  # equal keys: one row
        for rows, logprobs in self._pay(keep, self._order(keep, sorted(unknown.values()))):
            news = dict(zip((keys[row] for row in rows), logprobs, strict=True))
            known |= news
            self._memo.update(news)
            self._tell(keys, keep, rows, logprobs)
        replies = np.array([known[key] for key in keys], np.float32)
        self._tell(keys, keep, range(len(keys)), replies)
        return replies

    def nothing(self) -> LogProbs:
        """Answer with nothing visible, what belongs to no player included: [tokens]."""
        (key,) = self._task.keys(None)
        reply = self._memo.get(key)
        if reply is None:
            if self._cancelled():
                raise Cancelled
            self._memo[key] = reply = self._score(None)[0]
        if key not in self._told:
            self._told.add(key)
            self._on_reply(None, reply[None])
        return reply

    def of(self, tokens: Sequence[int]) -> Probe:
        """Give the same probe with these columns only."""
        return Columns(self, tokens)

    def remember(self, names: Sequence[bytes], replies: LogProbs) -> None:
        """Take over what is known of questions, named as `Players.keys` does."""
        for name, reply in zip(names, replies, strict=True):
            self._memo.setdefault(self._task.answer.key(name), reply)

    def _tell(self, keys: Sequence[bytes], keeps: Keeps, rows: Sequence[int], logprobs: LogProbs) -> None:
        """Tell of the questions that were not told before."""
        places = {keys[row]: place for place, row in enumerate(rows) if keys[row] not in self._told}
        if places:
            self._told.update(places)
            new = sorted(places.values())
            self._on_reply(keeps[[rows[place] for place in new]], logprobs[new])

    def _order(self, keeps: Keeps, rows: list[int]) -> list[int]:
        """Put first what changes the question most where it hides, so that what is there early shows what matters."""
        if len(rows) <= self._lanes * self._chunk():  # all at once
            return rows
        hidden = ~keeps[rows]
        change = hidden @ self._change / np.maximum(hidden.sum(axis=1), 1)
        return [rows[place] for place in np.argsort(-change, kind="stable")]

    @cached_property
    def _change(self) -> NDArray[np.float64]:  # [players]
        return self._task.players.change()

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


class Columns:
    """A probe that shows some tokens of another."""

    def __init__(self, probe: Probe, tokens: Sequence[int]) -> None:
        """Take the tokens by their numbers."""
        self._probe, self._columns = probe, list(tokens)
        self.tokens = len(self._columns)

    def __call__(self, keep: Keeps) -> LogProbs:
        """Answer each mask: [masks, tokens]."""
        return self._probe(keep)[:, self._columns]

    def nothing(self) -> LogProbs:
        """Answer with nothing visible: [tokens]."""
        return self._probe.nothing()[self._columns]

    def of(self, tokens: Sequence[int]) -> Probe:
        """Show some of these."""
        return self._probe.of([self._columns[token] for token in tokens])
