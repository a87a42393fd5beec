"""What a newcomer is told, what must be known before an answer is read, and where regions are, in words."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mmattr_app.explorer import View, message
from tests.explorer.conftest import settle
from tests.explorer.moments import CAR, REGIONS, done, grid, picture, scores

Show = Callable[..., Page]

LISTEN = """() => {
  window.heard = [];
  const note = (name) => () => heard.push(name);
  const listeners = { onBack: note("back"), onModels: note("models"), onAdvise: note("advise") };
  window.explorer = mountExplorer(document.body, listeners);
}"""


def update(tab: Page, view: View) -> None:
    tab.evaluate("message => explorer.update(message)", message(view))
    settle(tab)


def listening(show: Show, view: View) -> Page:
    tab = show(view)
    tab.evaluate(LISTEN)
    update(tab, view)
    return tab


def test_a_tour_of_three_steps_is_closed_and_found_again(show: Show) -> None:
    tab = show(done(live=True))
    tour = tab.locator(".tour")
    for step, lit in (("1 of 3", ".tokens"), ("2 of 3", ".stage"), ("3 of 3", ".readout")):
        expect(tour).to_contain_text(step)
        assert "lit" in (tab.locator(lit).get_attribute("class") or "")
        tour.locator(".next").click()
    expect(tour).to_be_hidden()
    assert tab.locator(".lit").count() == 0
    tab.get_by_role("button", name="How to read this").click()
    expect(tour).to_contain_text("1 of 3")
    tour.get_by_role("button", name="Close").click()
    expect(tour).to_be_hidden()


def test_a_file_that_was_taken_home_has_no_tour_but_says_what_underline_and_grey_mean(show: Show) -> None:
    tab = show(done())
    expect(tab.locator(".tour")).to_be_hidden()
    expect(tab.locator(".key")).to_have_text("underlined needs the picture grey hardly needs it")
    expect(tab.locator(".key .needs")).to_have_css("padding-bottom", "0px")  # the line is under the word


def test_a_picture_that_the_model_does_not_know_has_a_notice_and_the_answer_fades(show: Show) -> None:
    tab = listening(show, done(live=True, notice="This model knows drawn scenes only.", unfamiliar=True))
    expect(tab.get_by_role("alert")).to_contain_text("drawn scenes only")
    expect(tab.locator(".tokens")).to_have_css("opacity", "0.6")
    tab.get_by_role("button", name="Choose another model").click()
    assert tab.evaluate("heard") == ["models"]
    update(tab, done())
    expect(tab.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("key", [True, False])
def test_a_preview_over_a_result_goes_back_by_a_button_and_by_escape(show: Show, *, key: bool) -> None:
    preview = View("empty", "12 regions", question=done().asked, segmentation=grid(), back=True)
    tab = listening(show, preview)
    if key:
        tab.keyboard.press("Escape")
    else:
        tab.get_by_role("button", name="Back to the map").click()
    assert tab.evaluate("heard") == ["back"]
    update(tab, done())
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("button", name="Back to the map")).to_be_hidden()
    assert tab.evaluate("heard") == ["back"]


def test_a_typed_text_is_marked_as_typed(show: Show) -> None:
    result = done().attribution
    assert result
    tab = show(View("done", attribution=replace(result, answer=replace(result.answer, typed=True))))
    expect(tab.locator(".asked")).to_contain_text("A text of yours, not the model")


def test_a_grey_word_has_a_faint_map_that_says_so(show: Show) -> None:
    values = scores()
    values[3, 3] = 2.0
    tab = show(done(scores=values, reads="estimate"))
    tab.locator('[data-token="3"]').click()
    expect(tab.locator(".faintly")).to_be_visible()
    assert float(tab.locator(".heatmap").evaluate("node => getComputedStyle(node).opacity")) < 0.3
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".faintly")).to_be_hidden()


def test_the_regions_of_the_sentence_have_their_numbers_on_the_map(show: Show) -> None:
    tab = show(done())
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".marks span")).to_have_text(["6", "7"])
    tab.locator('[data-token="5"]').click()
    expect(tab.locator(".marks span")).to_have_text(["4"])


@pytest.mark.parametrize(
    ("region", "place"),
    [(0, "upper left"), (3, "upper right"), (1, "top"), (4, "left side"), (5, "middle"), (10, "bottom")],
)
def test_a_region_is_named_by_where_it_is(show: Show, region: int, place: str) -> None:
    values = np.zeros_like(scores())
    values[region, CAR] = 2
    tab = show(done(scores=values))
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".readout")).to_contain_text(f"rests mostly on the {place} (region {region + 1})")


def test_an_empty_region_lights_no_word(show: Show) -> None:
    values = scores()
    values[0, 3] = 0.06  # all that this region does; the car loses 2
    tab = show(done(scores=values))
    tab.locator('[data-region="0"]').hover()
    expect(tab.locator(".token:not(.quietly)")).to_have_count(0)


def test_where_no_region_carries_a_word_there_is_advice(show: Show) -> None:
    values = np.zeros((REGIONS, scores().shape[1]), np.float32)
    tab = listening(show, done(scores=values, live=True, first_word="car"))
    expect(tab.locator(".readout")).to_contain_text("No single region carries it.")
    tab.evaluate("document.querySelector('.readout').key = ''")  # drawn by the explorer that nobody hears
    update(tab, done(scores=values, live=True, first_word="car"))
    tab.get_by_role("button", name="Hide larger parts").click()
    assert tab.evaluate("heard") == ["advise"]


def test_the_word_that_an_example_is_about_is_selected_at_first(show: Show) -> None:
    tab = show(done(first_word="windmill"))
    expect(tab.locator(".token[aria-selected=true]")).to_have_text(["windmill"])


def test_an_answer_that_begins_with_no_is_about_that_word(show: Show) -> None:
    pieces = ("No", ",", " there", " is", " no", " dog", ".")
    blank = np.full(len(pieces), -0.125, np.float32)
    blank[0] = -4
    expect(show(done(pieces, blank=blank)).locator(".token[aria-selected=true]")).to_have_text(["No"])


def test_the_picture_keeps_its_colours_under_the_map(show: Show) -> None:
    tab = show(done(image=picture()))
    saturation = tab.locator(".picture").evaluate(
        "node => getComputedStyle(node).filter.match(/saturate\\(([0-9.]+)\\)/)[1]"
    )
    assert float(saturation) > 0.5
