"""Find the transformers class that loads a model: image-text-to-text, causal, encoder-decoder or classifier."""

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

CAUSAL = ("ForCausalLM", "LMHeadModel")  # endings of the names of causal language models


def find_class(name: str, config: Any) -> Any:
    """Choose by the class that the weights were saved from, and by the classes that fit the configuration."""
    saved = (getattr(config, "architectures", None) or [""])[0]
    if saved.endswith("ForSequenceClassification"):
        return AutoModelForSequenceClassification
    own_code = getattr(config, "auto_map", None) or {}  # classes that come with the model
    if type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING or AutoModelForImageTextToText.__name__ in own_code:
        return AutoModelForImageTextToText
    if type(config) in MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING:
        return AutoModelForSeq2SeqLM
    causal = saved.endswith(CAUSAL) or not saved
    if (type(config) in MODEL_FOR_CAUSAL_LM_MAPPING and causal) or AutoModelForCausalLM.__name__ in own_code:
        return AutoModelForCausalLM
    raise AppError(
        f"{name} ({config.model_type}) can neither answer nor classify; choose a vision-language model, a language "
        "model or a text classifier."
    )
