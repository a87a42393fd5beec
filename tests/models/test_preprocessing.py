"""How a question reaches a model: system prompts, picture tokens, and what a processor refuses."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.preprocessing import encode
from tests.models.short import answer, scored

ModelOf = Callable[[str], HuggingFaceModel]


def read(model: HuggingFaceModel, question: Question) -> str:
    """Give the prompt as the model reads it."""
    return model._tokenizer.decode(encode(model._processor, question, [question.image])["input_ids"][0])


def test_a_system_prompt_stands_before_the_question(model_of: ModelOf, picture: Pixels) -> None:
    text = read(model_of("llava"), Question((picture,), "What is it?", system="Be brief."))
    assert text.startswith("system: Be brief.user: <image>")


def test_a_family_without_a_chat_refuses_a_system_prompt(model_of: ModelOf, picture: Pixels) -> None:
    with pytest.raises(AppError, match="has no chat and reads no system prompt; leave it empty"):
        answer(model_of("blip2_opt"), Question((picture,), "What is it?", system="Be brief."))


def test_a_template_that_knows_no_system_role_ends_in_a_sentence(
    model_of: ModelOf, picture: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("llava")
    strict = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('No system role') }}{% endif %}<image>"
    monkeypatch.setattr(model._processor, "chat_template", strict)
    with pytest.raises(AppError, match="refuses this question: No system role"):
        answer(model, Question((picture,), "What is it?", system="Be brief."))


def test_a_model_that_lost_its_template_still_sees_its_picture(
    model_of: ModelOf, picture: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("llava")
    monkeypatch.setattr(model._processor, "chat_template", None)
    said = answer(model, Question((picture,), "What is it?", max_tokens=3))
    scores = scored(model, said, [picture, np.zeros_like(picture)])
    assert np.abs(scores[0] - scores[1]).max() > 0.05


@pytest.mark.parametrize("family", ["llava", "qwen3_vl", "gemma3", "paligemma", "blip2_t5"])
def test_a_spelled_picture_token_reads_the_same_and_counts_for_nothing(
    family: str, model_of: ModelOf, picture: Pixels
) -> None:
    model: Any = model_of(family)
    mark = model._processor.image_token
    ids = {
        prompt: encode(model._processor, Question((picture,), prompt), [picture])["input_ids"][0].tolist()
        for prompt in ("Why?", f"Why {mark}?")
    }
    number = model._tokenizer.convert_tokens_to_ids(str(mark))
    assert len({row.count(number) for row in ids.values()}) == 1
