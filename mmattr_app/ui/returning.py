"""Handlers that show a result again: from a link, a reload, an example, the list of earlier results, or a preview."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import gradio as gr
from anyio import to_thread

from mmattr_app.domain import Attribution
from mmattr_app.errors import AppError
from mmattr_app.explorer import View
from mmattr_app.jobs import Job
from mmattr_app.settings import REGIONS
from mmattr_app.ui.examples import Example
from mmattr_app.ui.filling import files_of, fill, unchanged, values_of_question, values_of_result
from mmattr_app.ui.form import offers
from mmattr_app.ui.form_values import chosen, event_value
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.session import Session, Shown
from mmattr_app.ui.views import Message, example_view, message, preview_view, show_error, stored_view

LOST = "This run is lost: the server was restarted before it ended, or its result is not kept any more; ask again."

Updates: TypeAlias = AsyncGenerator[list[Any], None]  # updates of the explorer, the history and the form's fields


@dataclass(frozen=True)
class Returning:
    """Handlers that show a result again, and fill the form with its picture, question and settings."""

    handlers: Handlers
    examples: list[Example]

    async def come_back(self, request: gr.Request, job_id: str | None, session: Session) -> Updates:
        """Show the job that the link names, or that this tab followed before a reload, or else the first example."""
        if job := self.handlers.queue.find(job_id or ""):
            session.asked_with = await to_thread.run_sync(_asked_with, job)
            session.note_job(job, session.asked_with.get("image") or "")  # a copy: the uploaded file is not known
            for file in files_of(session.asked_with):
                session.uploads.add(file)
            async for news in self._follow(job, session, request):
                yield news
            return
        known = bool(job_id) and await to_thread.run_sync(self._find, job_id, session)
        if known:
            yield [message(session.shown[-1].view), gr.skip(), *self._fill(session, request)]
            return
        view = self._show(self.examples[0], session) if self.examples else preview_view()
        if self.examples:  # its picture and the usual regions are in the form from the start
            session.regions_on_show = str(self.examples[0].picture), REGIONS
        if job_id:
            view = replace(view, notice=show_error(LOST))
        yield [message(view), gr.skip(), *unchanged()]

    async def back(self, request: gr.Request, session: Session) -> Updates:
        """Close the preview of regions, and show again what lies under it: a result, or a run that goes on."""
        session.previewing = False
        if not session.shown and session.job:
            async for news in self._follow(session.job, session, request):
                yield news
        elif session.shown:
            session.take_turn()
            try:
                view = session.shown[-1].view
            except AppError as error:
                show_error(error)
            else:
                yield [message(view), gr.skip(), *self._fill(session, request)]
                return
        yield [gr.skip(), gr.skip(), *unchanged()]

    def recall(self, request: gr.Request, event: gr.EventData, session: Session) -> list[Any]:
        """Show the earlier result of this tab that was clicked, and fill the form with its picture and question."""
        asked = chosen(session.history(), event_value(event, "number"))
        session.leave()
        if self._find(asked.job, session, asked.file):
            return [_fresh_message(session.shown[-1].view), *self._fill(session, request)]
        gr.Info("This result is not kept any more; ask again.")
        return [gr.skip(), *unchanged()]

    def example(self, request: gr.Request, event: gr.EventData, session: Session) -> list[Any]:
        """Show the example that was clicked."""
        return self.show(chosen(self.examples, event_value(event, "number")), request, session)

    def show(self, example: Example, request: gr.Request, session: Session) -> list[Any]:
        """Show an example, and fill the form with its picture, question and settings."""
        session.leave()
        view = self._show(example, session)
        return [_fresh_message(view), *self._fill(session, request)]

    def fill(self, values: dict[str, Any], request: gr.Request, session: Session) -> list[Any]:
        """Fill the form with these values; a model that this visitor may not choose is left out."""
        return fill(values, session, lambda model: offers(model, any_model=self.handlers.may_name_any_model(request)))

    def _find(self, job_id: str, session: Session, file: str | None = None) -> bool:
        """Put a result of the store on show; say whether the store still has it."""
        store = self.handlers.queue.store
        result = store.get(job_id)
        if result is None:
            return False
        view = stored_view(result, job_id, store)
        session.shown = [self.handlers.shown(job_id, view)]
        self._note(result, session, file)
        return True

    def _show(self, example: Example, session: Session) -> Any:
        view = example_view(example)
        session.shown = [Shown.of(lambda: example.attribution, view)]
        self._note(example.attribution, session, str(example.picture))
        return view

    def _note(self, result: Attribution, session: Session, file: str | None) -> None:
        session.asked_with = values_of_result(result, file)
        for kept in files_of(session.asked_with):
            if kept != file:
                session.uploads.add(kept)

    async def _follow(self, job: Job, session: Session, request: gr.Request) -> Updates:
        """Follow a job; the first update also fills the form with the job's question and settings."""
        fields = self._fill(session, request) if session.asked_with else unchanged()
        async for told, history in self.handlers.follow(job, session, request):
            yield [told, history, *fields]
            fields = unchanged()

    def _fill(self, session: Session, request: gr.Request) -> list[Any]:
        values = session.asked_with
        session.regions_on_show = values["image"], values["regions"]
        return self.fill(values, request, session)


def _fresh_message(view: View) -> Message:
    """Give the message of a view that starts afresh: selection and predictions are forgotten, even if it is on show."""
    return {**message(view), "begins": True}


def _asked_with(job: Job) -> dict[str, Any]:
    if result := job.snapshot.attribution or job.kind.base:
        return values_of_result(result, None)
    return values_of_question(job.kind.question, job.kind.model, job.kind.regions) if job.kind.maps else {}
