"""Several pictures in one question: each matters, in batches too, or the family refuses them in a sentence."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.models.families import family_of
from mmattr_app.models.huggingface import HuggingFaceModel
from tests.families import FAMILIES
from tests.models.short import again, answer

ONE_PICTURE = {"blip", "blip2_opt", "blip2_t5", "instructblip", "florence2", "kosmos2"}


@pytest.mark.parametrize("family", FAMILIES)
def test_each_of_two_pictures_matters_and_a_batch_scores_like_one_question_at_a_time(
    family: str, model_of: Callable[[str], HuggingFaceModel], picture: Pixels
) -> None:
    model, other = model_of(family), picture[:40, :40][::-1].copy()
    question = Question((picture, other), "What is in the picture?", max_tokens=3)
    assert family_of(model._model).one_picture == (family in ONE_PICTURE)
    if family in ONE_PICTURE:
        with pytest.raises(AppError, match="takes one picture in a question; give one, or choose another model"):
            answer(model, question)
        return
    said = answer(model, question)
    pairs = [(picture, other), (255 - picture, other), (picture, 255 - other)]
    asked = [replace(question, pictures=pair) for pair in pairs]
    asked += [replace(other_one, prompt="What is") for other_one in asked]
    together = model.score(said, asked)
    apart = np.concatenate([model.score(again(said), [one]) for one in asked])
    np.testing.assert_allclose(together, apart, atol=2e-4)
    moved = np.abs(together - together[0]).max(axis=1)
    assert (moved[1:] > 0.01).all(), "each picture should matter, and the words"
