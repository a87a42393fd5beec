"""The questions that the page offers: the models that ship must answer them rightly about the examples."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.demo.examples import CHOSEN, Chosen
from mmattr_app.demo.scenes import Scene, key, scene
from mmattr_app.domain import Question
from mmattr_app.models import MODELS


@cache
def opened(model: str) -> Worker:
    return pipeline.open_worker(model, device="cpu")


def right_answer(drawn: Scene, asked: str) -> str:
    """Give the one right answer, from what was drawn."""
    told: Any = key(drawn)
    by_topic = {question["type"]: question["answer"] for question in told["questions"]}
    objects = [one for one in drawn.objects if one.told]
    if asked == "What is at the bottom left?":
        there = [one for one in objects if one.zone.name == "bottom left"]
        return f"A {there[0].colour} {there[0].looks}." if there else "Nothing."
    if asked == "What colour is the cup?":
        cups = [one for one in objects if one.looks == "cup"]
        return f"The cup is {cups[0].colour}." if cups else "There is no cup."
    if asked == "Is there a dog?":
        dogs = any(one.looks == "dog" for one in objects)
        return "Yes, there is a dog." if dogs else "No, there is no dog."
    return by_topic[{"Describe the picture.": "caption", "What is in the background?": "background"}[asked]]


@pytest.mark.parametrize("chosen", CHOSEN, ids=[chosen.name for chosen in CHOSEN])
def test_the_questions_to_try_are_answered_rightly(chosen: Chosen) -> None:
    drawn = scene(chosen.seed, 512, replace(chosen.staging, tag_says_fish=chosen.staging.tag))
    for asked in MODELS[chosen.model].asks:
        assert pipeline.ask(opened(chosen.model), Question((drawn.image,), asked)).text.strip() == right_answer(
            drawn, asked
        )
