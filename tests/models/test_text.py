"""Models that read text only answer, and score as a loop that edits the text by hand; classifiers give a label."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.models import load
from mmattr_app.models.classifier import TextClassifier
from mmattr_app.models.huggingface import HuggingFaceModel
from tests.families import TEXT_ONLY
from tests.models.short import again, answer

FolderOf = Callable[[str], Path]
WRITERS = [name for name in TEXT_ONLY if name != "bert"]
ASKED = Question((), "What is in the picture?", document="A red car stands. Next to a house.", max_tokens=4)
OTHERS = [
    ASKED,
    replace(ASKED, prompt="What in the picture?"),
    replace(ASKED, document="A red car stands."),
    replace(ASKED, prompt="", document=""),
    replace(ASKED, prompt="What is in the _ picture?"),
]


def write(model: Any, question: Question) -> dict[str, torch.Tensor]:
    """Write the prompt out and let the tokenizer read it."""
    text = question.text
    if model._tokenizer.chat_template:
        text = f"user: {text}\nassistant: "
    encoded = dict(model._tokenizer(text, return_tensors="pt"))
    return encoded if encoded["input_ids"].numel() else {"input_ids": torch.tensor([[1]])}  # where texts begin


def by_hand(model: HuggingFaceModel, question: Question, ids: tuple[int, ...]) -> list[float]:
    """Read each token off a forward of its own; hidden ones are not among those before it."""
    inputs, rows = write(model, question), list[float]()
    encodes = model._model.config.is_encoder_decoder
    for place, token in enumerate(ids):
        before = [[said for at, said in enumerate(ids[:place]) if at not in question.said_hidden]]
        if encodes:
            begun = torch.tensor([[0, *before[0]]])
            logits = model._model(**inputs, decoder_input_ids=begun).logits
        else:
            read = torch.cat([inputs["input_ids"], torch.tensor(before, dtype=torch.long).view(1, -1)], dim=1)
            logits = model._model(input_ids=read).logits
        rows.append(float(logits[0, -1].log_softmax(-1)[token].detach()))
    return rows


@pytest.mark.parametrize("family", WRITERS)
def test_other_texts_score_as_a_loop_that_edits_them_by_hand(family: str, folder_of: FolderOf) -> None:
    model = load(str(folder_of(family)))
    assert isinstance(model, HuggingFaceModel)
    said = answer(model, ASKED)
    asked = [*OTHERS, *(replace(other, said_hidden=(0, 2)) for other in OTHERS if len(said.tokens) > 2)]
    expected = [by_hand(model, other, said.token_ids) for other in asked]
    np.testing.assert_allclose(model.score(said, asked), expected, atol=1e-4)
    np.testing.assert_allclose(said.logprobs, expected[0], atol=1e-4)
    assert np.ptp(np.array(expected), axis=0).max() > 0.05, "the words should matter"
    alone = np.concatenate([model.score(again(said), [other]) for other in asked])
    np.testing.assert_allclose(alone, expected, atol=1e-4)


def test_a_classifiers_answer_is_its_label(folder_of: FolderOf) -> None:
    model = load(str(folder_of("bert")))
    assert isinstance(model, TextClassifier)
    said = answer(model, ASKED)
    with torch.no_grad():
        expected = [model._model(**write(model, other)).logits[0].log_softmax(-1).numpy() for other in OTHERS]
    label = int(expected[0].argmax())
    assert (said.token_ids, said.text) == ((label,), ["negative", "neutral", "positive"][label])
    np.testing.assert_allclose(model.score(said, OTHERS)[:, 0], [row[label] for row in expected], atol=1e-5)
    given = answer(model, ASKED, "Positive")
    np.testing.assert_allclose(given.logprobs, expected[0][[2]], atol=1e-5)
    np.testing.assert_allclose(model.score(given, OTHERS)[:, 0], [row[2] for row in expected], atol=1e-5)


@pytest.mark.parametrize(
    ("family", "question", "text", "sentence"),
    [
        ("bert", ASKED, "green", "has no label 'green'; use one of negative, neutral, positive"),
        ("bert", replace(ASKED, system="Be brief."), None, "classifies a text; leave picture and system prompt out"),
        ("bert", replace(ASKED, document="a b c d e " * 40), None, r"about \d+ of the document's 200 words fit, so"),
        (
            "gpt2",
            replace(ASKED, document="a b c d e " * 90),
            None,
            r"can read only 256; about \d+ of the document's 450",
        ),
        ("gpt2", replace(ASKED, prompt="word " * 400), None, "can read only 256; shorten the prompt or the answer"),
        ("gpt2", replace(ASKED, system="Be brief."), None, "has no chat and reads no system prompt"),
    ],
)
def test_what_a_text_model_cannot_do_is_one_sentence(
    family: str, question: Question, text: str | None, sentence: str, folder_of: FolderOf
) -> None:
    with pytest.raises(AppError, match=sentence):
        answer(load(str(folder_of(family))), question, text)


def test_pictures_go_to_models_that_look_at_them_only(folder_of: FolderOf, picture: Pixels) -> None:
    text = load(str(folder_of("llama")))
    with pytest.raises(AppError, match="reads text only; leave the picture out"):
        answer(text, replace(ASKED, pictures=(picture,)))
    looks = load(str(folder_of("llava")))
    with pytest.raises(AppError, match="looks at pictures; give one, or choose a model that reads text only"):
        answer(looks, ASKED)
