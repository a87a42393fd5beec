"""The worker of a job whose calls wait for turns on slots that all jobs share."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from mmattr_app.contracts import Call, SharedCall
from mmattr_app.workers.scheduler import Scheduler, Turn
from mmattr_app.workers.single_flight import Flight

Value = TypeVar("Value")


class QueuedWorker:
    """A worker whose calls are turns of a scheduler."""

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
        """`look` is called again and again while a turn waits or runs, and raises to cancel it.

        `rest` is called before each turn, and blocks while the job should pause.
        """
        self.lanes = scheduler.lanes
        self._scheduler, self._session, self._model = scheduler, session, model
        self._look, self._on_loading, self._rest = look, on_loading, rest
        self._flights = set[Flight]()  # kept while the job runs, so that other jobs find its replies

    def run(self, call: Call[Value]) -> Iterator[str | Value]:
        """Run a call in one turn; parts that another job has asked for, or asks for now, are not asked again."""
        self._rest()
        if isinstance(call, SharedCall):
            yield from self._share(call)
        else:
            yield from self._take(Turn(self._session, self._model, call))

    def chunk(self) -> int:
        """Say how many masks to send in one call: those of about half a second, fewer if many sessions wait."""
        return self._scheduler.chunk(self._model)

    def asking(self, model: str) -> "QueuedWorker":
        """Give the worker of the same job whose turns ask another model."""
        return QueuedWorker(
            self._scheduler, self._session, model, look=self._look, on_loading=self._on_loading, rest=self._rest
        )

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
