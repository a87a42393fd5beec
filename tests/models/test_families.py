"""One code path for every family: answer, log-probs, batches, brute force, and what docs/models.md says of it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mmattr_app.domain import Pixels, Question
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from tests.families import FAMILIES, TITLES
from tests.families.trying import PAGE, row
from tests.models.short import again, answer, scored, variants
from tests.oracles import forced_generation

ModelOf = Callable[[str], HuggingFaceModel]
# One of each way in which a picture reaches the words; what a precision does to a family follows from its way.
IN_LOW_PRECISION = [
    "llava",  # a picture of fixed size stands among the words
    "smolvlm",  # it is cut into tiles, and those that stay the same are spared
    "qwen3_vl",  # patches of any size, with positions in two directions and features added in deeper layers
    "mllama",  # the words look at it through layers of cross-attention
    "blip2_t5",  # queries sum it up, for an encoder and a decoder
    "blip",  # a small decoder that has no chat and is prompted with its first words
]


@pytest.mark.parametrize("family", FAMILIES)
def test_scoring_agrees_with_generation(family: str, model_of: ModelOf, question: Question) -> None:
    model = model_of(family)
    said = answer(model, question)
    np.testing.assert_allclose(scored(model, said, [question.image])[0], said.logprobs, atol=1e-4)
    assert (said.logprobs <= 0).all()
    assert len(said.tokens) == len(said.token_ids)
    assert said.cut_off == (len(said.token_ids) == 6)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_batch_scores_like_one_picture_at_a_time(family: str, model_of: ModelOf, question: Question) -> None:
    model = model_of(family)
    said, images = answer(model, question), variants(question.image)
    together = scored(model, said, images)
    apart = np.concatenate([scored(model, again(said), [image]) for image in images])
    np.testing.assert_allclose(together, apart, atol=1e-4)
    assert np.abs(together - together[0]).max() > 0.05, "the picture should matter"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_given_text_is_scored_instead(family: str, model_of: ModelOf, question: Question) -> None:
    model = model_of(family)
    said = answer(model, question, "A small green tree 🌳.")
    assert said.text == "A small green tree 🌳."
    assert not said.cut_off
    expected = forced_generation(model._model, model._processor, question.image, question.prompt, said.token_ids)
    np.testing.assert_allclose(said.logprobs, expected, atol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_input_gives_the_same_numbers(family: str, model_of: ModelOf, question: Question) -> None:
    model = model_of(family)
    first, second = answer(model, question), answer(model, question)
    assert first.token_ids == second.token_ids
    images = variants(question.image)
    np.testing.assert_array_equal(scored(model, first, images), scored(model, again(second), images))
    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize("family", IN_LOW_PRECISION)
def test_bfloat16_passes_its_own_check(family: str, folder_of: Callable[[str], Path], question: Question) -> None:
    model = load_huggingface(family, str(folder_of(family)), device="cpu", dtype="bfloat16")
    said = answer(model, question)
    assert said.precision == "bfloat16"
    assert said.logprobs.dtype == np.float32
    images = variants(question.image)[:3]
    alone = np.concatenate([scored(model, again(said), [image]) for image in images])
    np.testing.assert_array_equal(scored(model, said, images), alone)  # short batches are filled up


@pytest.mark.parametrize("family", FAMILIES)
def test_a_prompt_that_spells_control_tokens_is_text(family: str, model_of: ModelOf, picture: Pixels) -> None:
    prompt = "What do <image> <|image_pad|> </s> <fake_token_around_image> mean?"
    assert answer(model_of(family), Question((picture,), prompt, max_tokens=2)).tokens


@pytest.mark.parametrize("family", FAMILIES)
def test_forcing_the_answer_through_generation_gives_the_same_scores(
    family: str, model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(family)
    said, images = answer(model, question), variants(question.image)
    expected = scored(model, said, images)
    monkeypatch.setattr(model._scorer, "forced", True)
    np.testing.assert_allclose(scored(model, again(said), images), expected, atol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_page_on_models_says_what_trying_finds(family: str, model_of: ModelOf) -> None:
    assert row(family, model_of(family)) in PAGE.read_text(encoding="utf-8"), "run: python -m tests.families.trying"


def test_every_family_has_its_title() -> None:
    assert list(TITLES) == list(FAMILIES)
