"""What happens when something is asked: explain, find regions, sharpen; follow how it goes, cancel, delete."""

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
from mmattr_app.ui.chosen_words import contrasting, explaining_words, sharpening
from mmattr_app.ui.comparing import comparing_methods, comparison_view, offered
from mmattr_app.ui.connections import Connections
from mmattr_app.ui.form import HISTORY, models_here
from mmattr_app.ui.form_question import cut_further, question_of
from mmattr_app.ui.form_values import FURTHER, FormValues, event_value, read, values_of_form
from mmattr_app.ui.gallery import Item, show, thumbnail_of
from mmattr_app.ui.previews import regions_view
from mmattr_app.ui.region_choices import cut, regions_of
from mmattr_app.ui.session import Session, Shown
from mmattr_app.ui.trusting import comparing_job, measuring_job, priced, trust_view
from mmattr_app.ui.views import Message, file_links, job_view, message, preview_view, sharper, stored_view, tell
from mmattr_app.ui.visitors import Followers, check_model, may_name_any_model, visitor

UNHEARD = 5.0  # seconds after which a tab that does not listen is not told any more

Told: TypeAlias = AsyncGenerator[tuple[Message, Any], None]  # what goes to the explorer and to the history


def explaining(filled: FormValues, session: Session) -> Kind:
    """Ask for a run; regions that take their time and are not on the stage yet are found by the job itself.

    Where no regions play there may be no picture: a model that reads text only answers then.
    """
    if METHODS.get(filled.method, METHODS[METHOD]).scope == "selection":
        return explaining_words(filled, session)
    question, plan = question_of(filled, session), filled.plan
    plays = pipeline.REGIONS in plan.players
    segmentation = cut(question.image, filled, session) if plays else None
    further = cut_further(filled, session, question.pictures)
    regions = regions_of(filled, session) if plays else ""
    text = filled.text.strip() or None
    kind = Explain(question, segmentation, plan, filled.named_model, text, regions, further)
    pipeline.check(question, kind.players, plan)
    return kind


def cutting(filled: FormValues, session: Session) -> FindRegions:
    """Ask for regions alone."""
    return FindRegions(session.look_at(filled.image), regions_of(filled, session), filled.named_model)


@dataclass(frozen=True)
class Handlers:
    """The page's functions; those of the form take its values in the order of `FormValues`, and the session last."""

    queue: JobQueue
    listens_locally: bool = False  # nothing but this machine can reach the page, unless through a proxy on it
    connections: Connections | None = None  # None: whoever follows always listens
    followers: Followers = field(default_factory=Followers)

    async def explain(self, request: gr.Request, *form: Any) -> Told:
        """Submit what the form says, or follow what is running already, and show how it goes."""
        async for news in self._run(explaining, request, form):
            yield news

    def select(self, event: gr.EventData, session: Session) -> None:
        """Remember which words of the answer are selected, for methods that explain chosen words."""
        session.selected = event_value(event, "tokens")

    async def contrast(self, request: gr.Request, event: gr.EventData, *form: Any) -> Told:
        """Explain why the selected words were said and not another text."""
        tokens, text = event_value(event, "tokens"), event_value(event, "text")
        async for news in self._run(lambda filled, session: contrasting(tokens, text, filled, session), request, form):
            yield news

    async def find(self, request: gr.Request, *form: Any) -> Told:
        """Have regions found that take their time; what Explain is pressed for later needs no second search."""
        async for news in self._run(cutting, request, form):
            yield news

    async def sharpen(self, request: gr.Request, event: gr.EventData, *form: Any) -> Told:
        """Cut finer what the selected words rest on."""
        tokens = event_value(event, "tokens")
        async for news in self._run(lambda _, session: sharpening(tokens, session), request, form):
            yield news

    def unsharpen(self, session: Session) -> Message:
        """Show the map before."""
        if len(session.shown) < 2:
            return gr.skip()  # pyright: ignore[reportReturnType]
        session.take_turn()
        session.shown.pop()
        try:
            return message(session.shown[-1].view)
        except AppError as error:
            tell(error)
            return gr.skip()  # pyright: ignore[reportReturnType]

    async def measure(self, request: gr.Request, event: gr.EventData, *form: Any) -> Told:
        """Measure the map of the selected words."""
        tokens = event_value(event, "tokens")
        async for news in self._run(lambda _, session: measuring_job(tokens, session), request, form):
            yield news

    async def compare(self, request: gr.Request, event: gr.EventData, *form: Any) -> Told:
        """Explain again with another occluder, and compare the maps of the selected words."""
        tokens = event_value(event, "tokens")
        async for news in self._run(lambda _, session: comparing_job(tokens, session), request, form):
            yield news

    async def set_side_by_side(self, request: gr.Request, event: gr.EventData, *form: Any) -> Told:
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
        except AppError:  # it is not kept any more
            return gr.skip()  # pyright: ignore[reportReturnType]

    def cancel(self, session: Session) -> None:
        """Ask the job on show to stop."""
        if session.job:
            session.job.cancel()

    def delete(self, session: Session) -> list[Any]:
        """Keep nothing of what this tab brought and got."""
        if session.job:  # one that is not in the list, such as a measuring one
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
        """Offer what this visitor may name, and say beside each model whether it fits here."""
        return models_here(any_model=self.may_name_any_model(request))

    def listens(self, request: gr.Request) -> bool:
        """Say whether whoever asked still hears what they are told."""
        return self.connections is None or self.connections.is_listening(request.session_hash)

    def may_name_any_model(self, request: gr.Request) -> bool:
        """Say whether this visitor may name a model that is not in the list."""
        return may_name_any_model(request, listens_locally=self.listens_locally)

    async def _run(self, make: Callable[[FormValues, Session], Kind], request: gr.Request, form: Sequence[Any]) -> Told:
        filled, session = read(form)
        try:
            self.followers.check(visitor(request))
            job = await to_thread.run_sync(self._submit, make, filled, session, request)
        except AppError as error:
            tell(error)
            yield gr.skip(), gr.skip()  # what is on show stays; yielding nothing would clear it
            return
        async for news in self.follow(job, session, request, filled):
            yield news

    def _submit(
        self, make: Callable[[FormValues, Session], Kind], filled: FormValues, session: Session, request: gr.Request
    ) -> Job:
        """Start what is wanted; the very same again is the job that runs already."""
        wanted = make(filled, session)
        check_model(wanted.model, any_model=self.may_name_any_model(request))
        with session.submitting:  # clicks may arrive together
            job = session.job
            if job is None or job.snapshot.ended or not job.kind.same(wanted):
                if job:
                    job.cancel()
                session.job = job = self.queue.submit(wanted, session.id, visitor(request))
                session.note(job, filled.image or "")
                if wanted.base is None:  # another answer, of which nothing is selected yet
                    session.selected = None
            session.previewing = False
            if wanted.maps:
                regions = wanted.segmentation.made_by if wanted.segmentation else wanted.regions
                session.asked_with = values_of_form(filled, regions)
                session.regions_on_show = filled.image, wanted.regions or regions
        return job

    async def follow(self, job: Job, session: Session, request: gr.Request, filled: FormValues | None = None) -> Told:
        """Tell how a job stands until it ends, the tab turns to something else, or nobody listens."""
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
                            seen, told = snapshot, await to_thread.run_sync(self._tell, job, snapshot, session, filled)
                        yield told, history_of(session) if snapshot.ended else gr.skip()
        except AppError as error:
            tell(error)
            yield gr.skip(), gr.skip()

    def _tell(self, job: Job, snapshot: Snapshot, session: Session, filled: FormValues | None) -> Message:
        session.ended(job)
        if filled and filled.image:
            session.found(job, filled.image)
        if snapshot.state == "failed":
            tell(snapshot.says)
        return message(self._view(job, snapshot, session, filled))

    def _view(self, job: Job, snapshot: Snapshot, session: Session, filled: FormValues | None) -> View:
        """Show how a job stands, and remember what is on show."""
        kind, result = job.kind, snapshot.result
        if isinstance(kind, Measure | CompareByHiding | CompareMethods):
            session.shown = session.shown or [self._base(kind, kind.base)]  # the page was loaded again meanwhile
            show = comparison_view if isinstance(kind, CompareMethods) else trust_view
            return show(job, snapshot, session, self.queue)
        if filled and snapshot.state == "done" and not kind.maps:
            return regions_view(self.queue, filled, session)
        view = job_view(job, snapshot, file_links(job.id, self.queue.store) if result else {})
        if not kind.base:
            session.shown = []
        elif snapshot.ended:
            session.shown = session.shown or [self._base(kind, kind.base)]  # the page was loaded again meanwhile
            if why := _not_better(kind, kind.base, snapshot):
                self.queue.forget(job.id)
                session.mine = [asked for asked in session.mine if asked.job != job.id]
                tried = kind.tokens if result else ()
                return replace(session.shown[-1].view, says=f"The map stays as it was: {why}", sharpened=tried)
        if result:
            session.shown.append(self.shown(job.id, view, kind.model))
        return view

    def shown(self, job_id: str, view: View, model: str = "") -> Shown:
        """Keep how a result of the store is shown."""
        return Shown.of(lambda: self.queue.store.get(job_id), view, model)

    def _base(self, kind: Kind, base: Attribution) -> Shown:
        view = stored_view(base, kind.job, self.queue.store)
        if kind.job:
            return self.shown(kind.job, view, kind.model)
        return Shown.of(lambda: base, view, kind.model)  # an example's, which is in memory anyway


def _not_better(kind: Kind, before: Attribution, end: Snapshot) -> str:
    """Say why the map before stays on show, or nothing."""
    if end.result is None:
        return end.says
    if not kind.refines or sharper(before, end.result, kind.tokens):
        return ""
    return f"hidden alone, no smaller region says more for this ({end.says})."


def history_of(session: Session) -> Any:
    """List the earlier results of this tab."""
    items = [Item(asked.title, asked.answer or "", thumbnail_of(asked.file)) for asked in session.history()]
    return show(HISTORY, items)
