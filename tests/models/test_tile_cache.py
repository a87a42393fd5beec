"""What a vision tower is spared changes no number, in every family that cuts pictures into tiles."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmattr_app.domain import Answer, Pixels, Question
from mmattr_app.models.families import FAMILIES
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from tests.models.short import again, answer, hidden_corners, scored

ModelOf = Callable[[str], HuggingFaceModel]

WITH_TILES = [name for name, family in FAMILIES.items() if family.tile_tower]


def without(model: HuggingFaceModel, said: Answer, images: list[Pixels]) -> Any:
    """Score with the whole tower for each picture."""
    tower, model._scorer._tower = model._scorer._tower, None
    try:
        return scored(model, again(said), images)
    finally:
        model._scorer._tower = tower


@pytest.mark.parametrize("family", WITH_TILES)
def test_unchanged_tiles_are_spared_and_no_number_moves(family: str, model_of: ModelOf, question: Question) -> None:
    model, images = model_of(family), hidden_corners(question.image)
    said = answer(model, question)
    expected = without(model, said, images)
    np.testing.assert_allclose(scored(model, said, images), expected, atol=1e-4)
    assert np.abs(expected - expected[-1]).max() > 0.05, "the picture should matter"


@pytest.mark.parametrize("family", WITH_TILES)
def test_the_tower_looks_at_changed_tiles_only(
    family: str, model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(family)
    tower = model._scorer._tower
    assert tower
    looked: list[int] = []
    honest = tower._forward

    def counted(*args: Any, **options: Any) -> Any:
        looked.append(len(next(iter((*args, *options.values())))))
        return honest(*args, **options)

    said = answer(model, question)
    monkeypatch.setattr(tower, "_forward", counted)
    scored(model, said, hidden_corners(question.image)[:2])
    assert sum(looked) <= 2 * 2, "of each picture the tile with the corner, and the small picture of the whole"


@pytest.mark.parametrize("family", ["smolvlm", "llava_onevision"])
def test_in_low_precision_no_number_moves_either(
    family: str, folder_of: Callable[[str], Path], question: Question
) -> None:
    model = load_huggingface(family, str(folder_of(family)), device="cpu", dtype="bfloat16")
    said, images = answer(model, question), hidden_corners(question.image)
    np.testing.assert_allclose(scored(model, said, images), without(model, said, images), atol=0.02)


def test_a_picture_of_another_size_is_seen_whole(model_of: ModelOf, question: Question, picture: Pixels) -> None:
    model = model_of("smolvlm")
    other = Question((np.ascontiguousarray(picture[:24, :24]),), question.prompt, max_tokens=4)
    for asked in (question, other, question):
        said = answer(model, asked)
        np.testing.assert_allclose(scored(model, said, [asked.image])[0], said.logprobs, atol=1e-4)
