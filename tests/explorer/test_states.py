"""Each state of a job has its look, on a queue and on a phone, by day and by night."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from mmattr_app.explorer import View, message
from tests.explorer.moments import done, grid, hiding

Show = Callable[..., Page]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def test_nothing_yet_is_a_welcome(show: Show) -> None:
    tab = show(View("empty"))
    expect(tab.get_by_role("heading")).to_contain_text("Click a word")
    expect(tab.locator(".picture")).to_be_hidden()
    expect(tab.locator(".strip")).to_be_hidden()


def test_the_preview_shows_the_regions_and_what_they_cost(show: Show) -> None:
    tab = show(View("empty", says="12 regions, about 6 s here", question=done().asked, segmentation=grid()))
    expect(tab.locator(".strip")).to_have_text("12 regions, about 6 s here")
    expect(tab.locator("path.lines").last).to_have_attribute("d", "M0 32H128M0 64H128M32 0V96M64 0V96M96 0V96")
    expect(tab.locator(".heatmap")).to_be_hidden()
    tab.locator('[data-region="0"]').hover()
    expect(tab.locator(".tag")).to_have_text("Region 1 8.3% of the picture")


def test_the_answer_so_far_is_shown_while_it_is_said(show: Show) -> None:
    tab = show(View("answering", says="Answering", question=done().asked, segmentation=grid(), text="A <red"))
    expect(tab.locator(".speech")).to_have_text("A <red")
    expect(tab.locator(".strip")).to_contain_text("Answering")


def test_words_can_be_clicked_before_any_region_was_asked(show: Show) -> None:
    tab = show(hiding(asked=0))
    tab.locator('[data-token="1"]').click()
    expect(tab.locator(".readout")).to_contain_text("“red” needs the picture: 88% with it, 42% with everything hidden.")


def test_while_hiding_the_region_is_hidden_and_the_time_left_is_told(show: Show) -> None:
    tab = show(hiding(asked=3))
    expect(tab.locator(".strip")).to_contain_text("Hiding region 4 of 12")
    expect(tab.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "3")
    expect(tab.locator("path.hidden")).to_have_attribute("d", "M96 0H128V32H96Z")
    expect(tab.locator("path.waiting")).to_have_attribute(
        "d",
        "M16.0 48.0h0"
        + "".join(
            f"M{x}.0 {y}.0h0" for x, y in [(48, 48), (80, 48), (112, 48), (16, 80), (48, 80), (80, 80), (112, 80)]
        ),
    )
    tab.evaluate("message => explorer.update(message)", message(hiding(asked=6, says="6 of 12 masks, 3 s left")))
    expect(tab.locator(".strip")).to_have_text("6 of 12 masks, 3 s left")


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_was_finished_is_kept_and_it_says_how_far_it_came(show: Show, state: str) -> None:
    tab = show(hiding(state=state, says="The model ran out of memory. Try a coarser grid."))
    expect(tab.locator(".strip")).to_have_text("The model ran out of memory. Try a coarser grid.")
    expect(tab.locator(".readout")).to_contain_text("So far: “car” rests mostly on the middle (region 6)")
    expect(tab.get_by_role("progressbar")).to_be_hidden()


def test_a_failure_before_any_picture_is_a_sentence_too(show: Show) -> None:
    tab = show(View("failed", says="This file is not a picture."))
    expect(tab.locator(".strip")).to_have_text("This file is not a picture.")
    expect(tab.locator(".welcome")).to_be_visible()


def test_the_tabs_are_reached_by_keys_and_show_their_panels(show: Show) -> None:
    tab = show(done(files={"json": "why.json", "npz": "why.npz"}))
    expect(tab.locator(".why button.row")).to_have_count(3)
    expect(tab.locator('[data-bar="5"]')).to_contain_text("88% → 12%")
    tab.get_by_role("tab", name="Why this word").focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.locator(".tile .word")).to_have_text(["car", "windmill", "red"])
    tab.keyboard.press("ArrowRight")
    expect(tab.get_by_role("tab", name="Can I trust it?")).to_be_focused()
    tab.keyboard.press("ArrowRight")
    expect(tab.locator(".export [data-format]")).to_have_text(
        ["PNGpicture, heatmap and sentence", "JSONeverything, as text", "NPZarrays for NumPy"]
    )
    with tab.expect_download() as download:
        tab.locator('[data-format="png"]').click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_click_on_a_small_map_selects_the_word(show: Show) -> None:
    tab = show(done())
    tab.get_by_role("tab", name="All words").click()
    tab.get_by_role("button", name="windmill").click()
    expect(tab.locator(".token[aria-selected=true]")).to_have_text(["windmill"])


def test_a_phone_needs_no_scrolling_to_the_side(show: Show) -> None:
    tab = show(done(live=True), **PHONE)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert all(
        tab.locator(".tabs button").evaluate_all("all => all.map(one => one.getBoundingClientRect().right <= 374)")
    )
    stage, tokens = tab.locator(".stage").bounding_box(), tab.locator(".tokens").bounding_box()
    assert stage
    assert tokens
    assert tokens["y"] + tokens["height"] < stage["y"] < stage["y"] + stage["height"] < 844
    assert tab.locator(".tokens").evaluate("node => getComputedStyle(node).touchAction") == "pan-y"


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(242, 245, 244)"), ("dark", "rgb(14, 19, 18)")])
def test_the_page_follows_day_and_night(show: Show, scheme: str, paper: str) -> None:
    tab = show(done(), color_scheme=scheme)
    expect(tab.locator("body")).to_have_css("background-color", paper)
    expect(tab.locator(".token.selected")).to_have_css("color", paper)


def test_nothing_moves_for_those_who_asked_for_calm(show: Show) -> None:
    tab = show(done(), reduced_motion="reduce")
    expect(tab.locator(".token").first).to_have_css("transition-duration", "0s")
