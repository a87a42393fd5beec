"""Handlers that start a job and show its progress: explain, find regions, sharpen and others; cancel and delete."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import gradio as gr
from anyio import to_thread

from mmattr_app import pipeline
from mmattr_app.domain import Attribution
from mmattr_app.errors import AppError
from mmattr_app.explorer import View
from mmattr_app.jobs import (
    CompareByHiding,
    CompareMethods,
    Explain,
    FindRegions,
    Job,
    JobQueue,
    Kind,
    Measure,
    Snapshot,
)
from mmattr_app.methods import METHODS
from mmattr_app.settings import METHOD
from mmattr_app.ui.chosen_words import contrast_job, explain_words_job, sharpen_job
from mmattr_app.ui.comparing import comparing_methods, comparison_view, offered
from mmattr_app.ui.connections import Connections
from mmattr_app.ui.form import HISTORY, models_here
from mmattr_app.ui.form_values import FURTHER, FormValues, event_value, question_of, read, values_of_form
from mmattr_app.ui.gallery import Item, show, thumbnail_of
from mmattr_app.ui.previews import regions_view
from mmattr_app.ui.region_choices import cut, cut_further, regions_for, regions_of
from mmattr_app.ui.session import Session, Shown
from mmattr_app.ui.trusting import comparing_job, measuring_job, priced, trust_view
from mmattr_app.ui.views import Message, file_links, job_view, message, preview_view, sharper, show_error, stored_view
from mmattr_app.ui.visitors import Followers, check_model, may_name_any_model, visitor

UNHEARD = 5.0  # seconds without an open stream of a tab, after which it gets no more updates

Updates: TypeAlias = AsyncGenerator[tuple[Message, Any], None]  # updates of the explorer and of the history


def explain_job(filled: FormValues, session: Session) -> Kind:
    """Make the job that explains what the form asks.

    If cutting is slow and the preview does not have the regions yet, the job finds them itself. A picture is needed
    only if its regions are players: a question to a model that reads text only has none.
    """
    if METHODS.get(filled.method, METHODS[METHOD]).scope == "selection":
        return explain_words_job(filled, session)
    question, plan = question_of(filled, session), filled.plan
    plays = pipeline.REGIONS in plan.players
    segmentation = cut(question.image, filled, session) if plays else None
    further = cut_further(filled, session, question.pictures)
    regions = regions_of(filled, session) if plays else ""
    text = filled.text.strip() or None
    kind = Explain(question, segmentation, plan, filled.named_model, text, regions, further)
    pipeline.check(question, kind.players, plan)
    return kind


def find_regions_job(filled: FormValues, session: Session) -> FindRegions:
    """Make the job that only finds regions."""
    return FindRegions(session.look_at(filled.files), regions_for("image", filled, session), filled.named_model)


@dataclass(frozen=True)
class Handlers:
    """Handlers of the page's events; `form` is the form's values in the order of `FormValues`, and the session last."""

    queue: JobQueue
    listens_locally: bool = False  # only this machine (or a proxy on it) can reach the page
    connections: Connections | None = None  # None: every tab counts as listening
    followers: Followers = field(default_factory=Followers)

    async def explain(self, request: gr.Request, *form: Any) -> Updates:
        """Start the job that the form asks for, or follow it if it runs already, and show its progress."""
        async for news in self._run(explain_job, request, form):
            yield news

    def select(self, event: gr.EventData, session: Session) -> None:
        """Remember which tokens of the answer are selected, for methods that explain chosen words."""
        session.selected = event_value(event, "tokens")

    async def contrast(self, request: gr.Request, event: gr.EventData, *form: Any) -> Updates:
        """Explain why the model said the selected words and not another text."""
        tokens, text = event_value(event, "tokens"), event_value(event, "text")
        async for news in self._run(lambda filled, session: contrast_job(tokens, text, filled, session), request, form):
            yield news

    async def find(self, request: gr.Request, *form: Any) -> Updates:
        """Find regions by a job, where cutting is slow; Explain uses them afterwards."""
        async for news in self._run(find_regions_job, request, form):
            yield news

    async def sharpen(self, request: gr.Request, event: gr.EventData, *form: Any) -> Updates:
        """Make a finer map of the selected words: cut the regions that matter to them into smaller ones."""
        tokens = event_value(event, "tokens")
        async for news in self._run(lambda _, session: sharpen_job(tokens, session), request, form):
            yield news

    def unsharpen(self, session: Session) -> Message:
        """Show again the map from before sharpening."""
        if len(session.shown) < 2:
            return gr.skip()  # pyright: ignore[reportReturnType]
        session.take_turn()
        session.shown.pop()
        try:
            return message(session.shown[-1].view)
        except AppError as error:
            show_error(error)
            return gr.skip()  # pyright: ignore[reportReturnType]

    async def measure(self, request: gr.Request, event: gr.EventData, *form: Any) -> Updates:
        """Measure how faithful the map of the selected words is."""
        tokens = event_value(event, "tokens")
        async for news in self._run(lambda _, session: measuring_job(tokens, session), request, form):
            yield news

    async def compare(self, request: gr.Request, event: gr.EventData, *form: Any) -> Updates:
        """Explain again with another occluder, and compare the maps of the selected words."""
        tokens = event_value(event, "tokens")
        async for news in self._run(lambda _, session: comparing_job(tokens, session), request, form):
            yield news

    async def set_side_by_side(self, request: gr.Request, event: gr.EventData, *form: Any) -> Updates:
        """Explain the selected words by several methods, and compare the maps."""
        tokens, names = event_value(event, "tokens"), event_value(event, "methods")
        any_model = self.may_name_any_model(request)
        async for news in self._run(
            lambda _, session: comparing_methods(tokens, names, session, any_model=any_model), request, form
        ):
            yield news

    def price(self, session: Session) -> Message:
        """Say what measuring and comparing with another occluder would cost, while a result is on show."""
        return self._with_prices(session, priced)

    def offer(self, request: gr.Request, session: Session) -> Message:
        """Say what can be compared and what it would cost, while a result is on show."""
        any_model = self.may_name_any_model(request)
        return self._with_prices(session, lambda *of: offered(*of, any_model=any_model))

    def _with_prices(self, session: Session, find: Callable[[Session, JobQueue], View]) -> Message:
        if not session.shown or session.previewing or (session.job and not session.job.snapshot.ended):
            return gr.skip()  # pyright: ignore[reportReturnType]
        try:
            return message(find(session, self.queue))
        except AppError:  # the result is not kept any more
            return gr.skip()  # pyright: ignore[reportReturnType]

    def cancel(self, session: Session) -> None:
        """Stop the job on show; the scores so far stay on show."""
        if session.job:
            session.job.cancel()

    def delete(self, session: Session) -> list[Any]:
        """Delete the pictures and the results of this tab, and empty the form and the explorer."""
        if session.job:  # some jobs are not in the history, such as one that measures
            self.queue.forget(session.job.id)
        session.leave()
        for asked in session.mine:
            self.queue.forget(asked.job)
        session.mine.clear()
        session.uploads.delete()
        session.forget()
        gr.Info("Your pictures and results are deleted.")
        pictures = [None for _ in ("image", *FURTHER)]
        return [*pictures, None, "", message(preview_view()), history_of(session)]

    def models(self, request: gr.Request) -> Any:
        """List the models that this visitor may choose, with their sizes, and whether they fit into memory."""
        return models_here(any_model=self.may_name_any_model(request))

    def listens(self, request: gr.Request) -> bool:
        """Say whether the tab or program that sent the request still listens to its events."""
        return self.connections is None or self.connections.is_listening(request.session_hash)

    def may_name_any_model(self, request: gr.Request) -> bool:
        """Say whether this visitor may name a model that is not in the list."""
        return may_name_any_model(request, listens_locally=self.listens_locally)

    async def _run(
        self, make: Callable[[FormValues, Session], Kind], request: gr.Request, form: Sequence[Any]
    ) -> Updates:
        filled, session = read(form)
        try:
            self.followers.check(visitor(request))
            job = await to_thread.run_sync(self._submit, make, filled, session, request)
        except AppError as error:
            show_error(error)
            yield gr.skip(), gr.skip()  # what is on show stays; yielding nothing would clear it
            return
        async for news in self.follow(job, session, request, filled):
            yield news

    def _submit(
        self, make: Callable[[FormValues, Session], Kind], filled: FormValues, session: Session, request: gr.Request
    ) -> Job:
        """Start a job and return it; if this tab already runs the same job, return that one."""
        wanted = make(filled, session)
        check_model(wanted.model, any_model=self.may_name_any_model(request))
        with session.submitting:  # two clicks may arrive at the same time
            job = session.job
            if job is None or job.snapshot.ended or not job.kind.same(wanted):
                if job:
                    job.cancel()
                session.job = job = self.queue.submit(wanted, session.id, visitor(request))
                session.note_job(job, filled.image or "")
                if wanted.base is None:  # a new answer, in which nothing is selected yet
                    session.selected = None
            session.previewing = False
            if wanted.maps:
                session.asked_with = values_of_form(filled, wanted.regions)
                session.regions_on_show = filled.image, wanted.regions
        return job

    async def follow(
        self, job: Job, session: Session, request: gr.Request, filled: FormValues | None = None
    ) -> Updates:
        """Yield an update at each change of a job, until it ends, the tab leaves it, or nobody listens."""
        turn, heard = session.take_turn(job), time.monotonic()
        seen, told = None, gr.skip()
        try:
            with self.followers.one(visitor(request)):
                async with aclosing(job.follow_async(pause=self.followers.pause)) as snapshots:
                    async for snapshot in snapshots:
                        if self.listens(request):
                            heard = time.monotonic()
                        if session.turn != turn or time.monotonic() - heard > UNHEARD:
                            return
                        if snapshot is not seen:
                            seen, told = snapshot, await to_thread.run_sync(self._show, job, snapshot, session, filled)
                        yield told, history_of(session) if snapshot.ended else gr.skip()
        except AppError as error:
            show_error(error)
            yield gr.skip(), gr.skip()

    def _show(self, job: Job, snapshot: Snapshot, session: Session, filled: FormValues | None) -> Message:
        """Store in the session what a job has found, and give the message that shows it."""
        session.note_answer(job)
        if filled and filled.image:
            session.keep_regions(job, filled.image)
        if snapshot.state == "failed":
            show_error(snapshot.says)
        return message(self._view(job, snapshot, session, filled))

    def _view(self, job: Job, snapshot: Snapshot, session: Session, filled: FormValues | None) -> View:
        """Make the view of a job as it is now, and store in the session what is on show."""
        kind, result = job.kind, snapshot.result
        if isinstance(kind, Measure | CompareByHiding | CompareMethods):
            session.shown = session.shown or [self._base(kind, kind.base)]  # after a reload the session is empty
            show = comparison_view if isinstance(kind, CompareMethods) else trust_view
            return show(job, snapshot, session, self.queue)
        if filled and snapshot.state == "done" and not kind.maps:
            return regions_view(self.queue, filled, session)
        view = job_view(job, snapshot, file_links(job.id, self.queue.store) if result else {})
        if not kind.base:
            session.shown = []
        elif snapshot.ended:
            session.shown = session.shown or [self._base(kind, kind.base)]  # after a reload the session is empty
            if why := _not_better(kind, kind.base, snapshot):
                self.queue.forget(job.id)
                session.mine = [asked for asked in session.mine if asked.job != job.id]
                tried = kind.tokens if result else ()
                return replace(session.shown[-1].view, says=f"The map stays as it was: {why}", sharpened=tried)
        if result:
            session.shown.append(self.shown(job.id, view, kind.model))
        return view

    def shown(self, job_id: str, view: View, model: str = "") -> Shown:
        """Describe a result on show for the session; the result itself stays in the store."""
        return Shown.of(lambda: self.queue.store.get(job_id), view, model)

    def _base(self, kind: Kind, base: Attribution) -> Shown:
        view = stored_view(base, kind.job, self.queue.store)
        if kind.job:
            return self.shown(kind.job, view, kind.model)
        return Shown.of(lambda: base, view, kind.model)  # an example, which stays in memory


def _not_better(kind: Kind, before: Attribution, end: Snapshot) -> str:
    """Say why the map before stays on show; empty if the new map is shown."""
    if end.result is None:
        return end.says
    if not kind.refines or sharper(before, end.result, kind.tokens):
        return ""
    return f"hidden alone, no smaller region says more for this ({end.says})."


def history_of(session: Session) -> Any:
    """List the earlier results of this tab."""
    items = [Item(asked.title, asked.answer or "", thumbnail_of(asked.file)) for asked in session.history()]
    return show(HISTORY, items)
