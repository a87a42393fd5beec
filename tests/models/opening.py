"""Slow, independent readings of an open model: through the processor's own settings, with every layer kept at once."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from mmattr_app.domain import Answer, Pixels, Question
from mmattr_app.models.huggingface import HuggingFaceModel


def inputs_of(model: HuggingFaceModel, said: Answer) -> dict[str, Any]:
    """Encode prompt and answer by hand."""
    inputs = model._encode(said.question)
    ids = torch.tensor([said.token_ids])
    answers = {"attention_mask": 1, "mm_token_type_ids": 0, "token_type_ids": int(model.name == "paligemma")}
    for name, kind in answers.items():
        if name in inputs:
            inputs[name] = torch.cat([inputs[name], torch.full_like(ids, kind)], dim=1)
    return inputs | {"input_ids": torch.cat([inputs["input_ids"], ids], dim=1)}


def logprobs_of(model: HuggingFaceModel, said: Answer, inputs: dict[str, Any]) -> Tensor:
    """Read the answer: log-probs [batch, tokens]."""
    logits = model._model(**inputs, use_cache=False).logits[:, -len(said.token_ids) - 1 : -1]
    ids = torch.tensor([said.token_ids]).expand(len(logits), -1)
    return logits.log_softmax(-1).gather(-1, ids[..., None])[..., 0]


def from_pixels(model: HuggingFaceModel, image: Pixels, pixels: Tensor) -> Tensor:
    """Make the model's image inputs from a tensor [3, height, width], by the settings that its processor passes on."""
    return from_pictures(model, Question((image,), "What?"), [pixels])


def from_pictures(model: HuggingFaceModel, question: Question, pictures: Sequence[Tensor]) -> Tensor:
    """Do the same for several pictures."""
    images = model._processor.image_processor
    calls: list[dict[str, Any]] = []
    honest = type(images).__call__

    def listen(self: Any, *given: Any, **settings: Any) -> Any:
        calls.append(settings)
        return honest(self, *given, **settings)

    type(images).__call__ = listen
    try:
        model._encode(question)
    finally:
        type(images).__call__ = honest
    settings = {name: value for name, value in calls[0].items() if name not in ("images", "text")}
    several = list(pictures)
    return images([several] if len(several) > 1 else several, **settings)["pixel_values"]


def language_model(model: HuggingFaceModel) -> Any:
    """Find the language model in any family with a patch grid."""
    parts = dict(model._model.base_model.named_children())
    return parts.get("language_model") or parts["text_model"]
