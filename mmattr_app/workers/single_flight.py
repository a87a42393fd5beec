"""Single flight: what several jobs ask at the same moment is asked once, and each of them gets the reply.

A slot claims what it asks as the turn begins, and lets go of it as the turn ends, however it ends. So a job waits only
for what a slot is working out right now, never for a job that itself waits, rests or was cancelled.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition
from typing import Any
from weakref import WeakValueDictionary

from mmattr_app.contracts import Call, SharedCall
from mmattr_app.domain import LogProbs

LOOK = 0.1  # seconds between two looks at whether what is waited for is still wanted


@dataclass(eq=False)
class Known:
    """What came of one part of a call."""

    value: Any


class SingleFlight:
    """The parts of calls that slots are asked now, and the replies that jobs at work have got, by their keys.

    A reply is kept by the jobs that got it: with the last of them it is gone.
    """

    def __init__(self, memo: Mapping[bytes, LogProbs]) -> None:
        """Look also into the memo, where log-probs are remembered for longer."""
        self._memo = memo
        self._replies: WeakValueDictionary[bytes, Known] = WeakValueDictionary()
        self._asked = set[bytes]()
        self._changed = Condition()

    def find(self, key: bytes) -> Known | None:
        """Give a reply that is known."""
        if (reply := self._replies.get(key)) is None and (logprobs := self._memo.get(key)) is not None:
            return Known(logprobs)
        return reply

    def ask(
        self, call: SharedCall[Any], keys: Sequence[bytes], run: Callable[[Call[Any]], Iterator[Any]]
    ) -> Iterator[Any]:
        """Run the parts of a call that are neither known nor asked by another slot now.

        Yields what the call says on its way, and last the replies by their keys; nothing where no part is left.
        """
        with self._claimed(keys) as parts:
            if not parts:
                return
            for event in run(call.only(parts)):
                if isinstance(event, str):
                    yield event
                    continue
                replies = map(Known, call.split(event))
                news = dict(zip((keys[part] for part in parts), replies, strict=True))
                self._replies.update(news)
                yield news

    def wait(self, keys: Sequence[bytes], look: Callable[[], None]) -> None:
        """Return when no slot is asked any of these; `look` is called again and again meanwhile and may raise."""
        while True:
            look()
            with self._changed:
                if self._changed.wait_for(lambda: self._asked.isdisjoint(keys), LOOK):
                    return

    @contextmanager
    def _claimed(self, keys: Sequence[bytes]) -> Generator[list[int], None, None]:
        """Hold the parts that are left to ask, by their numbers."""
        with self._changed:
            parts = [part for part, key in enumerate(keys) if key not in self._asked and self.find(key) is None]
            self._asked.update(keys[part] for part in parts)
        try:
            yield parts
        finally:
            with self._changed:
                self._asked.difference_update(keys[part] for part in parts)
                self._changed.notify_all()
