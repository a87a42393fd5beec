"""The models: those of a short catalogue, and any hub id, local folder or served model."""

from collections.abc import Callable
from typing import Any

from mmattr_app.contracts import Model
from mmattr_app.errors import AppError
from mmattr_app.models.catalogue import MODELS, PRECISIONS, QUESTIONS, model_of, split

__all__ = ["MODELS", "PRECISIONS", "QUESTIONS", "load", "model_of", "split", "wrap"]


def load(
    name: str, *, device: str = "auto", dtype: str = "auto", on_loading: Callable[[str], None] = lambda _: None
) -> Model:
    """Load a model of the catalogue, a hub id or a folder, or connect to a served one; `NAME@int4` sets the precision.

    `on_loading` gets the progress of a download, in words.
    """
    model, named = split(name)
    if named != "auto" and dtype not in ("auto", named):
        raise AppError(f"{name} asks for {named} and the precision is {dtype}; choose one of them.")
    precision = dtype if named == "auto" else named
    if model.startswith("vllm:"):
        from mmattr_app.models.vllm.model import connect  # noqa: PLC0415

        if (device, precision) != ("auto", "auto"):
            raise AppError(f"{model} runs elsewhere, where its device and precision were chosen; leave both at auto.")
        return connect(model)
    from mmattr_app.models.loading import load_transformers  # noqa: PLC0415  (torch takes seconds to import)

    source = MODELS[model].source if model in MODELS else model
    return load_transformers(model, source, device=device, dtype=precision, on_loading=on_loading)


def wrap(model: Any, processor: Any) -> Model:
    """Use a loaded transformers model with its processor (its tokenizer, if it reads text only)."""
    from mmattr_app.models.loading import wrap_transformers  # noqa: PLC0415

    return wrap_transformers(model, processor)
