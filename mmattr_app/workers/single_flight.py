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
class Flight:
    """One part of a call, which all jobs that want it hold."""

    reply: Any = None  # None: there is none yet
    asked: bool = False  # a slot is working it out now


class SingleFlight:
    """The parts of calls that jobs at work want, by their keys; each is gone with the last job that wants it."""

    def __init__(self, memo: Mapping[bytes, LogProbs]) -> None:
        """Take replies also from the memo, where log-probs are remembered for longer."""
        self._memo = memo
        self._flights: WeakValueDictionary[bytes, Flight] = WeakValueDictionary()
        self._changed = Condition()

    def join(self, keys: Sequence[bytes]) -> list[Flight]:
        """Give the part of each key, the same to every job."""
        with self._changed:
            flights = [self._flights.setdefault(key, Flight()) for key in keys]
            for key, flight in zip(keys, flights, strict=True):
                if flight.reply is None:
                    flight.reply = self._memo.get(key)
        return flights

    def ask(
        self, call: SharedCall[Any], flights: Sequence[Flight], run: Callable[[Call[Any]], Iterator[Any]]
    ) -> Iterator[str]:
        """Run the parts of a call that have no reply and that no other slot is asked now; yield what it says."""
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
        """Return when no slot is asked any of these; `look` is called again and again meanwhile and may raise."""
        while True:
            look()
            with self._changed:
                if self._changed.wait_for(lambda: not any(flight.asked for flight in flights), LOOK):
                    return

    @contextmanager
    def _claimed(self, flights: Sequence[Flight]) -> Generator[list[int], None, None]:
        """Hold the parts that are left to ask, by their numbers."""
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
