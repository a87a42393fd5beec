"""The Worker of one job: each of its model calls waits for a turn of its session."""

from collections.abc import Callable, Iterator
from typing import Any

from mmattr_app.domain import Answer, Keeps, LogProbs, Pixels, Question, Segmentation, Task
from mmattr_app.workers.dispatcher import Dispatcher
from mmattr_app.workers.turns import Turn, Work


class FairWorker:
    """Looks like a worker of its own to the pipeline."""

    def __init__(
        self,
        dispatcher: Dispatcher,
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
        self.lanes = dispatcher.lanes
        self._dispatcher, self._session, self._model = dispatcher, session, model
        self._look, self._on_loading, self._rest = look, on_loading, rest

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        """Answer in one turn."""
        return self._turn(lambda slot: slot.answer(self._model, question, text))

    def score(self, task: Task, keeps: Keeps) -> LogProbs:
        """Score one chunk in one turn."""
        (logprobs,) = self._turn(lambda slot: [slot.score(self._model, task, keeps)], len(keeps))
        return logprobs

    def segment(self, image: Pixels, regions: str) -> Iterator[str | Segmentation]:
        """Cut a picture in one turn."""
        return self._turn(lambda slot: slot.segment(self._model, image, regions))

    def chunk(self) -> int:
        """Say how many masks to send at once: about half a second's, fewer where many wait."""
        return self._dispatcher.chunk(self._model)

    def _turn(self, work: Work, masks: int = 0) -> Iterator[Any]:
        self._rest()
        turn = Turn(self._session, self._model, work, masks)
        self._dispatcher.add(turn)
        try:
            yield from turn.events(lambda: self._look(turn), self._on_loading)
        finally:
            self._dispatcher.withdraw(turn)
