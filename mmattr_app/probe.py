"""The probe that methods ask: it remembers replies, asks in chunks, reports progress and can be cancelled."""

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

Memo: TypeAlias = MutableMapping[bytes, LogProbs]  # Task.keys: key of answer and question -> [tokens]
# Masks [masks, players] -> [masks, tokens]; None asks with nothing visible: [1, tokens].
Score: TypeAlias = Callable[[Keeps | None], LogProbs]


class RememberingProbe:
    """A Probe that calls `score` once for each different question, even if several methods ask it."""

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
        reported: set[bytes] | None = None,
    ) -> None:
        """`score` gets `chunk()` masks at a time, and is called in `lanes` threads.

        `on_reply` gets each different mask once, with its reply, whether it was scored now or remembered. `reported`
        holds the keys of these masks; several probes may share it.
        """
        self.tokens = len(task.answer.token_ids)
        self._score = score
        self._task = task
        self._chunk, self._lanes = chunk, lanes
        self._memo = memo
        self._on_reply = on_reply
        self._cancelled = cancelled
        self._reported = set[bytes]() if reported is None else reported

    def __call__(self, keeps: Keeps) -> LogProbs:
        """Give the log-probabilities [masks, tokens] of each mask [masks, players]."""
        keys = self._task.keys(keeps)
        known = {key: reply for key in keys if (reply := self._memo.get(key)) is not None}
        unknown = {key: row for row, key in enumerate(keys) if key not in known}  # equal keys: one row
        for rows, logprobs in self._score_in_chunks(keeps, self._order(keeps, sorted(unknown.values()))):
            news = dict(zip((keys[row] for row in rows), logprobs, strict=True))
            known |= news
            self._memo.update(news)
            self._report(keys, keeps, rows, logprobs)
        replies = np.array([known[key] for key in keys], np.float32)
        self._report(keys, keeps, range(len(keys)), replies)
        return replies

    def nothing(self) -> LogProbs:
        """Give the log-probabilities [tokens] with nothing visible, what belongs to no player included."""
        (key,) = self._task.keys(None)
        reply = self._memo.get(key)
        if reply is None:
            if self._cancelled():
                raise Cancelled
            self._memo[key] = reply = self._score(None)[0]
        if key not in self._reported:
            self._reported.add(key)
            self._on_reply(None, reply[None])
        return reply

    def of(self, tokens: Sequence[int]) -> Probe:
        """Give the same probe for these tokens only."""
        return Columns(self, tokens)

    def remember(self, question_keys: Sequence[bytes], replies: LogProbs) -> None:
        """Put known replies [questions, tokens] into the memo; the keys are those of `Players.keys`."""
        for question_key, reply in zip(question_keys, replies, strict=True):
            self._memo.setdefault(self._task.answer.key(question_key), reply)

    def _report(self, keys: Sequence[bytes], keeps: Keeps, rows: Sequence[int], logprobs: LogProbs) -> None:
        """Pass these rows' masks and replies to `on_reply`, without those that it got before."""
        places = {keys[row]: place for place, row in enumerate(rows) if keys[row] not in self._reported}
        if places:
            self._reported.update(places)
            new = sorted(places.values())
            self._on_reply(keeps[[rows[place] for place in new]], logprobs[new])

    def _order(self, keeps: Keeps, rows: list[int]) -> list[int]:
        """Sort masks by how much they change the question per hidden player: early sketches then show what matters."""
        if len(rows) <= self._lanes * self._chunk():  # all at once
            return rows
        hidden = ~keeps[rows]
        change = hidden @ self._change / np.maximum(hidden.sum(axis=1), 1)
        return [rows[place] for place in np.argsort(-change, kind="stable")]

    @cached_property
    def _change(self) -> NDArray[np.float64]:  # [players]
        return self._task.players.change()

    def _score_in_chunks(self, keeps: Keeps, to_score: Sequence[int]) -> Iterator[tuple[list[int], LogProbs]]:
        """Score these rows chunk by chunk, in parallel; yield the rows and replies of each chunk as it is done."""
        rest = deque(to_score)
        running: dict[Future[LogProbs], list[int]] = {}
        with ThreadPoolExecutor(self._lanes) as pool:
            while rest or running:
                while rest and len(running) < self._lanes:
                    if self._cancelled():
                        raise Cancelled
                    size = min(self._chunk(), -(-len(rest) // self._lanes))  # all lanes get a part of the last masks
                    rows = [rest.popleft() for _ in range(size)]
                    running[pool.submit(self._score, keeps[rows])] = rows
                for reply in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(reply), reply.result()


class Columns:
    """A probe for some of the tokens of another probe."""

    def __init__(self, probe: Probe, tokens: Sequence[int]) -> None:
        """Take the tokens by their numbers."""
        self._probe, self._columns = probe, list(tokens)
        self.tokens = len(self._columns)

    def __call__(self, keeps: Keeps) -> LogProbs:
        """Give the log-probabilities of each mask: [masks, tokens]."""
        return self._probe(keeps)[:, self._columns]

    def nothing(self) -> LogProbs:
        """Give the log-probabilities with nothing visible: [tokens]."""
        return self._probe.nothing()[self._columns]

    def of(self, tokens: Sequence[int]) -> Probe:
        """Give a probe for some of these tokens, by their numbers here."""
        return self._probe.of([self._columns[token] for token in tokens])
