"""Questions that say other words are scored as if each were asked by itself, by every family."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mmattr_app.domain import Answer, LogProbs, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.vllm.http import ServerConnection
from mmattr_app.models.vllm.model import VllmModel
from tests.families import FAMILIES
from tests.models.short import again, answer
from tests.oracles import forced_generation

ModelOf = Callable[[str], HuggingFaceModel]

PROMPTS = ["in the picture?", "What is in the picture?", "What is", "", "the _ _"]

# Where a tokenizer makes no token of an empty text, it is given a space.
WITHOUT_WORDS = {"instructblip": " "}


def brute_force(model: HuggingFaceModel, said: Answer, question: Question) -> LogProbs:
    """Let the model's own generation say the answer; a hidden token is left out for those after it."""
    ids = np.array(said.token_ids)
    rows: list[float] = []
    for place in range(len(ids)):
        before = [token for token in range(place) if token not in question.said_hidden]
        spoken = [*ids[before].tolist(), int(ids[place])]
        scores = forced_generation(model._model, model._processor, question.image, question.prompt, spoken)
        rows.append(float(scores[-1]))
    return np.array(rows, np.float32)


def with_words(question: Question, prompts: Sequence[str] = PROMPTS) -> list[Question]:
    return [replace(question, prompt=prompt) for prompt in prompts]


@pytest.mark.parametrize("family", FAMILIES)
def test_other_words_score_as_a_loop_that_edits_the_prompt_by_hand(
    family: str, model_of: ModelOf, question: Question
) -> None:
    model = model_of(family)
    said = answer(model, replace(question, max_tokens=3))
    asked = with_words(question, [prompt or WITHOUT_WORDS.get(family, "") for prompt in PROMPTS])
    scores = model.score(said, asked)
    expected = [brute_force(model, said, other) for other in asked]
    np.testing.assert_allclose(scores, expected, atol=2e-4)
    assert np.abs(scores - scores[1]).max() > 0.05, "the words should matter"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_batch_of_other_words_and_pictures_scores_like_one_question_at_a_time(
    family: str, model_of: ModelOf, question: Question
) -> None:
    model = model_of(family)
    said = answer(model, question)
    asked = [*with_words(question), *with_words(replace(question, pictures=(255 - question.image,)))]
    asked += [replace(other, said_hidden=(1, 3)) for other in asked[:4]]
    asked += [replace(asked[1], said_hidden=hidden) for hidden in ((0,), (5,), (0, 1, 2, 3, 4, 5), (0, 2))]
    asked = [
        replace(other, said_hidden=tuple(at for at in other.said_hidden if at < len(said.tokens))) for other in asked
    ]
    together = model.score(said, asked)
    apart = np.concatenate([model.score(again(said), [other]) for other in asked])
    np.testing.assert_allclose(together, apart, atol=2e-4)


@pytest.mark.parametrize(
    ("family", "forced"),
    [*((family, False) for family in FAMILIES), *((family, True) for family in ("llava", "blip2_t5", "blip"))],
)
def test_a_token_is_read_after_those_before_it_that_are_not_hidden(
    family: str, forced: bool, model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(family)
    said = answer(model, replace(question, max_tokens=4))
    monkeypatch.setattr(model._scorer, "forced", forced)
    places = range(len(said.token_ids))
    asked = [replace(question, said_hidden=hidden) for hidden in ((0,), (1, 2), tuple(places), (2,))]
    asked = [other for other in asked if set(other.said_hidden) <= set(places)]
    expected = [brute_force(model, said, other) for other in asked]
    np.testing.assert_allclose(model.score(said, asked), expected, atol=2e-4)


def test_questions_of_one_length_share_a_batch(
    model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, sizes = model_of("llava"), list[int]()
    said = answer(model, question)
    honest = model._scorer._forward

    def noted(case: Any, questions: Any) -> Any:
        sizes.append(len(questions))
        return honest(case, questions)

    monkeypatch.setattr(model._scorer, "_forward", noted)
    words = ["red", "car", "two", "red", "red?"]
    model.score(said, [replace(question, prompt=f"A {word} car") for word in words])
    assert sorted(sizes) in ([1, 3], [1, 1, 2], [4], [2, 2]), "equal ones are asked once, the others together"


def test_a_processor_is_asked_for_pictures_once_though_words_change(
    model_of: ModelOf, picture: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("llava")
    question = Question((picture,), "What is it?", max_tokens=3)
    said = answer(model, question)
    model.score(said, with_words(question)[:1])
    calls: list[int] = []
    kind: Any = type(model._processor.image_processor)
    honest = kind.__call__
    monkeypatch.setattr(kind, "__call__", lambda *given, **more: calls.append(1) or honest(*given, **more))
    model.score(said, with_words(question))
    assert len(calls) <= 2 * len(PROMPTS)


def test_a_served_model_cannot_be_asked_without_words_of_its_own(model_of: ModelOf, question: Question) -> None:
    served = VllmModel(ServerConnection("http://127.0.0.1:9", seconds=1), "m")
    said = answer(model_of("llava"), question)
    with pytest.raises(AppError, match="cannot be asked without words of its own; let other players than answer play"):
        served.score(said, [replace(question, said_hidden=(0,))])
