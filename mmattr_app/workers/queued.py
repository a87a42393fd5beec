"""The worker of a job whose calls wait for turns on slots that all jobs share."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from mmattr_app.contracts import Call, SharedCall
from mmattr_app.workers.scheduler import Scheduler, Turn
from mmattr_app.workers.single_flight import Flight

Value = TypeVar("Value")


class QueuedWorker:
    """Looks like a worker of its own to the pipeline."""

    def __init__(
        self,
        scheduler: Scheduler,
        session: str,
        model: str,
        *,
        look: Callable[[Turn], None],
        on_loading: Callable[[str | None], None],
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        """`look` is called while a turn waits or runs, and raises when it is not wanted any more.

        `rest` is called before each turn and returns when it is worth asking for.
        """
        self.lanes = scheduler.lanes
        self._scheduler, self._session, self._model = scheduler, session, model
        self._look, self._on_loading, self._rest = look, on_loading, rest
        self._flights = set[Flight]()  # kept while the job is at work, for other jobs that ask the same

    def run(self, call: Call[Value]) -> Iterator[str | Value]:
        """Run a call in one turn; what another job has got, or a slot is asked for it now, is not asked again."""
        self._rest()
        if isinstance(call, SharedCall):
            yield from self._share(call)
        else:
            yield from self._take(Turn(self._session, self._model, call))

    def chunk(self) -> int:
        """Say how many masks to send at once: about half a second's, fewer where many wait."""
        return self._scheduler.chunk(self._model)

    def _share(self, call: SharedCall[Any]) -> Iterator[Any]:
        flights = self._scheduler.single_flight.join(call.keys(self._model))
        self._flights.update(flights)
        while parts := [part for part, flight in enumerate(flights) if flight.reply is None]:
            missing = [flights[part] for part in parts]
            turn = Turn(self._session, self._model, call.only(parts), missing)
            yield from self._take(turn)
            self._scheduler.single_flight.wait(missing, lambda turn=turn: self._look(turn))
        yield call.join([flight.reply for flight in flights])

    def _take(self, turn: Turn) -> Iterator[Any]:
        self._scheduler.add(turn)
        try:
            yield from turn.events(lambda: self._look(turn), self._on_loading)
        finally:
            self._scheduler.withdraw(turn)
