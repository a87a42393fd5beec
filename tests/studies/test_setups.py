"""How a map is made, read from words, and named by them."""

import pytest

from mmattr_app.errors import AppError
from mmattr_app.plan import Plan
from mmattr_app.studies.setups import Setup, read_setup, read_setups, usual_says

USUAL = Setup("grid:4x4", Plan("surrogate", "mean", 40, 7))


@pytest.mark.parametrize(("text", "expected"), [
    ("smooth", Setup("grid:4x4", Plan("smooth", "mean", 40, 7))),
    (" smooth  hidden by  blur ", Setup("grid:4x4", Plan("smooth", "blur", 40, 7))),
    ("smooth with seed 1", Setup("grid:4x4", Plan("smooth", "mean", 40, 1))),
    ("smooth with 32 masks", Setup("grid:4x4", Plan("smooth", "mean", 32, 7))),
    ("ablation on grid:8x8", Setup("grid:8x8", Plan("ablation", "mean", 40, 7))),
    ("ablation asking a/b@int8 with seed 0 hidden by #7f7f7f on slic:48",
     Setup("slic:48", Plan("ablation", "#7f7f7f", 40, 0), "a/b@int8")),
])  # fmt: skip
def test_what_is_not_said_is_as_usual(text: str, expected: Setup) -> None:
    assert read_setup(text, USUAL) == expected


@pytest.mark.parametrize("text", [
    "smooth on", "smooth hidden by blur hidden by mean", "smooth with seed 1x", "smooth with seed -1", "smooth blur",
    "smooth with 3 masksets",
])  # fmt: skip
def test_what_cannot_be_read_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(AppError, match="such as smooth on grid:8x8 hidden by blur with seed 1"):
        read_setup(text, USUAL)


def test_a_name_says_what_differs_and_is_read_back() -> None:
    texts = "smooth, smooth hidden by blur, ablation on grid:8x8 with seed 1 with 9 masks, smooth asking demo, smooth"
    setups = read_setups(texts, Setup("grid:4x4", Plan()))
    assert len(setups) == 4, "each once"
    names = [setup.name(setups[:3], "toy") for setup in setups[:3]]
    assert names == texts.split(", ")[:3]
    assert [setup.name(setups[1::-1], "toy") for setup in setups[1::-1]] == ["smooth", "smooth hidden by mean"]
    both = [setup.name(setups, "toy") for setup in (setups[1], setups[3])]
    assert both == ["smooth asking toy hidden by blur", "smooth asking demo"], "of several models each is named"
    assert usual_says(setups) == "Where a name does not say it, a map is on grid:4x4, hidden by mean, with seed 0."
    assert not usual_says(setups[:1])


def test_shapes_drawn_by_hand_have_a_short_name() -> None:
    drawn = Setup(f"drawn:[{'0,' * 50}]", Plan())
    assert drawn.name([Setup("grid:4x4", Plan()), drawn], "toy") == "smooth on drawn regions"
