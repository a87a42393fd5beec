"""The Worker of one job: each of its model calls waits for a turn of its session."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from mmattr_app.contracts import Call
from mmattr_app.workers.scheduler import Scheduler, Turn

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
        self._dispatcher, self._session, self._model = scheduler, session, model
        self._look, self._on_loading, self._rest = look, on_loading, rest

    def run(self, call: Call[Value]) -> Iterator[str | Value]:
        """Run a call in one turn."""
        self._rest()
        turn = Turn(self._session, self._model, call)
        self._dispatcher.add(turn)
        try:
            yield from turn.events(lambda: self._look(turn), self._on_loading)
        finally:
            self._dispatcher.withdraw(turn)

    def chunk(self) -> int:
        """Say how many masks to send at once: about half a second's, fewer where many wait."""
        return self._dispatcher.chunk(self._model)
