"""The form at the left of the page: picture, question, regions, method, model and its settings, and the buttons."""

from typing import Any, TypeAlias

import gradio as gr

from mmattr_app.methods import METHODS
from mmattr_app.metrics import METRICS
from mmattr_app.models import MODELS, PRECISIONS, QUESTIONS, memory
from mmattr_app.settings import METHOD, REGIONS, settings
from mmattr_app.ui.examples import Example
from mmattr_app.ui.file_inputs import Picture, Upload
from mmattr_app.ui.form_values import FURTHER, HIDE_TEXT, RANGES, TEXT, Refused, chosen, event_value
from mmattr_app.ui.gallery import Gallery, Item, show, thumbnail
from mmattr_app.ui.region_choices import choices
from mmattr_app.ui.visitors import offered

# Components by name. `Any`, since a type checker does not see the events of Gradio's components.
Parts: TypeAlias = dict[str, Any]

CHOICE = "grid"
CONTROLS = ("even", "detail", "file", "find")  # of regions; only those of the chosen way to cut are shown
ANY_MODEL = "A Hugging Face id, a folder here, or vllm:http://HOST:8000#MODEL."
HISTORY = "Earlier on this page"
CELLS = int(REGIONS.rpartition("x")[2])
PLAYERS = [
    ("Regions of the picture", "regions"),
    ("Words of the question", "words"),
    ("The answer's own words", "answer"),
]
FOLDS = ("with_text", "with_pictures")  # accordions that stay closed while they are empty
FURTHER_SAYS = (
    "For models that take several pictures. They are cut like the first one. You can draw on each; one without a "
    "drawing or masks of yours is cut into a grid."
)
OCCLUDERS = ["mean", "white", "black", "blur", "noise", "#7f7f7f"]


def model_field() -> gr.Dropdown:
    """Make the list of models that any visitor may choose."""
    return gr.Dropdown(
        offered(any_model=False), value="demo", label="Model", info=MODELS["demo"].summary, elem_id="model"
    )


def offers(model: str, *, any_model: bool) -> bool:
    """Say whether the list has this model, or the visitor may name any model."""
    return any_model or model in offered(any_model=False)


def models_here(*, any_model: bool) -> Any:
    """Update the list of models: beside each name its size, and whether it fits into the memory that is free now."""
    room, usual = memory.free(), memory.usual_precision()
    labelled = [
        (f"{name} ({memory.remark(MODELS[name], room, usual)})" if name in MODELS else name, name)
        for name in offered(any_model=any_model)
    ]
    return gr.update(choices=labelled, allow_custom_value=any_model)


def fields() -> dict[str, Any]:
    """Make the other fields that a model is asked with: precision, system prompt and sampling."""
    return {
        "precision": gr.Dropdown(
            list(PRECISIONS), value="auto", label="Precision", elem_id="precision", info="int8 and int4 save memory."
        ),
        "system": gr.Textbox(
            "", label="System prompt", lines=2, max_length=settings().max_prompt, elem_id="system", placeholder="None"
        ),
        "temperature": gr.Slider(
            *RANGES["temperature"],
            0,
            step=0.1,
            label="Temperature",
            elem_id="temperature",
            buttons=[],
            info="0: the likeliest word.",
        ),
        "top_p": gr.Slider(*RANGES["top_p"], 1, step=0.05, label="Top-p", elem_id="top-p", buttons=[]),
        "seed": gr.Number(
            0,
            label="Seed",
            precision=0,
            minimum=0,
            elem_id="seed",
            info="For words and masks that are drawn at random.",
        ),
    }


def lay_out(examples: list[Example]) -> Parts:
    """Lay out the form: what most people need at the top, all else below; the first example is filled in."""
    with gr.Column(elem_id="ask"):
        parts = _ask(examples)
    with gr.Column(elem_id="settings"):
        with gr.Group(elem_id="regions"):
            parts |= _regions()
        methods = [(name.capitalize().replace("-", " "), name) for name in METHODS]
        parts["method"] = gr.Dropdown(
            methods, value=METHOD, label="Method", info=METHODS[METHOD].summary, elem_id="method", filterable=False
        )
        parts["players"] = gr.CheckboxGroup(
            PLAYERS,
            value=["regions"],
            label="Hide",
            elem_id="players",
            info="Tick words too, to see how much comes from the picture.",
        )
        parts |= _text()
        parts |= _further()
        with gr.Accordion("More settings", open=False, elem_id="more"):
            parts |= _more()
        parts["history"] = Gallery(show(HISTORY, []), elem_id="history")
        parts["delete"] = gr.Button("Delete my pictures and results", variant="secondary", size="sm", elem_id="delete")
    return parts


def _ask(examples: list[Example]) -> Parts:
    first = examples[0] if examples else None
    parts: Parts = {
        "image": Picture(
            str(first.picture) if first else None,
            type="filepath",
            label="Picture",
            sources=["upload", "clipboard", "webcam"],
            height=None,
            buttons=[],
            elem_id="image",
        ),
        "examples": Gallery(show("Examples", _items(examples)), elem_id="examples"),
        "prompt": gr.Textbox(
            first.attribution.answer.question.prompt if first else "",
            label="Question",
            placeholder="What do you want to know about the picture?",
            lines=1,
            max_lines=6,
            max_length=settings().max_prompt,
            elem_id="prompt",
        ),
        "questions": Gallery(questions("demo"), elem_id="questions"),
        "model": model_field(),
    }
    parts["explain"] = gr.Button("Explain", variant="primary", size="lg", elem_id="explain")
    parts["cancel"] = gr.Button("Cancel", variant="secondary", size="lg", elem_id="cancel")
    return parts


def _items(examples: list[Example]) -> list[Item]:
    questions = (example.attribution.answer.question for example in examples)
    return [Item(question.prompt, "", thumbnail(question.image)) for question in questions]


def questions(model: str) -> Any:
    """List questions that a model answers well."""
    return show("Questions to try", [Item(asked) for asked in _questions_for(model)])


def _questions_for(model: Any) -> tuple[str, ...]:
    card = MODELS.get(model) if isinstance(model, str) else None
    return (card.asks if card else ()) or QUESTIONS


def describe_model(name: Any) -> list[Any]:
    """Update the line that explains the chosen model, and the questions that it answers well."""
    if not isinstance(name, str):
        raise Refused("Model is not text; reload the page and choose it again.")
    about = MODELS[name].summary if name in MODELS else ANY_MODEL
    return [gr.update(info=about), questions(name)]


def give_question(event: gr.EventData, name: Any) -> str:
    """Give the question that was clicked in the list, which Gradio writes into the box."""
    return chosen(_questions_for(name), event_value(event, "number"))


def _regions() -> Parts:
    offered = choices()
    labels = [(choice.label, name) for name, choice in offered.items()]
    parts: Parts = {
        "choice": gr.Radio(labels, value=CHOICE, label="Regions", info=offered[CHOICE].summary, elem_id="choice")
    }
    with gr.Row() as parts["even"]:
        for name in ("rows", "columns"):
            parts[name] = gr.Slider(
                *RANGES[name], CELLS, step=1, label=name.capitalize(), elem_id=name, min_width=110, buttons=[]
            )
    parts["find"] = gr.Button("Find regions", variant="secondary", elem_id="find", visible=False)
    parts["detail"] = gr.Slider(
        *RANGES["detail"], 48, step=1, label="Regions, at most", elem_id="detail", buttons=[], visible=False
    )
    parts["file"] = Upload(
        label="Masks", file_types=[".png", ".npy", ".npz"], height=104, buttons=[], elem_id="masks", visible=False
    )
    return parts


def show_controls(name: str) -> list[Any]:
    """Update the form for a way to cut: one line that explains it, and only the controls that belong to it."""
    choice = choices().get(name)
    if choice is None:
        raise Refused("There is no such way to cut; reload the page.")
    shown = (gr.update(visible=control in choice.controls) for control in CONTROLS)
    return [gr.update(info=choice.summary), *shown]


def describe_method(name: str) -> Any:
    """Update the line that explains the chosen method."""
    if not isinstance(name, str) or name not in METHODS:
        raise Refused("There is no such method; reload the page.")
    return gr.update(info=METHODS[name].summary)


def choose_usual_method() -> Any:
    """Choose the usual method: it hides large parts, and so finds what hiding a single region does not show."""
    return gr.update(value=METHOD)


def _text() -> Parts:
    """Lay out a closed accordion for what few questions have: a text to read."""
    with gr.Accordion("Add a text to read", open=False, elem_id="with-text") as text:
        parts: Parts = {
            "document": gr.Textbox(
                "",
                label="Text",
                info="The model reads it before the question. The demo model was not taught to read texts.",
                placeholder="Paste a text here.",
                lines=4,
                max_lines=12,
                max_length=settings().max_document,
                elem_id="document",
            ),
            "hide_text": gr.Radio(
                [(name.capitalize(), name) for name in HIDE_TEXT],
                value=HIDE_TEXT[0],
                label="Hide in this text",
                elem_id="hide-text",
            ),
        }
    return {**parts, "with_text": text}


def _further() -> Parts:
    """Lay out a closed accordion for further pictures."""
    parts: Parts = {}
    with gr.Accordion("Add pictures", open=False, elem_id="with-pictures") as pictures:
        gr.Markdown(FURTHER_SAYS)
        with gr.Row():
            for name in FURTHER:
                parts[name] = Picture(
                    None,
                    type="filepath",
                    label=f"{name.capitalize()} picture",
                    sources=["upload", "clipboard"],
                    height=None,
                    buttons=[],
                    min_width=80,
                    elem_id=name,
                )
    return {**parts, "with_pictures": pictures}


def _more() -> Parts:
    return {
        "occluder": gr.Dropdown(
            OCCLUDERS,
            value="mean",
            label="Hide a region with",
            allow_custom_value=True,
            elem_id="occluder",
            info="A colour as #rrggbb works too.",
        ),
        "measure": gr.CheckboxGroup(
            [(name.capitalize(), name) for name in METRICS],
            label="Measure the map",
            elem_id="measure",
            info="Each needs some more masks, which count towards the number below.",
        ),
        "budget": gr.Number(
            0, label="Most masks", precision=0, minimum=0, elem_id="budget", info="0: the method's own default."
        ),
        "max_tokens": gr.Slider(
            *RANGES["max_tokens"], 64, step=1, label="Longest answer, in tokens", elem_id="max-tokens", buttons=[]
        ),
        "text": gr.Textbox(
            "", label="Explain this text instead", placeholder="Why not: a dog?", elem_id="text", max_length=TEXT
        ),
        **fields(),
    }
