"""The page: its parts, and which handler each event calls."""

from pathlib import Path
from typing import Any, TypeAlias

import gradio as gr
from starlette.middleware import Middleware

from mmattr_app.jobs import Desk
from mmattr_app.methods import METHODS
from mmattr_app.settings import settings
from mmattr_app.ui import asking
from mmattr_app.ui.downloads import Downloads
from mmattr_app.ui.examples import Example
from mmattr_app.ui.explorer import Explorer
from mmattr_app.ui.guard import Guard
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.health import routes
from mmattr_app.ui.picture import Picture
from mmattr_app.ui.session import Session
from mmattr_app.ui.theme import theme

HERE = Path(__file__).parent
CSS = HERE / "page.css"
SCRIPT, HEADER, FOOTER = ((HERE / name).read_text() for name in ("page.js", "header.html", "footer.html"))
Parts: TypeAlias = dict[str, Any]  # by name; Gradio's components have their events only at run time
TITLE = "mmattr: which part of the picture made the model say that word?"

METHOD = "surrogate"  # one small region hidden alone often changes nothing: what it shows is seen elsewhere, too
OCCLUDERS = ["mean", "white", "black", "blur", "noise", "#7f7f7f"]

# What a link names, or this tab showed last; kept for this tab alone, so that another tab does not come back to it.
LAST_JOB = """() => [new URLSearchParams(location.search).get('result')
    || sessionStorage.getItem('mmattr-job') || '']"""


def build(desk: Desk, examples: list[Example], *, any_model: bool = False) -> gr.Blocks:
    """Lay out the page and wire it; `any_model` lets people name a hub id or a folder, which only friends should."""
    handlers = Handlers(desk, examples, Downloads(desk.store), any_model)
    with gr.Blocks(title=TITLE, delete_cache=(600, 3600)) as page:
        gr.HTML(HEADER, elem_id="header", padding=False)
        session = gr.State(Session(examples[0].picture.name if examples else ""))
        last_job = gr.Textbox(visible=False, elem_id="last-job")
        with gr.Row(elem_id="bench"):
            with gr.Column(elem_id="form", min_width=280):
                form = _form(examples, any_model=any_model)
            with gr.Column(elem_id="stage", min_width=320):
                explorer = Explorer(elem_id="explorer")
        gr.HTML(FOOTER, elem_id="footer", padding=False)
        _wire(page, handlers, form=form, explorer=explorer, session=session, last_job=last_job)
    return page


def _form(examples: list[Example], *, any_model: bool) -> Parts:
    first = examples[0] if examples else None
    parts: Parts = {
        "image": Picture(
            str(first.picture) if first else None,
            type="filepath",
            label="Picture",
            sources=["upload", "clipboard", "webcam"],
            height=220,
            buttons=[],
            elem_id="image",
        ),
        "prompt": gr.Textbox(
            first.attribution.answer.question.prompt if first else "",
            label="Question",
            placeholder="What do you want to know about the picture?",
            lines=2,
            max_length=settings().max_prompt,
            elem_id="prompt",
        ),
    }
    with gr.Group(elem_id="regions"), gr.Row():
        parts["rows"] = gr.Slider(1, 24, 8, step=1, label="Rows", elem_id="rows", min_width=110, buttons=[])
        parts["columns"] = gr.Slider(1, 24, 8, step=1, label="Columns", elem_id="columns", min_width=110, buttons=[])
    choices = [(f"{name.capitalize()}", name) for name in METHODS]
    parts["method"] = gr.Dropdown(
        choices, value=METHOD, label="Method", info=METHODS[METHOD].says, elem_id="method", filterable=False
    )
    with gr.Accordion("Model, occluder, budget", open=False, elem_id="more"):
        parts |= _choices(any_model=any_model)
    parts["explain"] = gr.Button("Explain", variant="primary", size="lg", elem_id="explain")
    parts["cancel"] = gr.Button("Cancel", variant="secondary", size="lg", elem_id="cancel")
    if examples:
        parts["examples"] = gr.Dataset(
            components=[gr.Image(visible=False)],
            samples=[[str(example.picture)] for example in examples],
            label="Examples",
            type="index",
            layout="gallery",
            elem_id="examples",
        )
    parts["history"] = gr.Dataset(
        components=[gr.Textbox(visible=False)],
        samples=[],
        label="Earlier on this page",
        type="index",
        layout="table",
        visible=False,
        elem_id="history",
    )
    parts["delete"] = gr.Button("Delete my pictures and results now", variant="secondary", size="sm", elem_id="delete")
    return parts


def _choices(*, any_model: bool) -> Parts:
    return {
        "occluder": gr.Dropdown(
            OCCLUDERS,
            value="mean",
            label="Hide a region with",
            allow_custom_value=True,
            elem_id="occluder",
            info="A colour as #rrggbb works too.",
        ),
        "model": asking.model_field(any_model=any_model),
        "budget": gr.Number(
            0, label="Most masks", precision=0, minimum=0, elem_id="budget", info="0: the method's own default."
        ),
        "max_tokens": gr.Slider(
            1, 256, 64, step=1, label="Longest answer, in tokens", elem_id="max-tokens", buttons=[]
        ),
        "text": gr.Textbox(
            "", label="Explain this text instead", placeholder="Why not: a dog?", elem_id="text", max_length=2000
        ),
        **asking.fields(),
    }


def _wire(
    page: gr.Blocks,
    handlers: Handlers,
    *,
    form: Parts,
    explorer: Explorer,
    session: gr.State,
    last_job: gr.Textbox,
) -> None:
    asked = ("image", "prompt", "rows", "columns", "method", "occluder", "model", "budget", "max_tokens", "text")
    wish = [form[name] for name in (*asked, *asking.FIELDS)]
    quiet = {"show_progress": "hidden", "api_visibility": "private"}
    follows = {**quiet, "concurrency_limit": None, "trigger_mode": "multiple"}

    gr.on(
        [form["explain"].click, form["prompt"].submit],
        handlers.explain,
        [*wish, session],
        [explorer, form["history"]],
        **follows,
    )
    if handlers.any_model:  # after the page is there: counting free memory takes a while
        page.load(handlers.models, None, form["model"], show_progress="hidden", api_visibility="private")
    form["cancel"].click(handlers.cancel, session, None, queue=False, **quiet)
    page.load(handlers.come_back, [last_job, session], [explorer, form["history"]], js=LAST_JOB, **follows)
    cut = [form[name] for name in ("image", "rows", "columns", "model")]
    previews = {**quiet, "inputs": [*cut, session], "outputs": explorer, "trigger_mode": "always_last"}
    form["image"].change(handlers.picture, **previews)
    gr.on([form["rows"].release, form["columns"].release], handlers.preview, **previews)
    form["method"].change(lambda name: gr.update(info=METHODS[name].says), form["method"], form["method"], **quiet)
    form["delete"].click(handlers.delete, session, [form["image"], explorer, form["history"]], **quiet)
    shown = [form["image"], form["prompt"], explorer]
    form["history"].click(handlers.recall, [form["history"], session], shown, **quiet)
    if "examples" in form:
        form["examples"].click(handlers.example, [form["examples"], session], shown, **quiet)


def launch(page: gr.Blocks, desk: Desk, **where: Any) -> tuple[Any, str, str]:
    """Serve the page: nothing of it is loaded from elsewhere, and nothing is told to anybody."""
    port = where.pop("port")
    return page.launch(
        server_port=port,
        theme=theme(),
        css_paths=CSS,
        js=SCRIPT,
        allowed_paths=[str(desk.store.folder)],
        app_kwargs={"routes": routes(desk), "middleware": [Middleware(Guard)]},
        max_file_size=f"{settings().max_megabytes}mb",
        ssr_mode=False,
        run_history=False,
        footer_links=[],
        **where,
    )
