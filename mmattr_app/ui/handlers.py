"""What happens on the page: preview, explain, cancel, come back, choose an example."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from mmattr_app import pipeline
from mmattr_app.domain import Question
from mmattr_app.errors import AppError
from mmattr_app.explorer import message
from mmattr_app.jobs import Desk, Job, Request
from mmattr_app.pictures import read_picture
from mmattr_app.pipeline import Plan
from mmattr_app.ui.examples import Example
from mmattr_app.ui.session import Session
from mmattr_app.ui.views import example_view, job_view, preview_view

Message = dict[str, Any]


@dataclass(frozen=True)
class Handlers:
    """The page's functions, each given the form's values in the order of `page.FORM`."""

    desk: Desk
    examples: list[Example]
    downloads: Any  # job -> {format: URL}

    def preview(self, image: str | None, rows: int, columns: int, model: str, session: Session) -> Message:
        """Show the picture with its regions at once; a run on another picture is no longer wanted."""
        session.take_turn()
        if session.job and not session.job.snapshot.ended:
            session.job.cancel()
        session.job = None
        if not image:
            return message(preview_view())
        try:
            picture = read_picture(image)
            cut = pipeline.segment(picture, f"grid:{rows}x{columns}")
            return message(preview_view(picture, cut, self.desk.pace(model)))
        except AppError as error:
            return message(preview_view(says=_tell(error)))

    def explain(self, *form: Any) -> Generator[Message, None, None]:
        """Submit what the form says, or follow what is running already, and show how it goes."""
        *wish, session = form
        try:
            request = _request(*wish)
            job = session.job
            if job is None or job.snapshot.ended or not _same(job.request, request):
                if job:
                    job.cancel()
                job = self.desk.submit(request)
        except AppError as error:
            _tell(error)
            return
        session.job = job
        yield from self._follow(job, session)

    def cancel(self, session: Session) -> None:
        """Ask the job on show to stop."""
        if session.job:
            session.job.cancel()

    def come_back(self, job_id: str, session: Session) -> Generator[Message, None, None]:
        """Show the job that this tab followed before it was loaded again; else the first example."""
        job = self.desk.find(job_id) if job_id else None
        if job is None:
            yield message(example_view(self.examples[0])) if self.examples else message(preview_view())
            return
        session.job = job
        yield from self._follow(job, session)

    def example(self, number: int, session: Session) -> tuple[Any, ...]:
        """Put an example's picture and prompt into the form, and its result on show."""
        session.take_turn()
        if session.job:
            session.job.cancel()
            session.job = None
        chosen = self.examples[number]
        return str(chosen.picture), chosen.attribution.answer.question.prompt, message(example_view(chosen))

    def _follow(self, job: Job, session: Session) -> Iterator[Message]:
        turn = session.take_turn()
        for snapshot in job.follow():
            if session.turn != turn:
                return
            files = self.downloads(job) if snapshot.attribution else {}
            yield message(job_view(job, snapshot, files))
            if snapshot.state == "failed":
                gr.Warning(snapshot.says, title="This did not work")


def _request(image: str | None, prompt: str, rows: int, columns: int, *choices: Any) -> Request:
    method, occluder, model, budget, max_tokens, text = choices
    if not image:
        raise AppError("Choose a picture first: drop one, paste one, or press an example.")
    question = Question(read_picture(image), prompt.strip(), max_tokens=int(max_tokens))
    plan = Plan(method, occluder.strip(), int(budget) if budget else None)
    segmentation = pipeline.segment(question.image, f"grid:{int(rows)}x{int(columns)}")
    pipeline.check(question, segmentation, plan)
    return Request(question, segmentation, plan, model.strip(), text.strip() or None)


def _same(one: Request, other: Request) -> bool:
    """Say whether pressing Explain again asks for what is running already."""
    if _words(one) != _words(other) or one.question.image.shape != other.question.image.shape:
        return False
    return bool((one.question.image == other.question.image).all())


def _words(request: Request) -> tuple[Any, ...]:
    asked = request.question
    return request.plan, request.model, request.text, request.segmentation.made_by, asked.prompt, asked.max_tokens


def _tell(error: AppError) -> str:
    gr.Warning(str(error), title="This did not work")
    return str(error)
