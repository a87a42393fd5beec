"""Single flight: parts that several jobs ask for at the same moment are computed once, and each job gets the reply.

A slot claims parts when its turn begins, and releases them when the turn ends, even with an error. So a job waits only
for parts that a slot is computing now, never for a job that itself waits, pauses or was cancelled.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition
from typing import Any
from weakref import WeakValueDictionary

from mmattr_app.contracts import Call, SharedCall
from mmattr_app.domain import LogProbs

LOOK = 0.1  # seconds between two checks whether a job still wants its turn


@dataclass(eq=False)
class Flight:
    """One part of a call, shared by all jobs that want it."""

    reply: Any = None  # None: not there yet
    asked: bool = False  # a slot is computing it now


class SingleFlight:
    """All parts that running jobs want, by their keys; a part is dropped with the last job that holds it."""

    def __init__(self, memo: Mapping[bytes, LogProbs]) -> None:
        """Take the memo, whose replies are used too, and stay longer."""
        self._memo = memo
        self._flights: WeakValueDictionary[bytes, Flight] = WeakValueDictionary()
        self._changed = Condition()

    def join(self, keys: Sequence[bytes]) -> list[Flight]:
        """Give the part of each key; jobs with the same key share it."""
        with self._changed:
            flights = [self._flights.setdefault(key, Flight()) for key in keys]
            for key, flight in zip(keys, flights, strict=True):
                if flight.reply is None:
                    flight.reply = self._memo.get(key)
        return flights

    def ask(
        self, call: SharedCall[Any], flights: Sequence[Flight], run: Callable[[Call[Any]], Iterator[Any]]
    ) -> Iterator[str]:
        """Run the parts of a call that have no reply and that no other slot is computing; yield progress in words."""
        with self._claimed(flights) as parts:
            if not parts:
                return
            for event in run(call.only(parts)):
                if isinstance(event, str):
                    yield event
                    continue
                for part, reply in zip(parts, call.split(event), strict=True):
                    flights[part].reply = reply

    def wait(self, flights: Sequence[Flight], look: Callable[[], None]) -> None:
        """Wait until no slot is computing any of these; `look` is called again and again, and may raise to cancel."""
        while True:
            look()
            with self._changed:
                if self._changed.wait_for(lambda: not any(flight.asked for flight in flights), LOOK):
                    return

    @contextmanager
    def _claimed(self, flights: Sequence[Flight]) -> Generator[list[int], None, None]:
        """Claim the parts that are left to compute, inside a `with` block; give their numbers."""
        parts: list[int] = []
        with self._changed:
            for part, flight in enumerate(flights):
                if flight.reply is None and not flight.asked:
                    flight.asked = True
                    parts.append(part)
        try:
            yield parts
        finally:
            with self._changed:
                for part in parts:
                    flights[part].asked = False
                self._changed.notify_all()
