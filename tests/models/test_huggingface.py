"""What is special about an answer and its score: streams, ends, memory, and what is refused."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mmattr_app.domain import Answer, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.models import scorer
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from tests.models.short import About, again, answer, scored, variants

ModelOf = Callable[[str], HuggingFaceModel]


def test_an_answer_streams_token_by_token(model_of: ModelOf, question: Question) -> None:
    *texts, last = model_of("llava").answer(question)
    assert isinstance(last, Answer)
    assert len(texts) == len(last.tokens)
    assert texts[-1] == last.text.rstrip("\ufffd")


def test_closing_the_stream_stops_the_model(model_of: ModelOf, picture: Pixels) -> None:
    stream: Any = model_of("llava").answer(Question((picture,), "Tell a long story.", max_tokens=900))
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
    honest = model._scorer._forward
    monkeypatch.setattr(model._scorer, "forced", False)  # put back afterwards
    monkeypatch.setattr(model._scorer, "_forward", lambda *given: honest(*given) + 0.01)
    with pytest.raises(AppError, match=r"scores its own answer 0\.01 nats away from how it spoke it"):
        answer(model, question)


def test_a_family_scored_wrongly_by_one_forward_is_scored_through_generation(
    folder_of: Callable[[str], Path], model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, images = answer(model_of("llava"), question), variants(question.image)
    expected = scored(model_of("llava"), said, images)
    honest = scorer.score_tokens
    monkeypatch.setattr(scorer, "score_tokens", lambda *given, **more: honest(*given, **more) - 0.5)
    for ask in (lambda model: answer(model, question), lambda model: answer(model, question, "a tree"), lambda _: said):
        model = load_huggingface("llava", str(folder_of("llava")), device="cpu", dtype="float32")
        ask(model)
        np.testing.assert_allclose(scored(model, again(said), images), expected, atol=1e-4)
        assert model._scorer.forced


def test_memory_that_runs_out_halves_the_batch_for_good(
    model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("llava")
    said, images = answer(model, question), variants(question.image)
    expected, honest = scored(model, said, images), model._scorer._forward

    def small(case: Any, given: Any) -> Any:
        if len(given) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return honest(case, given)

    monkeypatch.setattr(model._scorer, "batch", 4)
    monkeypatch.setattr(model._scorer, "_forward", small)
    np.testing.assert_allclose(scored(model, again(said), images), expected, atol=1e-4)
    assert model.batch == 1


def test_a_single_picture_too_large_for_the_memory_ends_in_a_sentence(
    model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("llava")
    said = answer(model, question)

    def full(*_: Any) -> Any:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    monkeypatch.setattr(model._scorer, "batch", 4)  # put back afterwards
    monkeypatch.setattr(model._scorer, "_forward", full)
    with pytest.raises(AppError, match="Memory ran out on a single picture; choose a smaller model"):
        scored(model, again(said), [question.image])


def test_a_bug_is_not_taken_for_missing_memory(
    model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("llava")
    said = answer(model, question)

    def broken(*_: Any) -> Any:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(model._scorer, "_forward", broken)
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        scored(model, again(said), [question.image])


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("family", ["llava", "smolvlm", "qwen3_vl"])
def test_a_picture_among_others_moves_by_no_more_than_the_noise(
    family: str, precision: str, folder_of: Callable[[str], Path], question: Question
) -> None:
    model = load_huggingface(family, str(folder_of(family)), device="cpu", dtype=precision)
    said = answer(model, question)
    case = model._scorer._case(said.question, said.token_ids, False)
    among = [case.encoder.prepare(asked) for asked in About(question, variants(question.image)[:4][::-1])]
    last = model._scorer._run(case, among)[-1].numpy()
    assert np.abs(last - case.slots[0]).max() <= said.noise + 1e-7
    assert said.noise < 1e-3


@pytest.mark.parametrize(
    ("text", "words"), [("", "is empty"), ("a <image> b", "holds a control token"), ("word " * 3000, "shorten")]
)
def test_a_text_that_cannot_be_scored_is_refused(model_of: ModelOf, question: Question, text: str, words: str) -> None:
    with pytest.raises(AppError, match=words):
        answer(model_of("llava"), question, text)


def test_a_prompt_longer_than_the_model_reads_is_refused(model_of: ModelOf, picture: Pixels) -> None:
    with pytest.raises(AppError, match=r"llava can read only 2048; shorten the prompt"):
        answer(model_of("llava"), Question((picture,), "word " * 3000))
