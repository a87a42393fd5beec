"""What happens on the page besides previews: explain, cancel, come back, choose an example, delete."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from mmattr_app.errors import AppError
from mmattr_app.jobs import Cutting, Desk, Job, Request
from mmattr_app.models import split
from mmattr_app.ui import asking
from mmattr_app.ui.downloads import Downloads
from mmattr_app.ui.examples import Example
from mmattr_app.ui.previews import regions_view
from mmattr_app.ui.requests import cutting, explaining, same
from mmattr_app.ui.session import Asked, Session
from mmattr_app.ui.telling import Message, message, tell
from mmattr_app.ui.views import example_view, job_view, preview_view, stored_view
from mmattr_app.ui.visitors import visitor
from mmattr_app.ui.wish import Wish, read


@dataclass(frozen=True)
class Handlers:
    """The page's functions; those that take a form are given its values in the order of `Wish`, and the session."""

    desk: Desk
    examples: list[Example]
    downloads: Downloads
    any_model: bool = False  # the catalogue, and a folder or hub id typed into the page

    def explain(self, request: gr.Request, *form: Any) -> Generator[tuple[Message, Any], None, None]:
        """Submit what the form says, or follow what is running already, and show how it goes."""
        yield from self._run(explaining, *read(form), visitor(request))

    def find(self, request: gr.Request, *form: Any) -> Generator[tuple[Message, Any], None, None]:
        """Have regions found that take their time; what Explain is pressed for later needs no second search."""
        yield from self._run(cutting, *read(form), visitor(request))

    def cancel(self, session: Session) -> None:
        """Ask the job on show to stop."""
        if session.job:
            session.job.cancel()

    def delete(self, session: Session) -> tuple[None, None, Message, Any]:
        """Keep nothing of what this tab brought and got."""
        session.leave()
        for asked in session.mine:
            self.desk.forget(asked.job)
        session.mine.clear()
        for picture in session.uploads:
            Path(picture).unlink(missing_ok=True)
        session.uploads.clear()
        session.forget()
        gr.Info("Your pictures and results are deleted.")
        return None, None, message(preview_view()), _history(session)

    def recall(self, number: int, session: Session) -> tuple[Any, str, Message]:
        """Show an earlier result of this tab again, with its picture and question."""
        asked = session.history()[number]
        result = self.desk.store.get(asked.job)
        if result is None:
            gr.Info("This result is not kept any more; ask again.")
            return gr.skip(), asked.prompt, gr.skip()  # pyright: ignore[reportReturnType]
        session.leave()
        session.expected = Path(asked.file).name
        return asked.file or gr.skip(), asked.prompt, message(stored_view(result, asked.job, self.downloads))

    def come_back(self, job_id: str, session: Session) -> Generator[tuple[Message, Any], None, None]:
        """Show the job that this tab followed before it was loaded again, or a link names; else the first example."""
        if job := self.desk.find(job_id):
            session.job = job
            if isinstance(job.request, Request):
                session.mine.append(Asked(job.id, job.request.question.prompt, ""))  # its file is not known any more
            yield from self._follow(job, session)
        elif result := self.desk.store.get(job_id):
            yield message(stored_view(result, job_id, self.downloads)), gr.skip()
        else:
            view = example_view(self.examples[0]) if self.examples else preview_view()
            yield message(view), gr.skip()

    def example(self, number: int, session: Session) -> tuple[Any, ...]:
        """Put an example's picture and prompt into the form, and its result on show."""
        session.leave()
        chosen = self.examples[number]
        session.expected = chosen.picture.name
        return str(chosen.picture), chosen.attribution.answer.question.prompt, message(example_view(chosen))

    def models(self) -> Any:
        """Say beside each model whether it fits here."""
        return asking.models_here(self.any_model)

    def _check_model(self, model: str) -> None:
        offered = asking.offered(any_model=self.any_model)
        if not self.any_model and split(model)[0] not in offered:
            raise AppError(f"This page offers the models {', '.join(offered)}; choose one of them.")

    def _run(
        self, make: Callable[[Wish, Session], Request | Cutting], wish: Wish, session: Session, who: str
    ) -> Iterator[tuple[Message, Any]]:
        try:
            request = make(wish, session)
            self._check_model(request.model)
            job = session.job
            if job is None or job.snapshot.ended or not same(job.request, request):
                if job:
                    job.cancel()
                job = self.desk.submit(request, session.id, who)
                if isinstance(request, Request):
                    session.mine.append(Asked(job.id, request.question.prompt, wish.image or ""))
        except AppError as error:
            tell(error)
            yield gr.skip(), gr.skip()  # what is on show stays; yielding nothing would clear it
            return
        session.job = job
        yield from self._follow(job, session, wish)

    def _follow(self, job: Job, session: Session, wish: Wish | None = None) -> Iterator[tuple[Message, Any]]:
        turn = session.take_turn()
        for snapshot in job.follow():
            if session.turn != turn:
                return
            files = self.downloads(job.id, snapshot.attribution) if snapshot.attribution else {}
            session.ended(job)
            if wish and wish.image:
                session.found(job, wish.image)
            history = _history(session) if snapshot.ended else gr.skip()
            found = wish and snapshot.state == "done" and isinstance(job.request, Cutting)
            view = regions_view(self.desk, wish, session) if wish and found else job_view(job, snapshot, files)
            yield message(view), history
            if snapshot.state == "failed":
                tell(snapshot.says)


def _history(session: Session) -> Any:
    told = [[f"{asked.prompt[:40]} {(asked.answer or '')[:60]}"] for asked in session.history()]
    return gr.Dataset(samples=told, visible=bool(told))
