"""Which results are about a scene that the lesson drew, with its own question."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mmattr_app.demo.examples import Chosen
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Attribution
from mmattr_app.ui.examples import load_examples
from mmattr_app.ui.lesson.drawn import name_of_scene, note_scene
from mmattr_app.ui.lesson.steps import STEPS
from mmattr_app.ui.lesson.teaching import _draw

STEP = Chosen("1-night", 12, "Describe the picture.")


@pytest.fixture(scope="module")
def result() -> Attribution:
    """Give a result about a scene that was drawn with seed 77."""
    example, image = load_examples()[0].attribution, scene(77, 96).image
    note_scene(STEP, 77, image)
    question = replace(example.answer.question, pictures=(image.copy(),), prompt=STEP.prompt)
    return replace(example, answer=replace(example.answer, question=question))


def changed(result: Attribution, answer: dict[str, Any], **question: Any) -> Attribution:
    asked = replace(result.answer.question, **question)
    return replace(result, answer=replace(result.answer, question=asked, **answer))


def test_a_scene_is_known_by_its_seed_and_its_answer(result: Attribution) -> None:
    assert name_of_scene(result) == f"1-night, seed 77: {result.answer.text}"
    other = changed(result, {"tokens": ("A", " cat")})
    assert name_of_scene(other) == "1-night, seed 77: A cat", "which numbers of words mean the same words only here"


@pytest.mark.parametrize(
    ("answer", "question"),
    [
        ({"typed": True}, {}),
        ({}, {"prompt": "What does my sister look like?"}),
        ({}, {"system": "My name is Mia."}),
        ({}, {"document": "A letter."}),
        ({}, {"pictures": (np.zeros((96, 96, 3), np.uint8),)}),
        ({}, {"pictures": (scene(77, 96).image, np.zeros((4, 4, 3), np.uint8))}),
        ({}, {"pictures": ()}),
    ],
)
def test_whatever_is_a_persons_own_is_not_known(
    result: Attribution, answer: dict[str, Any], question: dict[str, Any]
) -> None:
    assert name_of_scene(changed(result, answer, **question)) is None


def test_another_scene_of_the_lesson_is_known_as_soon_as_it_is_drawn(result: Attribution) -> None:
    drawn = _draw(STEPS[0], 78)
    assert name_of_scene(changed(result, {}, pictures=(drawn.image,))) == f"1-night, seed 78: {result.answer.text}"
