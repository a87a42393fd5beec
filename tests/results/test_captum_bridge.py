"""Results go from Captum to here and back without a change."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation, ImageMaskInput, LLMAttributionResult
from PIL import Image
from playwright.sync_api import Browser

import mmattr_app
from mmattr_app.commands.terminal import report
from mmattr_app.errors import AppError
from mmattr_app.explanation import Explanation
from tests.explorer.moments import CAR, PIECES, done, overlapping, picture

LABELS = np.repeat(np.array([7, -1, 3]), 32)[:, None] + np.zeros((96, 128), int)  # top, middle, bottom
TOKENS = ["▁A", "▁red", "▁car"]
VALUES = np.array([[0.0, 1.0, 2.0], [0.5, -1.0, 0.0], [4.0, 0.25, 0.0]], np.float32)  # [tokens, features]


def captums(**changes: Any) -> LLMAttributionResult:
    asked = ImageMaskInput(Image.fromarray(picture()), torch.tensor(LABELS), baseline=(1, 2, 3))
    usual = {
        "input_tokens": asked.values,
        "output_tokens": TOKENS,
        "seq_attr": VALUES.sum(axis=0),
        "token_attr": VALUES,
    }
    return LLMAttributionResult(**{**usual, "inp": asked, **changes})


def test_numbers_and_regions_are_captums() -> None:
    why = mmattr_app.from_captum(captums(), method="ablation", prompt="What is it?")
    np.testing.assert_array_equal(why.scores.values, VALUES.T)
    assert why.answer.text == " A red car"
    assert (why.reads, why.occluder) == ("measured loss", "#010203")
    np.testing.assert_array_equal(why.segmentation.mask(0), LABELS == -1)  # Captum's features are sorted by number
    assert why.top("A", 1)[0].place == "the top"
    assert (why.heatmap("A")[0, 0], why.heatmap("red")[95, 0]) == (2.0, -1.0)


def test_the_order_of_features_is_that_of_captums_own_ablation() -> None:
    """Each feature is worth its number: what Captum's ablation says of it must lie where it is."""
    asked = ImageMaskInput(Image.fromarray(np.zeros((96, 128, 3), np.uint8)), torch.tensor(LABELS))

    def brightness(kept: Any) -> Any:
        seen = np.asarray(asked.to_model_input(kept))
        return torch.tensor([[float(seen[10].mean()), float(seen[50].mean()), float(seen[90].mean())]])

    found = FeatureAblation(brightness).attribute(asked.to_tensor())
    values = torch.as_tensor(found).reshape(3, 3)
    result = captums(token_attr=values, seq_attr=values.sum(dim=0))
    why = mmattr_app.from_captum(result)
    for token, row in enumerate((10, 50, 90)):
        heat = why.heatmap(token)
        assert (heat[row, 0] != 0, np.count_nonzero(heat)) == (True, 32 * 128)


def test_there_and_back_again() -> None:
    for view in (done(), overlapping()):
        assert view.attribution
        why = Explanation.of(view.attribution)
        again = mmattr_app.from_captum(why.to_captum(), method="ablation", tokens=PIECES)
        np.testing.assert_array_equal(again.scores.values, why.scores.values)
        np.testing.assert_array_equal(again.heatmap("car"), why.heatmap("car"))
        assert again.answer.tokens == PIECES


def test_a_result_for_the_answer_alone_is_shared_out() -> None:
    why = mmattr_app.from_captum(captums(token_attr=None, inp=None), picture(), LABELS)
    np.testing.assert_allclose(why.scores.values.sum(axis=1), VALUES.sum(axis=0), rtol=1e-6)


def test_it_is_shown_saved_and_reported(tmp_path: Path, browser: Browser) -> None:
    why = mmattr_app.from_captum(captums())
    for ending in ("json", "npz", "html", "png", "csv"):
        why.save(tmp_path / f"why.{ending}", "car")
    again = mmattr_app.read(tmp_path / "why.json")
    assert np.isnan(again.logprob_full).all()
    assert "A red car" in report(why, top=2)
    tab = browser.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto((tmp_path / "why.html").as_uri())
    tab.locator(f"[data-token='{CAR}']").click()
    tab.locator(f"[data-token='{CAR}'][aria-selected=true]").wait_for()
    assert complaints == []
    tab.close()


@pytest.mark.parametrize(
    ("changes", "given", "says"),
    [
        ({"inp": None}, (), "knows no picture with a mask"),
        ({}, (picture()[:50], LABELS), "should have the height and width of the picture"),
        ({}, (picture(), LABELS * 0), "about 3 features and 3 tokens, but 1 regions"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(changes: Any, given: Any, says: str) -> None:
    with pytest.raises(AppError, match=says):
        mmattr_app.from_captum(captums(**changes), *given)
