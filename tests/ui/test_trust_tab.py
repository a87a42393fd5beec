"""The tab "Can I trust it?": a map is measured, and compared with another occluder's, while it stays on show."""

from dataclasses import replace
from pathlib import Path
from secrets import token_urlsafe

import gradio as gr
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Pixels, Question, Scores
from mmattr_app.errors import AppError
from mmattr_app.jobs import JobQueue
from mmattr_app.pipeline import Plan
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.session import Session, Shown
from mmattr_app.ui.trusting import comparing_job, measuring_job
from mmattr_app.ui.views import result_view
from tests.games import ToyWorker, explain_regions, toy_queue
from tests.tabs import told
from tests.ui.acting import stop
from tests.ui.test_page import Visit, state
from tests.ui.test_regions import begin, explain


def looking_at(picture: Pixels, method: str = "ablation", **more: object) -> Session:
    """Give a tab with a result that no job on this page made, as an example is."""
    toy, session = ToyWorker(), Session()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    known: Attribution = explain_regions(toy, answer, pipeline.segment(picture, "grid:4x4"), Plan(method), **more)
    session.shown = [Shown.of(lambda: known, result_view(known), "toy")]
    return session


@pytest.mark.parametrize("tokens", [[], [2], [-1], ["0"], [True], None, "0"])
@pytest.mark.parametrize("make", [measuring_job, comparing_job])
def test_tokens_that_a_browser_made_up_are_refused(picture: Pixels, make: object, tokens: object) -> None:
    assert callable(make)
    with pytest.raises(AppError, match="press Explain first"):
        make(tokens, Session())
    with pytest.raises(AppError, match="Select one or more words"):
        make(tokens, looking_at(picture))


def test_what_a_map_is_not_for_is_refused_and_said(picture: Pixels, tmp_path: Path) -> None:
    session = looking_at(picture, "eagle", selection=(0,))
    with pytest.raises(AppError, match="This map is for “hello” only; select that"):
        measuring_job([1], session)
    assert Handlers(toy_queue(ToyWorker(), tmp_path)).price(session)["trust"]["costs"]["measure"] > 0


def test_an_example_that_was_measured_stays_so_in_this_tab_alone(picture: Pixels, tmp_path: Path) -> None:
    queue, session = toy_queue(ToyWorker(), tmp_path), looking_at(picture)
    handlers = Handlers(queue)
    priced = handlers.price(session)["trust"]["costs"]
    job = queue.submit(measuring_job([0], session))
    news = told(handlers.follow(job, session, gr.Request(session_hash="a tab", client=None)))
    assert {message["state"] for message, _ in news} == {"done"}, "the map stays on show"
    last = news[-1][0]
    assert [one["tokens"] for one in last["curves"]] == [[0]]
    assert last["trust"]["costs"]["measure"] < priced["measure"], "random orders are known"
    assert len(session.shown) == 1
    assert [one.tokens for one in session.shown[0].result.measured] == [(0,)]
    assert not list(queue.store.folder.glob("*/mmattr.npz"))
    assert queue.find(job.id) is None, "nothing else holds the picture"


def of_weights(picture: Pixels, corner: int) -> Attribution:
    """Give a map that has all of its weight on one of 16 regions of the toy, whose last region matters most."""
    known = looking_at(picture).shown[0].result
    answer = replace(known.answer, model="demo")  # which this page offers
    weights = np.zeros((16, 2), np.float32)
    weights[corner] = 1
    return replace(known, answer=answer, method="attention-last", reads="weight", scores=Scores(weights))


def test_a_map_of_weights_is_compared_with_what_hiding_shows(
    visit: Visit, picture: Pixels, queue: JobQueue, address: str
) -> None:
    known = of_weights(picture, corner=0)
    page, job = visit(), token_urlsafe(16)
    queue.store.put(job, known)
    page.goto(f"{address}?result={job}")
    state(page, "done")
    page.locator("[data-token='0']").first.click()
    open_tab(page)
    expect(page.locator(".trust")).to_contain_text("Does hiding say the same?")
    expect(page.locator(".ask.compare .costs")).to_contain_text("About 66 masks")
    page.get_by_role("button", name="Compare with what hiding shows").click()
    expect(page.locator(".pair canvas")).to_have_count(2)
    said = page.locator(".compared .verdict")
    expect(said).to_contain_text("By attention-last “hello” has most weight on the upper left")
    expect(said).to_contain_text("changes nothing for sure; what does is the lower right")
    captions = page.locator(".pair figcaption")
    expect(captions.nth(0)).to_have_text("Attention-last: the upper left")
    expect(captions.nth(1)).to_contain_text("Hidden by the mean colour: the lower")


def test_nothing_is_priced_while_something_else_is_on_show(picture: Pixels, tmp_path: Path) -> None:
    handlers, session = Handlers(toy_queue(ToyWorker(), tmp_path)), looking_at(picture)
    session.previewing = True
    for nothing in (session, Session()):
        assert "trust" not in handlers.price(nothing)


def open_tab(page: Page) -> None:
    page.get_by_role("tab", name="Can I trust it?").click()


def test_a_map_is_measured_while_it_stays_on_show(
    visit: Visit, own_picture: Path, queue: JobQueue, toy: ToyWorker
) -> None:
    page = begin(visit, own_picture)
    explain(page, queue, "on show")
    page.locator("[data-token='0']").first.click()
    open_tab(page)
    expect(page.locator(".ask.measure .costs")).to_contain_text("masks")
    toy.gate.clear()
    page.locator(".ask.measure button").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    state(page, "done")
    expect(page.locator("[data-token='0']").first).to_have_attribute("aria-selected", "true")
    toy.gate.set()
    expect(page.locator(".curves svg")).to_have_count(2)
    expect(page.locator(".verdict")).to_be_focused()
    expect(page.locator("[data-token='0']").first).to_have_attribute("aria-selected", "true")
    page.locator("[data-token='1']").first.click()
    expect(page.locator(".curves svg")).to_have_count(0)
    expect(page.locator(".ask.measure button")).to_be_visible()


def test_what_was_measured_is_there_after_a_reload_and_in_the_file(
    visit: Visit, own_picture: Path, queue: JobQueue
) -> None:
    page = begin(visit, own_picture)
    explain(page, queue, "measured")
    page.locator("[data-token='0']").first.click()
    open_tab(page)
    page.locator(".ask.measure button").click()
    expect(page.locator(".curves svg")).to_have_count(2)
    page.reload()
    state(page, "done")
    page.locator("[data-token='0']").first.click()
    open_tab(page)
    expect(page.locator(".curves svg")).to_have_count(2)
    result = queue.store.get(queue.jobs()[-1].id)
    assert result
    assert [one.tokens for one in result.measured] == [(0,)]


def test_two_occluders_are_compared_and_it_can_be_stopped(
    visit: Visit, own_picture: Path, queue: JobQueue, toy: ToyWorker
) -> None:
    page = begin(visit, own_picture)
    explain(page, queue, "compared")
    page.locator("[data-token='0']").first.click()
    open_tab(page)
    expect(page.locator(".ask.compare .costs")).to_contain_text("About 66 masks")
    toy.gate.clear()
    page.locator(".ask.compare button").click()
    stop(page, "button:text-is('Stop')", queue, toy)
    expect(page.locator(".ask.compare .costs")).to_contain_text("ancelled")
    page.locator(".ask.compare button").click()
    expect(page.locator(".pair canvas")).to_have_count(2)
    expect(page.locator(".compared .verdict")).to_contain_text("the maps of “compared” agree: 100% of the best tenths")
    page.reload()
    state(page, "done")
    page.locator("[data-token='0']").first.click()
    open_tab(page)
    expect(page.locator(".pair canvas")).to_have_count(2)
    asked = toy.masks
    page.locator("[data-token='1']").first.click()
    expect(page.locator(".ask.compare .costs")).to_have_text("Nothing new has to be asked.")
    page.locator(".ask.compare button").click()
    expect(page.locator(".pair canvas")).to_have_count(2)
    assert toy.masks == asked
