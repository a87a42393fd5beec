"""A map that is to become finer is shown only where it did."""

from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from playwright.sync_api import expect

from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Pixels, Question, Scores
from mmattr_app.errors import AppError
from mmattr_app.jobs import JobQueue
from mmattr_app.pipeline import Plan
from mmattr_app.ui.chosen_words import sharpen_job
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.session import Session, Shown
from mmattr_app.ui.views import result_view, sharper
from tests.games import ToyWorker, explain_regions, toy_queue
from tests.tabs import told
from tests.ui.test_page import Visit, state
from tests.ui.test_regions import begin, by_method, explain, says


def explained(picture: Pixels, regions: str) -> Attribution:
    toy = ToyWorker()
    return explain_regions(
        toy, pipeline.ask(toy, Question((picture,), "hello")), pipeline.segment(picture, regions), Plan("ablation")
    )


@pytest.mark.parametrize(("regions", "is_it"), [("grid:8x8", True), ("grid:4x4", False), ("grid:2x2", False)])
def test_a_map_is_sharper_when_its_top_region_is_smaller(picture: Pixels, regions: str, is_it: bool) -> None:
    assert sharper(explained(picture, "grid:4x4"), explained(picture, regions), (0,)) is is_it


def test_a_small_region_that_says_next_to_nothing_makes_no_map_sharper(picture: Pixels) -> None:
    finer = explained(picture, "grid:8x8")
    faint = replace(finer, scores=Scores(finer.scores.values * 0.01))
    assert not sharper(explained(picture, "grid:4x4"), faint, (0,))


def test_a_map_that_did_not_become_sharper_leaves_the_one_before_and_nothing_behind(
    picture: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = explained(picture, "grid:4x4")
    monkeypatch.setattr(pipeline, "sharpen", lambda *_, **__: explained(picture, "grid:2x2"))
    queue, session = toy_queue(ToyWorker(), tmp_path), Session()
    session.shown = [Shown.of(lambda: known, result_view(known), "toy")]
    handlers = Handlers(queue)
    job = queue.submit(sharpen_job([0], session))
    last, _ = told(handlers.follow(job, session, gr.Request(session_hash="a tab", client=None)))[-1]
    assert last["says"].startswith("The map stays as it was: hidden alone, no smaller region says more")
    assert (len(last["rows"]), last["sharpened"], last["base"]) == (16, [0], None)
    assert [shown.result for shown in session.shown] == [known]
    assert queue.store.get(job.id) is None


@pytest.mark.parametrize("tokens", [[], [2], [-1], ["0"], [True], None, "0"])
def test_tokens_that_a_browser_made_up_are_refused(picture: Pixels, tokens: object) -> None:
    session = Session()
    with pytest.raises(AppError, match="press Explain first"):
        sharpen_job(tokens, session)
    known = explained(picture, "grid:2x2")
    session.shown = [Shown.of(lambda: known, result_view(known), "toy")]
    with pytest.raises(AppError, match="Select one or more words"):
        sharpen_job(tokens, session)


@pytest.mark.parametrize(("precision", "model"), [("int8", "toy@int8"), ("served", "toy")])
def test_an_earlier_result_is_sharpened_in_its_own_precision(picture: Pixels, precision: str, model: str) -> None:
    known, session = explained(picture, "grid:2x2"), Session()
    known = replace(known, answer=replace(known.answer, precision=precision))
    session.shown = [Shown.of(lambda: known, result_view(known))]
    assert sharpen_job([0], session).model == model


def test_a_word_is_sharpened_by_key_and_the_map_before_comes_back(
    visit: Visit, own_picture: Path, toy: ToyWorker, queue: JobQueue
) -> None:
    toy.worth = lambda count: np.eye(count, dtype=np.float32)[-2]  # all is in the last region
    page = begin(visit, own_picture)
    by_method(page, "Surrogate")
    explain(page, queue, "sharper")
    page.locator("[data-token='0']").first.click()
    toy.gate.clear()
    page.locator(".sharpen").focus()
    page.keyboard.press("Enter")
    state(page, "hiding")
    expect(page.locator("#cancel")).to_be_visible()
    expect(page.locator(".sharpen")).to_be_disabled()
    toy.gate.set()
    says(page, "Sharpened for “sharper”")
    expect(page.locator(".sharpen")).to_be_focused()
    expect(page.locator(".further .hint")).to_contain_text("approximate")
    expect(page.locator("[data-token='0']").first).to_have_attribute("aria-selected", "true")
    assert queue.jobs()[-1].snapshot.attribution.segmentation.made_by == "grid:32x32, grouped"  # pyright: ignore[reportOptionalMemberAccess]
    page.get_by_role("button", name="Back to the map before").click()
    expect(page.locator("[data-region]")).to_have_count(256)
    expect(page.locator(".sharpen")).to_be_enabled()
    expect(page.locator("[data-token='0']").first).to_have_attribute("aria-selected", "true")


def test_a_sharpening_that_is_cancelled_leaves_the_map_as_it_was(
    visit: Visit, own_picture: Path, toy: ToyWorker, queue: JobQueue
) -> None:
    page = begin(visit, own_picture, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    by_method(page, "Surrogate")
    explain(page, queue, "left as it was")
    page.locator("[data-token='0']").first.tap()
    toy.gate.clear()
    page.locator(".sharpen").tap()
    state(page, "hiding")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#cancel").tap()
    says(page, "The map stays as it was: cancelled")
    state(page, "done")
    expect(page.locator("[data-region]")).to_have_count(256)
    expect(page.locator(".sharpen")).to_be_enabled()


def test_a_map_with_errors_is_as_fine_as_it_gets(visit: Visit, own_picture: Path, queue: JobQueue) -> None:
    page = begin(visit, own_picture)
    explain(page, queue, "smooth")
    expect(page.locator(".foot")).to_contain_text("What is not sure, within 1.64 standard errors of zero, is not")
    expect(page.locator(".recut")).to_be_visible()
    expect(page.locator(".sharpen")).to_be_hidden()
