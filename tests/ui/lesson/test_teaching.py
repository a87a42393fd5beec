"""What the lesson asks of the server, by a person or by a hostile client."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mmattr_app.demo.scenes import TAG, Staging, scene
from mmattr_app.domain import Attribution
from mmattr_app.ui.examples import load_examples
from mmattr_app.ui.form_values import Refused
from mmattr_app.ui.lesson import Teaching
from mmattr_app.ui.lesson.teaching import ELSEWHERE, FOUND, NOT_SET_UP, TOO_MUCH, judge
from mmattr_app.ui.session import Session, Shown
from mmattr_app.ui.views import result_view

CORNER = [14, 15, 30, 31]  # of a grid of 16 by 16: where the tag is in the example
TEACHING = Teaching(SimpleNamespace(examples=[]))  # pyright: ignore[reportArgumentType]


@pytest.fixture(scope="module")
def hans() -> Attribution:
    return load_examples()[-1].attribution


def event(**values: Any) -> Any:
    return SimpleNamespace(_data=values)


def looking_at(result: Attribution) -> Session:
    session = Session()
    session.shown = [Shown.of(lambda: result, result_view(result))]
    return session


@pytest.mark.parametrize(
    ("regions", "says"),
    [
        (CORNER, FOUND),
        ([15, 30], FOUND),  # half of it
        ([15], ELSEWHERE),  # a quarter
        ([*CORNER, *range(100, 121)], FOUND),  # 25 of 256
        ([*CORNER, *range(100, 122)], TOO_MUCH),  # 26: more than a tenth
        (list(range(256)), TOO_MUCH),
        ([], ELSEWHERE),
        ([0, 1, -1, 256], ELSEWHERE),  # two of which are no regions
    ],
)
def test_the_cause_is_found_when_half_of_it_and_little_else_is_marked(
    hans: Attribution, regions: list[int], says: str
) -> None:
    drawn = scene(26, 512, Staging(tag=True, fish=False))
    assert np.array_equal(hans.answer.question.image, drawn.image)
    assert 0 < drawn.masks[TAG].mean() < 0.02
    assert judge(hans, drawn, regions) == says


def test_only_the_scene_that_was_set_up_is_judged(hans: Attribution) -> None:
    asked = {"number": 5, "seed": None, "regions": CORNER}
    assert TEACHING.check(event(**asked), looking_at(hans))["done"]
    told = TEACHING.check(event(**{**asked, "seed": 27}), looking_at(hans))
    assert (told["done"], told["says"]) == (False, NOT_SET_UP)
    assert TEACHING.check(event(**asked), Session())["says"] == NOT_SET_UP


@pytest.mark.parametrize(
    "values",
    [
        {"number": 7},
        {"number": "5"},
        {"number": True},
        {"number": None},
        {"number": 6},  # nothing to set up
        {"number": 0, "seed": None, "regions": CORNER},  # a step without a cause to mark
        {"number": 2, "seed": 1},
        {"number": 5, "seed": -1},
        {"number": 5, "seed": 1_000_000},  # of the training
        {"number": 5, "seed": 1.5},
        {"number": 5, "seed": "1"},
        {"number": 5, "seed": None, "regions": "all"},
        {"number": 5, "seed": None, "regions": [[0]]},
        {"number": 5, "seed": None, "regions": None},
    ],
)
def test_what_a_browser_made_up_is_refused(hans: Attribution, values: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        TEACHING.check(event(**values), looking_at(hans))
