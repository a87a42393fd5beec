"""Which of transformers' classes loads a model: one that looks at pictures, one that writes, or one that classifies."""

from typing import Any

from transformers import (
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
)

from mmattr_app.errors import AppError

WRITES_ON = ("ForCausalLM", "LMHeadModel")  # how the names of classes end that go on writing a text


def find_class(name: str, config: Any) -> Any:
    """Choose by the class that the weights were saved from, and by what the kind of configuration can be."""
    saved = (getattr(config, "architectures", None) or [""])[0]
    if saved.endswith("ForSequenceClassification"):
        return AutoModelForSequenceClassification
    brought = getattr(config, "auto_map", None) or {}
    if type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING or AutoModelForImageTextToText.__name__ in brought:
        return AutoModelForImageTextToText
    if type(config) in MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING:
        return AutoModelForSeq2SeqLM
    writes = saved.endswith(WRITES_ON) or not saved
    if (type(config) in MODEL_FOR_CAUSAL_LM_MAPPING and writes) or AutoModelForCausalLM.__name__ in brought:
        return AutoModelForCausalLM
    raise AppError(
        f"{name} ({config.model_type}) can neither answer nor classify; choose a vision-language model, a language "
        "model or a text classifier."
    )
