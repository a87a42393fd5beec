"""The worker that lives in this process: a laptop, the command line, a notebook, a test."""

from collections.abc import Iterator

from mmattr_app.contracts import Model
from mmattr_app.domain import Answer, Keeps, LogProbs, Pixels, Question, Task
from mmattr_app.masking import hidden_pixels, occlude, occluder


class InlineWorker:
    """Answers and scores with one loaded model."""

    def __init__(self, model: Model) -> None:
        """Take a model; it stays warm as long as the worker lives."""
        self._model = model
        self._prepared: tuple[Task, Pixels] | None = None  # the last task and its fill, which a blur makes slowly

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        """Yield the text so far, again and again, and the Answer last."""
        return self._model.answer(question, text)

    def score(self, task: Task, keeps: Keeps) -> LogProbs:
        """Hide what each mask [masks, regions + 1] hides and score the answer again: [masks, tokens]."""
        image, fill = task.answer.question.image, self._fill(task)
        return self._model.score(
            task.answer, [occlude(image, hidden_pixels(task.segmentation, keep), fill) for keep in keeps]
        )

    def chunk(self) -> int:
        """Say how many masks to send at once: as many as go through the model together."""
        return self._model.batch

    def _fill(self, task: Task) -> Pixels:
        if self._prepared is None or self._prepared[0] is not task:
            self._prepared = (task, occluder(task.occluder)(task.answer.question.image))
        return self._prepared[1]
