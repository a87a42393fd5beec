"""The tab "Compare": the selected words by several methods, while the result stays on show."""

from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.jobs import CompareMethods, JobQueue, comparing
from mmattr_app.ui.comparing import comparing_methods, comparison_view
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.session import Session
from tests.games import ToyWorker, toy_queue
from tests.ui.acting import stop
from tests.ui.test_accessible import violations
from tests.ui.test_page import Visit, state
from tests.ui.test_regions import begin, explain
from tests.ui.test_trust_tab import looking_at

SOMEBODY = gr.Request(session_hash="a tab", client=None)


@pytest.mark.parametrize(("methods", "says"), [
    (["ablation"], "Choose 2 to 8 maps"),
    (["ablation", "ablation hidden by mean"], "Choose 2 to 8 maps"),
    ([f"smooth with seed {seed}" for seed in range(9)], "Choose 2 to 8 maps"),
    (["ablation", "ablation on labels:/etc/passwd"], "Regions from a file cannot be named here"),
    (["ablation", "ablation on auto"], "auto is not offered here; choose sam2, or explain on these regions first"),
    (["ablation", "ablation on sam2"], "SAM-2 cannot be had here, since the weights of SAM-2"),
    (["ablation", "ablation on grid:900x900"], "finer than the picture's pixels"),
    (["ablation", "ablation hidden by magic"], "There is no occluder 'magic'"),
    (["ablation", "ablation asking toy"], "Choose 2 to 8 maps"),
    (["ablation", "ablation asking org/large"], "This page offers the models demo, clever-hans; choose one of them"),
    (["ablation", "magic"], "There is no method 'magic'"),
    ("ablation", "Choose the methods to compare first"),
    ([1, 2], "Choose the methods to compare first"),
])  # fmt: skip
def test_methods_that_a_browser_made_up_are_refused(picture: Pixels, methods: object, says: str) -> None:
    with pytest.raises(AppError, match="press Explain first"):
        comparing_methods([0], methods, Session())
    with pytest.raises(AppError, match=says):
        comparing_methods([0], methods, looking_at(picture))


def test_each_method_is_offered_with_the_masks_that_it_takes(picture: Pixels, tmp_path: Path) -> None:
    told = Handlers(toy_queue(ToyWorker(), tmp_path)).offer(SOMEBODY, looking_at(picture))["compare"]
    masks = {one["name"]: one["masks"][0] for one in told["offers"]}
    there = {one["name"]: one["there"] for one in told["offers"]}
    assert told["ways"]["regions"] == ["grid:4x4", "grid:8x8", "grid:16x16", "slic:48"]
    assert "since the weights of SAM-2" in told["no_sam2"]
    assert told["ways"]["models"] == ["toy", "demo", "clever-hans"]
    assert told["sizes"] == ["", "5M, 0.1 GB", "5M, 0.1 GB"]
    assert next(one["masks"] for one in told["offers"] if one["name"] == "keep-one")[:2] == [58, 40 + 2 + 65]
    assert told["chosen"] == ["ablation", "surrogate", "smooth"]
    assert (there["ablation"], there["keep-one"]) == (40, None), "its map is there, its figures are not"
    assert masks["ablation"] == 40 + 18, "with another model or occluder it is made anew"
    assert masks["keep-one"] == 40 + 18
    assert masks["surrogate"] == 40 + 66


def test_the_map_on_show_is_not_made_again_and_nothing_is_asked_twice(picture: Pixels, tmp_path: Path) -> None:
    toy, session = ToyWorker(), looking_at(picture)
    queue = toy_queue(toy, tmp_path)
    job = queue.submit(comparing_methods([0], ["ablation", "keep-one", "eagle"], session))
    ends = list(job.follow())
    found = ends[-1].comparison
    assert found
    assert [len(one.comparison.maps) for one in ends if one.comparison][-1] == 3
    assert found.maps[0].attribution.scores is session.shown[0].result.scores
    assert (found.maps[0].asked, found.maps[0].remembered) == (0, 0)
    assert found.maps[2].remembered > 0, "keep-one showed each region alone before eagle did"
    assert isinstance(job.kind, CompareMethods)
    assert toy.masks <= sum(job.kind.costs)
    before = toy.masks
    again = list(queue.submit(comparing_methods([0], ["ablation", "keep-one"], session)).follow())[-1].comparison
    assert again
    assert toy.masks == before
    assert again.maps[1].asked == 0
    assert (again.asked, again.saved) == (0, 18 + sum(one.measured[1] for one in again.maps))


def test_maps_of_other_regions_and_occluders_are_made_beside_it(picture: Pixels, tmp_path: Path) -> None:
    toy, session = ToyWorker(), looking_at(picture)
    queue = toy_queue(toy, tmp_path)
    texts = [
        "ablation",
        "ablation hidden by white",
        "ablation on slic:9",
        "ablation with seed 1",
        "ablation with seed 2",
    ]
    job = queue.submit(comparing_methods([0], texts, session))
    found = list(job.follow())[-1].comparison
    assert found
    assert isinstance(job.kind, CompareMethods)
    assert [one.name for one in found.maps] == job.kind.names
    assert job.kind.names[2] == "ablation on slic:9"
    assert found.maps[2].attribution.segmentation.made_by == "slic:9"
    assert found.maps[4].asked == 0, "it draws no masks, so another seed asks nothing"
    assert found.asked == toy.masks <= sum(job.kind.costs)
    assert not found.one_measure


def test_how_far_each_map_points_to_what_the_words_name_is_told_where_that_is_known(
    picture: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = np.zeros(picture.shape[:2], bool)
    named[-16:, -14:] = True  # the last cell is worth most to the toy
    known = {(0,): named, (1,): None}
    monkeypatch.setattr(comparing, "named_pixels", lambda answer, tokens: known[tokens] if answer else None)
    session, queue = looking_at(picture), toy_queue(ToyWorker(), tmp_path)
    for token, points in ((0, [1.0, 1.0]), (1, [None, None])):
        job = queue.submit(comparing_methods([token], ["ablation", "keep-one"], session))
        list(job.follow())
        shown = comparison_view(job, job.snapshot, session, queue).compare["found"][-1]
        assert [one["pointing"] for one in shown["maps"]] == points


def open_tab(page: Page) -> None:
    page.get_by_role("tab", name="Compare").click()
    expect(page.locator(".choice > label input:checked")).to_have_count(3)


def test_methods_are_compared_while_the_map_stays_on_show(
    visit: Visit, own_picture: Path, queue: JobQueue, toy: ToyWorker
) -> None:
    page = begin(visit, own_picture)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    explain(page, queue, "several")
    page.locator("[data-token='0']").first.click()
    open_tab(page)
    expect(page.locator(".compare-methods .costs")).to_contain_text("3 maps, at most")
    assert not [url for url in requests if "plotly" in url], "charts are loaded where there are any"
    toy.gate.clear()
    page.locator(".compare-methods .act button").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    state(page, "done")
    expect(page.locator(".several .to-come")).not_to_have_count(0)
    toy.gate.set()
    expect(page.locator(".several canvas")).to_have_count(3)
    expect(page.locator(".compare-methods .verdict")).to_contain_text("is the most faithful here")
    expect(page.locator(".charts .plot .main-svg").nth(1)).to_be_visible()
    assert len([url for url in requests if "plotly" in url]) == 1
    assert violations(page) == []
    rows = page.locator(".wide tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("shown already")
    page.locator("[data-token='1']").first.click()
    expect(page.locator(".several")).to_have_count(0)
    page.locator("[data-token='0']").first.click()
    expect(page.locator(".several canvas")).to_have_count(3)


def test_a_comparison_can_be_stopped_and_other_methods_chosen_by_keyboard(
    visit: Visit, own_picture: Path, queue: JobQueue, toy: ToyWorker
) -> None:
    page = begin(visit, own_picture)
    explain(page, queue, "ended")
    page.locator("[data-token='0']").first.click()
    open_tab(page)
    toy.gate.clear()
    button = page.locator(".compare-methods .act button")
    button.click()
    stop(page, "button:text-is('Stop')", queue, toy)
    expect(page.locator(".compare-methods .costs")).to_contain_text("Cancelled")
    for box in page.locator(".choice > label input").all():
        box.press("Space")
    expect(page.locator(".compare-methods .costs")).to_contain_text("Choose two methods or more")
    expect(button).to_have_attribute("aria-disabled", "true")
    page.locator(".choice summary").press("Enter")
    expect(button).to_be_in_viewport(ratio=1)
    expect(page.locator(".varied.regions")).to_contain_text("48 superpixels")
    for name in ("keep-one", "rise"):
        page.locator(".choice label", has=page.get_by_text(name, exact=True)).locator("input").press("Space")
    for kind, label in (("occluders", "blur"), ("seeds", "seed 1")):
        page.locator(f".varied.{kind} label", has_text=label).locator("input").press("Space")
    expect(page.locator(".compare-methods .costs")).to_contain_text("8 maps, at most")
    page.locator(".varied.regions label", has_text="slic:48").locator("input").press("Space")
    expect(page.locator(".compare-methods .costs")).to_contain_text("These are 16 maps; choose at most 8")
    expect(button).to_have_attribute("aria-disabled", "true")
    for kind, label in (("regions", "slic:48"), ("seeds", "seed 1")):
        page.locator(f".varied.{kind} label", has_text=label).locator("input").press("Space")
    button.press("Enter")
    expect(page.locator(".varied.regions")).to_be_hidden()
    expect(page.locator(".several canvas")).to_have_count(4)
    names = ["keep-one", "keep-one hidden by blur", "rise", "rise hidden by blur"]
    expect(page.locator(".several figcaption strong")).to_have_text(names)
    expect(page.locator(".compare-methods .verdict")).to_contain_text("do not say which is better")
    expect(page.locator(".found")).to_contain_text("more were known already and not asked again")
    expect(page.locator(".charts figure")).to_have_count(1)  # bars of insertion minus deletion would be compared, too
    page.evaluate("document.body.classList.add('dark')")
    assert violations(page) == []


def test_on_a_phone_the_page_stays_where_the_tab_is(visit: Visit) -> None:
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    tab = page.get_by_role("tab", name="Compare")
    tab.scroll_into_view_if_needed()
    tab.tap()
    before = page.evaluate("scrollY")
    expect(page.locator(".choice > label input:checked")).to_have_count(3)
    page.wait_for_timeout(300)  # a page that scrolls would have done so by now
    assert page.evaluate("scrollY") == before > 0
    page.locator(".choice summary").tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
