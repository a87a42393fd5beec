"""The models: a short catalogue, and any hub id, local folder or served model besides."""

from collections.abc import Callable
from typing import Any

from mmattr_app.contracts import Model
from mmattr_app.errors import AppError
from mmattr_app.models.catalogue import MODELS, PRECISIONS, QUESTIONS, split

__all__ = ["MODELS", "PRECISIONS", "QUESTIONS", "load", "split", "wrap"]


def load(
    name: str, *, device: str = "auto", dtype: str = "auto", says: Callable[[str], None] = lambda _: None
) -> Model:
    """Load a model of the catalogue, a hub id or a folder, or reach a served one; `NAME@int4` chooses a precision.

    `says` hears how far a download is.
    """
    model, wished = split(name)
    if wished != "auto" and dtype not in ("auto", wished):
        raise AppError(f"{name} asks for {wished} and the precision is {dtype}; choose one of them.")
    precision = dtype if wished == "auto" else wished
    if model.startswith("vllm:"):
        from mmattr_app.models.vllm.model import connect  # noqa: PLC0415

        if (device, precision) != ("auto", "auto"):
            raise AppError(f"{model} runs elsewhere, where its device and precision were chosen; leave both at auto.")
        return connect(model)
    from mmattr_app.models.loading import load_transformers  # noqa: PLC0415  (torch takes seconds to import)

    source = MODELS[model].source if model in MODELS else model
    return load_transformers(model, source, device=device, dtype=precision, says=says)


def wrap(model: Any, processor: Any) -> Model:
    """Take a model of transformers that is loaded already, with its processor, or its tokenizer if it reads text."""
    from mmattr_app.models.loading import wrap_transformers  # noqa: PLC0415

    return wrap_transformers(model, processor)
