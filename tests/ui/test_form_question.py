"""A text to read and further pictures, which the form folds away: who plays, what is refused, and what stays."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from mmattr_app import pipeline
from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain, JobQueue
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.ui.filling import files_of, values_of_result
from mmattr_app.ui.form_values import FURTHER, FormValues
from mmattr_app.ui.handlers import explain_job
from mmattr_app.ui.session import Session
from mmattr_app.workers.inline import InlineWorker
from tests.games import ToyWorker
from tests.ui.acting import unfold
from tests.ui.test_page import Visit, state
from tests.ui.test_region_choices import FILLED
from tests.ui.test_regions import begin, explain, says

TEXT = "The boat is red. It has a sail.\n\nThe house is green."
SENTENCES = ["The boat is red.", "It has a sail.", "The house is green."]


@pytest.fixture
def files(picture: Pixels, tmp_path: Path) -> list[str]:
    """Give two pictures of different sizes."""
    for name, pixels in {"one": picture, "other": 255 - picture[:40, :30]}.items():
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    return [str(tmp_path / f"{name}.png") for name in ("one", "other")]


def asked(files: list[str], **changes: Any) -> FormValues:
    return replace(FILLED, image=files[0], second=files[1], rows=2, columns=3, **changes)


def kind_of(filled: FormValues, session: Session | None = None) -> Explain:
    kind = explain_job(filled, session or Session())
    assert isinstance(kind, Explain)
    return kind


def test_each_picture_has_regions_and_the_text_has_its_sentences(files: list[str]) -> None:
    kind = kind_of(asked(files, document=f" {TEXT} ", players=("regions", "words")))
    assert [picture.shape[:2] for picture in kind.question.pictures] == [(48, 56), (40, 30)]
    assert kind.question.document == TEXT
    assert kind.players
    assert kind.players.kinds() == [
        *["picture 1"] * 6,
        *["picture 2"] * 6,
        "question",
        *["document"] * 3,
    ]
    assert kind.players.names()[-3:] == SENTENCES
    assert kind.same(kind_of(asked(files, document=TEXT, players=("regions", "words"))))
    assert not kind.same(kind_of(asked([files[0], files[0]], document=TEXT, players=("regions", "words"))))


@pytest.mark.parametrize(
    ("hidden", "names"),
    [("sentences", SENTENCES), ("paragraphs", ["The boat is red. It has a sail.", "The house is green."])],
)
def test_a_text_without_a_picture_plays_alone(hidden: str, names: list[str]) -> None:
    kind = kind_of(replace(FILLED, image=None, document=TEXT, hide_text=hidden))
    assert (kind.question.pictures, kind.players and kind.players.names()) == ((), names)
    with pytest.raises(AppError, match="Choose what is hidden"):
        explain_job(replace(FILLED, image=None, document=TEXT, hide_text="nothing"), Session())


def test_a_further_picture_does_not_stand_for_the_first(files: list[str]) -> None:
    with pytest.raises(AppError, match="Choose a picture first"):
        explain_job(replace(asked(files), image=None), Session())


def test_more_players_than_can_play_are_refused_before_anything_is_asked(files: list[str]) -> None:
    many = replace(asked(files), third=files[0], fourth=files[0], rows=16, columns=17)
    with pytest.raises(AppError, match="At most 1024 regions and words can play; cut the pictures more coarsely"):
        explain_job(many, Session())


def test_regions_that_take_a_job_keep_those_of_the_first_picture(files: list[str], picture: Pixels) -> None:
    first = pipeline.segment(picture, "grid:2x2")
    kind = replace(kind_of(asked(files, choice="sam2")), segmentation=first)
    assert kind.further == (None,)
    toy, told = ToyWorker(), []
    toy_run: Any = kind.run(toy, {}, pipeline.SILENT, lambda **changes: told.append(changes))
    assert toy.cuts == 1
    assert told[0]["segmentation"] is first
    assert toy_run["attribution"].players.kinds() == ["picture 1"] * 4 + ["picture 2"] * 3


def test_a_model_that_takes_one_picture_says_so_before_a_mask_is_asked(
    files: list[str], model_of: Callable[[str], HuggingFaceModel]
) -> None:
    asks = list[object]()
    listener = replace(pipeline.SILENT, on_result=lambda *told: asks.append(told))
    with pytest.raises(AppError, match="takes one picture in a question; give one, or choose another model"):
        kind_of(asked(files)).run(InlineWorker(model_of("blip")), {}, listener, lambda **_: None)
    assert asks == []


@pytest.mark.parametrize("hidden", ["sentences", "paragraphs", "nothing"])
def test_a_result_fills_the_form_with_all_that_was_asked(files: list[str], hidden: str) -> None:
    filled = asked(files, document=TEXT, hide_text=hidden, players=("regions", "words"))
    result = kind_of(filled).run(ToyWorker(), {}, pipeline.SILENT, lambda **_: None)["attribution"]  # pyright: ignore[reportArgumentType]
    values = values_of_result(result, files[0])
    again = kind_of(replace(filled, **{name: values[name] for name in ("document", "hide_text", "players", *FURTHER)}))
    assert again.players
    assert again.players.fingerprint == result.players.fingerprint
    np.testing.assert_array_equal(again.question.pictures[1], result.answer.question.pictures[1])
    assert len(files_of(values)) == 2


def test_a_text_and_a_second_picture_stay_over_a_reload_and_go_with_delete(
    visit: Visit, own_picture: Path, files: list[str], queue: JobQueue
) -> None:
    page = begin(visit, own_picture)
    for field in ("#document", "#second"):
        expect(page.locator(field)).to_be_hidden()
    unfold(page, "with-pictures")
    page.locator("#second input[type=file]").set_input_files(files[1])
    says(page, "512 regions")
    expect(page.locator(".pane:visible")).to_have_count(2)
    expect(page.locator(".pane").nth(1).locator("[data-region]")).to_have_count(256)
    unfold(page, "with-text")
    page.locator("#document textarea").fill(TEXT)
    explain(page, queue, "What is there?")
    expect(page.locator(".asked .said")).to_have_text(SENTENCES)
    expect(page.locator(".share-list")).to_contain_text(r"picture 2")
    expect(page.locator(".enlarge")).to_contain_text([re.compile(r"Picture 1: \d+%"), re.compile(r"Picture 2: \d+%")])
    expect(page.locator(".pane").nth(1).locator(".mapped .heatmap")).to_be_visible()
    for back in (page.reload, lambda: (page.locator("#examples button").first.click(), again(page))):
        back()
        state(page, "done")
        expect(page.locator("#document textarea")).to_have_value(TEXT)
        expect(page.locator("#second img")).to_be_visible()
    page.locator("#delete").click()
    page.locator("#delete").click()
    expect(page.locator("#document textarea")).to_have_value("")
    expect(page.locator("#second img")).to_have_count(0)


def again(page: Page) -> None:
    """Go back from an example, which has no text and one picture."""
    expect(page.locator("#explorer")).to_contain_text("A yellow house")
    expect(page.locator("#second")).to_be_hidden()
    page.locator("#history button").first.click()
    expect(page.locator("#explorer")).to_contain_text("What is there?")
