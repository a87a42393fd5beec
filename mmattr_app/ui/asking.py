"""How a model is asked, on the form: which one, its precision, its system prompt, and how it draws its words."""

from typing import Any

import gradio as gr

from mmattr_app.jobs import allowed_models
from mmattr_app.models import MODELS, PRECISIONS, memory
from mmattr_app.models.catalogue import SHIPPED
from mmattr_app.settings import settings
from mmattr_app.ui.wish import RANGES


def offered(*, any_model: bool) -> list[str]:
    """Name the models to choose from; strangers may not have this machine fetch gigabytes."""
    return [*(MODELS if any_model else SHIPPED), *allowed_models()]


def model_field() -> gr.Dropdown:
    """Make the list of models, as strangers see it."""
    return gr.Dropdown(offered(any_model=False), value="demo", label="Model", elem_id="model")


def models_here(*, any_model: bool) -> Any:
    """Write beside each model how large it is, and whether it fits into what is free now."""
    room, usual = memory.free(), memory.usual_precision()
    labelled = [
        (f"{name} ({memory.remark(MODELS[name], room, usual)})" if name in MODELS else name, name)
        for name in offered(any_model=any_model)
    ]
    info = "Or a Hugging Face id, a folder here, or vllm:http://HOST:8000#MODEL." if any_model else None
    return gr.update(choices=labelled, allow_custom_value=any_model, info=info)


def fields() -> dict[str, Any]:
    """Make the other fields."""
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
        "seed": gr.Number(0, label="Seed", precision=0, minimum=0, elem_id="seed", info="Of words and of masks."),
    }
