"""One code path for every family: the answer, its log-probs, batches, determinism, and what is refused."""

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch

from mmattr_app.domain import Answer, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from tests.families import FAMILIES
from tests.oracles import forced_generation

ModelOf = Callable[[str], HuggingFaceModel]


def answer(model: HuggingFaceModel, question: Question, text: str | None = None) -> Answer:
    *_, last = model.answer(question, text)
    assert isinstance(last, Answer)
    return last


def variants(picture: Pixels) -> list[Pixels]:
    return [picture, 255 - picture, picture[::-1].copy(), np.zeros_like(picture), picture // 2]


@pytest.mark.parametrize("family", FAMILIES)
def test_scoring_agrees_with_generation(family: str, model_of: ModelOf, question: Question) -> None:
    model = model_of(family)
    said = answer(model, question)
    np.testing.assert_allclose(model.score(said, [question.image])[0], said.logprobs, atol=1e-4)
    assert (said.logprobs <= 0).all()
    assert len(said.tokens) == len(said.token_ids) == 6
    assert said.cut_off


@pytest.mark.parametrize("family", FAMILIES)
def test_a_batch_scores_like_one_picture_at_a_time(family: str, model_of: ModelOf, question: Question) -> None:
    model = model_of(family)
    said, images = answer(model, question), variants(question.image)
    together = model.score(said, images)
    apart = np.concatenate([model.score(said, [image]) for image in images])
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
    np.testing.assert_array_equal(model.score(first, images), model.score(second, images))
    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize("family", FAMILIES)
def test_bfloat16_passes_its_own_check(family: str, folder_of: Callable[[str], Any], question: Question) -> None:
    model = load_huggingface(family, str(folder_of(family)), device="cpu", dtype="bfloat16")
    said = answer(model, question)
    assert said.precision == "bfloat16"
    assert said.logprobs.dtype == np.float32
    alone, among = model.score(said, [question.image]), model.score(said, [question.image] * 3)
    np.testing.assert_array_equal(among, np.repeat(alone, 3, axis=0))  # short batches are filled up


@pytest.mark.parametrize("family", FAMILIES)
def test_a_prompt_that_spells_control_tokens_is_text(family: str, model_of: ModelOf, picture: Pixels) -> None:
    prompt = "What do <image> <|image_pad|> </s> <fake_token_around_image> mean?"
    assert answer(model_of(family), Question(picture, prompt, max_tokens=2)).tokens


def test_an_answer_streams_token_by_token(model_of: ModelOf, question: Question) -> None:
    *texts, last = model_of("llava").answer(question)
    assert isinstance(last, Answer)
    assert len(texts) == len(last.tokens)
    assert texts[-1] == last.text.rstrip("\ufffd")


def test_closing_the_stream_stops_the_model(model_of: ModelOf, picture: Pixels) -> None:
    stream: Any = model_of("llava").answer(Question(picture, "Tell a long story.", max_tokens=900))
    assert len(list(islice(stream, 3))) == 3
    stream.close()  # returns only when the thread that generates has ended


def test_stop_tokens_at_the_end_are_left_out(model_of: ModelOf, question: Question) -> None:
    model = model_of("llava")
    whole = answer(model, question)
    settings = model._model.generation_config
    settings.eos_token_id = [2, whole.token_ids[3]]
    try:
        stopped = answer(model, question)
        settings.eos_token_id = whole.token_ids[0]
        with pytest.raises(AppError, match="ended its answer before the first word"):
            answer(model, question)
    finally:
        settings.eos_token_id = 2
    assert stopped.token_ids == whole.token_ids[:3]
    assert not stopped.cut_off


def test_a_picture_token_is_never_generated(model_of: ModelOf, question: Question) -> None:
    model = model_of("llava")
    image_id = model._model.config.image_token_id
    head = model._model.lm_head.weight
    before = head[image_id].clone()
    with torch.no_grad():
        head[image_id] = head.abs().sum(0)  # the likeliest token by far, whatever comes
        try:
            assert image_id not in answer(model, question).token_ids
        finally:
            head[image_id] = before


def test_a_model_that_scores_unlike_it_speaks_is_refused(
    model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("llava")
    honest = model._score_batch
    monkeypatch.setattr(model, "_score_batch", lambda *given: honest(*given) + 0.01)
    with pytest.raises(AppError, match=r"scores its own answer 0\.01 nats away from how it spoke it"):
        answer(model, question)


def test_memory_that_runs_out_halves_the_batch_for_good(
    model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("llava")
    said, images = answer(model, question), variants(question.image)
    expected, honest = model.score(said, images), model._score_batch

    def small(asked: Question, ids: Any, given: Any) -> Any:
        if len(given) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return honest(asked, ids, given)

    monkeypatch.setattr(model, "batch", 4)
    monkeypatch.setattr(model, "_score_batch", small)
    np.testing.assert_allclose(model.score(said, images), expected, atol=1e-4)
    assert model.batch == 1


def test_a_single_picture_too_large_for_the_memory_ends_in_a_sentence(
    model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("llava")
    said = answer(model, question)

    def full(*_: Any) -> Any:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    monkeypatch.setattr(model, "batch", 4)
    monkeypatch.setattr(model, "_score_batch", full)
    with pytest.raises(AppError, match="Memory ran out on a single picture; choose a smaller model"):
        model.score(said, [question.image])


def test_a_bug_is_not_taken_for_missing_memory(
    model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("llava")
    said = answer(model, question)

    def broken(*_: Any) -> Any:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(model, "_score_batch", broken)
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        model.score(said, [question.image])


@pytest.mark.parametrize(
    ("text", "words"), [("", "is empty"), ("a <image> b", "holds a control token"), ("word " * 3000, "shorten")]
)
def test_a_text_that_cannot_be_scored_is_refused(model_of: ModelOf, question: Question, text: str, words: str) -> None:
    with pytest.raises(AppError, match=words):
        answer(model_of("llava"), question, text)


def test_a_prompt_longer_than_the_model_reads_is_refused(model_of: ModelOf, picture: Pixels) -> None:
    with pytest.raises(AppError, match=r"llava can read only 2048; shorten the prompt"):
        answer(model_of("llava"), Question(picture, "word " * 3000))
