"""Temperature, top-p and seed: what is drawn follows the probabilities, and scores do not change with it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from mmattr_app.domain import Question, Sampling
from mmattr_app.models.generation import Draw
from mmattr_app.models.huggingface import HuggingFaceModel
from tests.models.short import answer, scored

ModelOf = Callable[[str], HuggingFaceModel]
LOGITS = torch.tensor([0.0, 1.0, 2.0, -torch.inf, 3.0])


def shares(sampling: Sampling) -> list[float]:
    """Draw 20,000 tokens and give the share of each."""
    drawn = Draw(sampling)(None, LOGITS.expand(20_000, -1)).argmax(-1)
    return (torch.bincount(drawn, minlength=5) / 20_000).tolist()


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_are_drawn_as_often_as_the_softmax_says(temperature: float) -> None:
    expected = (LOGITS / temperature).softmax(-1).tolist()
    np.testing.assert_allclose(shares(Sampling(temperature)), expected, atol=0.015)


def test_top_p_leaves_the_likeliest_tokens_in_proportion() -> None:
    expected = torch.tensor([-torch.inf, -torch.inf, 2.0, -torch.inf, 3.0]).softmax(-1).tolist()
    np.testing.assert_allclose(shares(Sampling(1.0, top_p=0.7)), expected, atol=0.015)  # 0.64 alone is not enough
    assert shares(Sampling(1.0, top_p=0.01)) == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("family", ["llava", "blip2_t5", "kosmos2"])
def test_a_seed_repeats_itself_and_another_says_something_else(
    family: str, model_of: ModelOf, question: Question
) -> None:
    model = model_of(family)
    first, again, other = (
        answer(model, replace(question, sampling=Sampling(1.5, 0.95, seed))).token_ids for seed in (1, 1, 2)
    )
    assert first == again != other


def test_another_draw_in_between_changes_nothing(model_of: ModelOf, question: Question) -> None:
    model, asked = model_of("llava"), replace(question, sampling=Sampling(1.5, seed=4))
    alone = answer(model, asked).token_ids
    stream = model.answer(asked)
    next(stream)
    answer(model, replace(asked, sampling=Sampling(1.5, seed=5)))
    *_, last = stream
    assert last.token_ids == alone  # pyright: ignore[reportAttributeAccessIssue]


def test_log_probs_are_raw_whatever_the_temperature(model_of: ModelOf, question: Question) -> None:
    model = model_of("llava")
    said = answer(model, replace(question, sampling=Sampling(3.0, 0.9, 7)))
    np.testing.assert_allclose(scored(model, said, [question.image])[0], said.logprobs, atol=1e-4)


def test_almost_no_temperature_is_greedy(model_of: ModelOf, question: Question) -> None:
    model = model_of("llava")
    cold = replace(question, sampling=Sampling(1e-4))
    assert answer(model, cold).token_ids == answer(model, question).token_ids
