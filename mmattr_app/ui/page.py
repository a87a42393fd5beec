"""The page: its components, and which handler each event calls."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.routing import Route

from mmattr_app.jobs import JobQueue
from mmattr_app.settings import settings
from mmattr_app.ui.api import Api
from mmattr_app.ui.connections import Connections
from mmattr_app.ui.downloads import plotly_route, result_route
from mmattr_app.ui.examples import Example
from mmattr_app.ui.explorer import Explorer
from mmattr_app.ui.form import (
    CONTROLS,
    FOLDS,
    Parts,
    choose_usual_method,
    describe_method,
    describe_model,
    give_question,
    lay_out,
    show_controls,
)
from mmattr_app.ui.form_values import FURTHER, NAMES
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.health import routes
from mmattr_app.ui.lesson import Lesson, Teaching
from mmattr_app.ui.mcp_tools import serve_tools
from mmattr_app.ui.middleware import AgentLogin, Guard, LoginAttempts, LoginLimit, StreamCounter
from mmattr_app.ui.previews import Previews
from mmattr_app.ui.request_log import replace_gradio_tracebacks
from mmattr_app.ui.returning import Returning
from mmattr_app.ui.session import Session
from mmattr_app.ui.theme import theme
from mmattr_app.ui.uploads import protect_page_files
from mmattr_app.ui.visitors import Users, read_users

HERE = Path(__file__).parent
CSS = [HERE / "page.css", HERE / "embed.css"]
SCRIPT, HEADER = ((HERE / name).read_text() for name in ("page.js", "header.html"))
TITLE = "mmattr: which part of the picture made the model say that word?"
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}  # only the page may send these events
FOLLOWS: dict[str, Any] = {**QUIET, "concurrency_limit": None, "trigger_mode": "multiple"}  # lasts as long as a job
AT_ONCE = 8  # events of one kind, such as previews, that are handled at the same time
FEW_STATISTICS = {  # after every event Gradio sums up its last 10,000 events; nobody reads these sums here
    "GRADIO_ANALYTICS_MAX_EVENTS": "100",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000",
}

# The job that the link names, or else the last job of this tab. sessionStorage belongs to one tab, so that another tab
# does not open this job.
LAST_JOB = """() => {
  const linked = new URLSearchParams(location.search).get('result');
  try {
    return [linked || sessionStorage.getItem('mmattr-job') || ''];
  } catch { // the browser allows no storage
    return [''];
  }
}"""


class Page(gr.Blocks):
    """Gradio's page, with the list of open tabs (`connections`) and the calls for programs (`api`)."""

    api: Api

    def __init__(self, **settings: Any) -> None:
        """Take the settings of any `gr.Blocks`."""
        super().__init__(**settings)
        self.connections = Connections(self)


def build(queue: JobQueue, examples: list[Example], *, listens_locally: bool = False) -> Page:
    """Build the page and connect its events; `listens_locally` is true if only this machine can reach the page."""
    with Page(title=TITLE, delete_cache=(600, 3600)) as page:
        handlers = Handlers(queue, listens_locally, page.connections)
        gr.HTML(HEADER, elem_id="header", padding=False)
        session = gr.State(Session())
        last_job = gr.Textbox(visible=False, elem_id="last-job")
        with gr.Row(elem_id="bench"):
            with gr.Column(elem_id="form", min_width=280):
                lesson = Lesson(elem_id="lesson")
                form = lay_out(examples)
            with gr.Column(elem_id="stage", min_width=320):
                explorer = Explorer(elem_id="explorer")
        gr.HTML(footer(), elem_id="footer", padding=False)
        _wire(page, handlers, form=form, explorer=explorer, session=session)
        parts = {**form, "explorer": explorer, "session": session, "last job": last_job}
        returning = Returning(handlers, examples)
        _wire_returning(page, returning, parts)
        _wire_lesson(lesson, Teaching(returning), parts)
        _wire_previews(Previews(queue), form=form, explorer=explorer, session=session)
        page.api = Api(handlers)
        page.api.offer()
    protect_page_files(page.blocks.values())
    return page


def footer() -> str:
    """Write the foot of the page, which says how long a result is kept."""
    days, hours = divmod(settings().keep_hours, 24)
    time = _number(days, "a day", "days") if hours == 0 else _number(24 * days + hours, "an hour", "hours")
    return (HERE / "footer.html").read_text().replace("{time}", time)


def _number(count: int, one: str, many: str) -> str:
    return one if count == 1 else f"{count} {many}"


def _wire(page: gr.Blocks, handlers: Handlers, *, form: Parts, explorer: Any, session: gr.State) -> None:
    filled = [*(form[name] for name in NAMES), session]
    shown = [explorer, form["history"]]
    gr.on([form["explain"].click, form["prompt"].submit], handlers.explain, filled, shown, **FOLLOWS)
    form["find"].click(handlers.find, filled, shown, **FOLLOWS)
    page.load(handlers.models, None, form["model"], **QUIET)  # afterwards, since counting free memory takes a while
    explorer.sharpen(handlers.sharpen, filled, shown, **FOLLOWS)
    explorer.measure(handlers.measure, filled, shown, **FOLLOWS)
    explorer.compare(handlers.compare, filled, shown, **FOLLOWS)
    explorer.price(handlers.price, session, explorer, queue=False, **QUIET)
    explorer.compare_methods(handlers.set_side_by_side, filled, shown, **FOLLOWS)
    explorer.offer(handlers.offer, session, explorer, queue=False, **QUIET)
    explorer.stop(handlers.cancel, session, None, queue=False, **QUIET)
    explorer.contrast(handlers.contrast, filled, shown, **FOLLOWS)
    explorer.select(handlers.select, session, None, queue=False, **{**QUIET, "trigger_mode": "multiple"})
    explorer.unsharpen(handlers.unsharpen, session, explorer, queue=False, **QUIET)
    advised = explorer.advise(choose_usual_method, None, [form["method"]], queue=False, **QUIET)
    advised.then(handlers.explain, filled, shown, **FOLLOWS)
    form["cancel"].click(handlers.cancel, session, None, queue=False, **QUIET)
    form["method"].change(describe_method, form["method"], form["method"], **QUIET)
    form["model"].change(describe_model, form["model"], [form["model"], form["questions"]], **QUIET)
    form["questions"].choose(give_question, form["model"], form["prompt"], queue=False, **QUIET)
    gone = [*(form[name] for name in ("image", *FURTHER, "file", "document")), explorer, form["history"]]
    form["delete"].click(handlers.delete, session, gone, **QUIET)


def _wire_returning(page: gr.Blocks, returning: Returning, parts: Parts) -> None:
    session, shown = parts["session"], [parts["explorer"], *(parts[name] for name in (*NAMES, *FOLDS))]
    followed = [parts["explorer"], parts["history"], *shown[1:]]
    page.load(returning.come_back, [parts["last job"], session], followed, js=LAST_JOB, **FOLLOWS)
    parts["explorer"].back(returning.back, session, followed, **FOLLOWS)
    parts["history"].choose(returning.recall, session, shown, **QUIET)
    parts["examples"].choose(returning.example, session, shown, **QUIET)


def _wire_lesson(lesson: Any, teaching: Teaching, parts: Parts) -> None:
    fields = [parts[name] for name in NAMES]
    shown = [parts["explorer"], parts["history"], *fields, *(parts[name] for name in FOLDS)]
    lesson.set_up(teaching.set_up, [*fields, parts["session"]], shown, **FOLLOWS)
    lesson.check(teaching.check, parts["session"], lesson, **QUIET)


def _wire_previews(previews: Previews, *, form: Parts, explorer: Any, session: gr.State) -> None:
    shows = {**QUIET, "inputs": [*(form[name] for name in NAMES), session], "outputs": explorer}
    image, pictured = form["image"], [explorer, form["text"], form["image"]]
    image.input(previews.picture, **{**shows, "outputs": pictured}, trigger_mode="always_last")  # not by the app
    image.clear(previews.no_picture, session, pictured[:2], **QUIET)
    moved = [form["choice"].input, form["file"].change]
    moved += [form[name].release for name in ("rows", "columns", "detail")]
    gr.on(moved, previews.preview, **shows, trigger_mode="always_last")
    done_by_hand = {
        **shows,
        "queue": False,
        "trigger_mode": "multiple",
    }  # other modes may send the data of an older event again
    explorer.draw(previews.draw, **done_by_hand)
    explorer.edit(previews.edit, **done_by_hand)
    explorer.recut(previews.recut, **done_by_hand)
    counted = ("method", "budget", "measure", "players", "model", "precision", "document", "hide_text", *FURTHER)
    costs = [*(form[name].input for name in counted), *(form[name].clear for name in FURTHER)]
    gr.on(costs, previews.recount, **shows, trigger_mode="always_last")
    controls = [form["choice"], *(form[name] for name in CONTROLS)]
    form["choice"].change(show_controls, form["choice"], controls, queue=False, **QUIET)


def launch(page: Page, queue: JobQueue, more: Sequence[Route] = (), **where: Any) -> tuple[Any, str, str]:
    """Start the server of the page and of the `more` routes; return what Gradio's `launch` returns.

    The page loads nothing from the internet, and no statistics are sent.
    """
    port = where.pop("port")
    replace_gradio_tracebacks()
    users = read_users()
    os.environ.update(FEW_STATISTICS)
    page.queue(default_concurrency_limit=AT_ONCE)
    launched = page.launch(
        server_port=port,
        theme=theme(),
        css_paths=CSS,
        js=SCRIPT,
        app_kwargs=_requests(page, queue, users, more),
        auth=users,
        auth_message="Whoever runs this page gives you a name and a password.",
        max_file_size=f"{settings().max_megabytes}mb",
        ssr_mode=False,
        state_session_capacity=2 * settings().max_followers,
        max_threads=settings().max_followers + 40,  # one for each tab that follows a job; others for all other events
        run_history=False,
        footer_links=[],
        mcp_server=settings().mcp == 1,
        **where,
    )
    if settings().mcp:
        serve_tools(page, page.api)
    return launched


def _requests(page: Page, queue: JobQueue, users: Users | None, more: Sequence[Route]) -> dict[str, Any]:
    """List the routes beside Gradio's, and what looks at each request before it, the outermost first."""
    with_metrics, tries = users is None or settings().open_metrics == 1, LoginAttempts()
    agents = [Middleware(AgentLogin, tries, users)] if users and settings().mcp else []
    looks = [Middleware(LoginLimit, tries), *agents, Middleware(Guard), Middleware(StreamCounter, page.connections)]
    ours = [*routes(queue, with_metrics=with_metrics), result_route(queue.store), plotly_route(), *more]
    return {"routes": ours, "middleware": looks}
