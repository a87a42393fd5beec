"""What happens on the page: preview, explain, cancel, come back, choose an example."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from mmattr_app import pipeline
from mmattr_app.domain import Question
from mmattr_app.errors import AppError
from mmattr_app.explorer import View
from mmattr_app.explorer import message as encode
from mmattr_app.jobs import Desk, Job, Request
from mmattr_app.models import split
from mmattr_app.pictures import read_picture
from mmattr_app.pipeline import Plan
from mmattr_app.ui import asking
from mmattr_app.ui.downloads import Downloads
from mmattr_app.ui.examples import Example
from mmattr_app.ui.session import Asked, Session
from mmattr_app.ui.views import example_view, job_view, preview_view, stored_view

Message = dict[str, Any]
_serials = count(1)


@dataclass(frozen=True)
class Handlers:
    """The page's functions, each given the form's values in the order that `page._wire` names."""

    desk: Desk
    examples: list[Example]
    downloads: Downloads
    any_model: bool = False  # the catalogue, and a folder or hub id typed into the page

    def preview(self, image: str | None, rows: int, columns: int, model: str, session: Session) -> Message:
        """Show the picture with its regions at once; a run on another picture is no longer wanted."""
        session.leave()
        if not image:
            return _message(preview_view())
        try:
            picture = read_picture(image)
            cut = pipeline.segment(picture, f"grid:{rows}x{columns}")
            return _message(preview_view(picture, cut, self.desk.pace(model)))
        except AppError as error:
            return _message(preview_view(says=_tell(error)))

    def picture(self, image: str | None, *cut: Any) -> Message:
        """Preview a picture that this tab brought; one that the page itself put there is on show already."""
        session: Session = cut[-1]
        expected, session.expected = session.expected, ""
        if image and Path(image).name == expected:
            return gr.skip()  # pyright: ignore[reportReturnType]
        if image:
            session.uploads.add(image)
        return self.preview(image, *cut)

    def explain(self, *form: Any) -> Generator[tuple[Message, Any], None, None]:
        """Submit what the form says, or follow what is running already, and show how it goes."""
        *wish, session = form
        try:
            request = _request(*wish)
            self._check_model(request.model)
            job = session.job
            if job is None or job.snapshot.ended or not _same(job.request, request):
                if job:
                    job.cancel()
                job = self.desk.submit(request, session.id)
                session.mine.append(Asked(job.id, request.question.prompt, wish[0]))
        except AppError as error:
            _tell(error)
            return
        session.job = job
        yield from self._follow(job, session)

    def cancel(self, session: Session) -> None:
        """Ask the job on show to stop."""
        if session.job:
            session.job.cancel()

    def delete(self, session: Session) -> tuple[None, Message, Any]:
        """Keep nothing of what this tab brought and got."""
        session.leave()
        for asked in session.mine:
            self.desk.forget(asked.job)
        session.mine.clear()
        for picture in session.uploads:
            Path(picture).unlink(missing_ok=True)
        session.uploads.clear()
        gr.Info("Your pictures and results are deleted.")
        return None, _message(preview_view()), _history(session)

    def recall(self, number: int, session: Session) -> tuple[Any, str, Message]:
        """Show an earlier result of this tab again, with its picture and question."""
        asked = session.history()[number]
        result = self.desk.store.get(asked.job)
        if result is None:
            gr.Info("This result is not kept any more; ask again.")
            return gr.skip(), asked.prompt, gr.skip()  # pyright: ignore[reportReturnType]
        session.leave()
        session.expected = Path(asked.file).name
        return asked.file or gr.skip(), asked.prompt, _message(stored_view(result, asked.job, self.downloads))

    def come_back(self, job_id: str, session: Session) -> Generator[tuple[Message, Any], None, None]:
        """Show the job that this tab followed before it was loaded again, or a link names; else the first example."""
        if job := self.desk.find(job_id):
            session.job = job
            session.mine.append(Asked(job.id, job.request.question.prompt, ""))  # its file is not known any more
            yield from self._follow(job, session)
        elif result := self.desk.store.get(job_id):
            yield _message(stored_view(result, job_id, self.downloads)), gr.skip()
        else:
            view = example_view(self.examples[0]) if self.examples else preview_view()
            yield _message(view), gr.skip()

    def example(self, number: int, session: Session) -> tuple[Any, ...]:
        """Put an example's picture and prompt into the form, and its result on show."""
        session.leave()
        chosen = self.examples[number]
        session.expected = chosen.picture.name
        return str(chosen.picture), chosen.attribution.answer.question.prompt, _message(example_view(chosen))

    def models(self) -> Any:
        """Say beside each model whether it fits here."""
        return asking.models_here(self.any_model)

    def _check_model(self, model: str) -> None:
        offered = asking.offered(any_model=self.any_model)
        if not self.any_model and split(model)[0] not in offered:
            raise AppError(f"This page offers the models {', '.join(offered)}; choose one of them.")

    def _follow(self, job: Job, session: Session) -> Iterator[tuple[Message, Any]]:
        turn = session.take_turn()
        for snapshot in job.follow():
            if session.turn != turn:
                return
            files = self.downloads(job.id, snapshot.attribution) if snapshot.attribution else {}
            session.ended(job)
            history = _history(session) if snapshot.ended else gr.skip()
            yield _message(job_view(job, snapshot, files)), history
            if snapshot.state == "failed":
                gr.Warning(snapshot.says, title="This did not work")


def _message(view: View) -> Message:
    """Give the message a number, since the explorer shows none that is older than what it shows."""
    return {**encode(view), "serial": next(_serials)}


def _request(image: str | None, prompt: str, rows: int, columns: int, *choices: Any) -> Request:
    method, occluder, model, budget, max_tokens, text, precision, system, *drawing = choices
    if not image:
        raise AppError("Choose a picture first: drop one, paste one, or press an example.")
    sampling = asking.drawn(*drawing)
    question = Question(read_picture(image), prompt.strip(), system.strip(), int(max_tokens), sampling)
    plan = Plan(method, occluder.strip(), int(budget) if budget else None, sampling.seed)
    segmentation = pipeline.segment(question.image, f"grid:{int(rows)}x{int(columns)}")
    pipeline.check(question, segmentation, plan)
    return Request(question, segmentation, plan, asking.named(model, precision), text.strip() or None)


def _same(one: Request, other: Request) -> bool:
    """Say whether pressing Explain again asks for what is running already."""
    return _words(one) == _words(other) and np.array_equal(one.question.image, other.question.image)


def _words(request: Request) -> tuple[Any, ...]:
    asked = request.question
    words = (asked.prompt, asked.system, asked.max_tokens, asked.sampling)
    return request.plan, request.model, request.text, request.segmentation.made_by, words


def _history(session: Session) -> Any:
    told = [[f"{asked.prompt[:40]} {(asked.answer or '')[:60]}"] for asked in session.history()]
    return gr.Dataset(samples=told, visible=bool(told))


def _tell(error: AppError) -> str:
    gr.Warning(str(error), title="This did not work")
    return str(error)
