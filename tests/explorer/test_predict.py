"""Predict first: a map is kept back until its regions were guessed, and the guess has a score."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mmattr_app.explorer import View, message
from tests.explorer.conftest import settle
from tests.explorer.moments import CAR, PIECES, RED, REGIONS, done, estimated, grid, hiding, overlapping, scores
from tests.explorer.test_words_that_play import mixed

Show = Callable[..., Page]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TELLS = (".heatmap", ".legend", ".controls", ".reasons", ".readout", ".shares")  # what tells where the answer is
KEPT = """() => { const kept = {};
  Object.defineProperty(window, 'localStorage', { configurable: true, value: {
    getItem: name => kept[name] ?? null, setItem: (name, value) => { kept[name] = value; } } }); }"""


def predicting(show: Show, view: View, word: int = CAR, **options: object) -> Page:
    tab = show(view, **options)
    tab.get_by_role("button", name="Predict first").click()
    tab.locator(f'[data-token="{word}"]').click()
    settle(tab)
    return tab


def mark(tab: Page, *regions: int) -> None:
    for region in regions:
        tab.locator(f'[data-region="{region}"]').click()
    settle(tab)


def reveal(tab: Page) -> str:
    tab.get_by_role("button", name="Show me").click()
    settle(tab)
    return tab.locator(".guess-says").inner_text()


def update(tab: Page, view: View) -> None:
    tab.evaluate("message => explorer.update(message)", message(view))
    settle(tab)


def expect_kept_back(tab: Page) -> None:
    for part in TELLS:
        expect(tab.locator(part)).to_be_hidden()
    expect(tab.locator(".marks span")).to_have_count(0)


@pytest.mark.parametrize(
    ("marked", "says"),
    [
        ([5], "You marked 8% of the picture and found 67% of the support: 8 times better than chance."),
        ([5, 6], "You marked 17% of the picture and found 100% of the support: 6 times better than chance."),
        ([6, 7, 8], "You marked 25% of the picture and found 33% of the support: 1.3 times better than chance."),
        ([10, 0], "You marked 17% of the picture and found 0% of the support: worse than chance."),
        (range(REGIONS), "You marked 100% of the picture and found 100% of the support: no better than chance."),
    ],
)
def test_a_prediction_is_scored_against_the_support_and_against_chance(
    show: Show, marked: list[int], says: str
) -> None:
    tab = predicting(show, done())  # the car: 2 in region 5, 1 in region 6, -0.5 in region 10
    mark(tab, *marked)
    assert reveal(tab) == says


def test_where_regions_overlap_what_is_marked_in_part_counts_in_part(show: Show) -> None:
    tab = predicting(show, overlapping())  # 1 on the left half, 2 on a 48th of the picture inside of it
    mark(tab, 2)
    # 2 and a 24th of 1, of 3: 68%; a 48th of the picture is 2%
    assert reveal(tab) == "You marked 2% of the picture and found 68% of the support: 33 times better than chance."


def test_what_is_not_sure_is_no_support(show: Show) -> None:
    values = scores()
    values[0, CAR] = 0.25  # of a standard error of 0.25
    tab = predicting(show, estimated(scores=values))
    mark(tab, 5, 6)
    assert "found 100% of the support" in reveal(tab)


def test_a_word_that_hardly_needs_the_picture_has_nothing_to_find(show: Show) -> None:
    tab = predicting(show, done(), word=3)
    mark(tab, 5)
    assert reveal(tab) == (
        "You marked 8% of the picture, but “and” hardly needs the picture: there was nothing to find."
    )


def test_everything_that_tells_is_kept_back_until_show_me_and_for_each_word(show: Show) -> None:
    tab = predicting(show, done())
    expect_kept_back(tab)
    expect(tab.get_by_role("button", name="Show me")).to_be_disabled()
    before = tab.locator(f'[data-token="{CAR}"]').get_attribute("aria-label")
    tab.locator('[data-region="5"]').hover()
    settle(tab)
    expect(tab.locator(".tag")).to_have_text("Region 6 8.3% of the picture")
    expect(tab.locator(f'[data-token="{CAR}"]')).to_have_attribute("aria-label", before or "")
    mark(tab, 5)
    expect_kept_back(tab)
    reveal(tab)
    expect(tab.locator(".heatmap")).to_be_visible()
    expect(tab.locator(".readout")).to_contain_text("rests mostly on the middle")
    expect(tab.locator(".shapes .guess").last).to_have_attribute("d", "M32 32H64M32 64H64M32 32V64M64 32V64")
    expect(tab.get_by_role("tab", name="All words")).to_be_hidden()
    tab.locator(f'[data-token="{RED}"]').click()
    expect_kept_back(tab)
    expect(tab.locator(".shapes .guess").last).to_have_attribute("d", "")
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".guess-says")).to_contain_text("found 67%")


def test_another_word_starts_again_and_the_switch_shows_everything(show: Show) -> None:
    tab = predicting(show, done())
    mark(tab, 5)
    reveal(tab)
    tab.get_by_role("button", name="Predict another word").click()
    expect(tab.locator(".guess-says")).to_have_text("Click a word of the answer.")
    expect(tab.locator(".tokens")).to_be_focused()
    expect_kept_back(tab)
    mark(tab, 1)
    expect(tab.get_by_role("button", name="Show me")).to_be_hidden()
    tab.get_by_role("button", name="Predict first").click()
    expect(tab.locator(".prediction")).to_be_hidden()
    expect(tab.locator(".heatmap")).to_be_visible()
    expect(tab.get_by_role("tab", name="All words")).to_be_visible()


def test_keys_alone_predict(show: Show) -> None:
    tab = show(done())
    tab.get_by_role("button", name="Predict first").focus()
    tab.keyboard.press("Enter")
    tab.locator(".tokens").focus()
    for key in ("ArrowLeft", "ArrowRight", "Tab", "ArrowDown", "ArrowRight", "Enter"):
        tab.keyboard.press(key)
        settle(tab)
    expect(tab.locator('[data-region="5"]')).to_have_attribute("aria-pressed", "true")
    expect(tab.locator('[data-region="5"]')).to_have_attribute("aria-label", f"Region 6 of {REGIONS}")
    expect(tab.locator(".guess-says")).to_have_text("“car”: 1 region marked, 8% of the picture.")
    expect(tab.locator(".guess-says")).to_have_attribute("aria-live", "polite")
    tab.keyboard.press("Tab")  # "Show me" comes after the picture, though it stands above it
    tab.keyboard.press("Enter")
    expect(tab.locator(".guess-says")).to_contain_text("8 times better than chance")
    expect(tab.get_by_role("button", name="Predict another word")).to_be_focused()


def test_fingers_alone_predict(show: Show) -> None:
    tab = show(done(), **PHONE)
    tab.get_by_role("button", name="Predict first").tap()
    tab.locator(f'[data-token="{CAR}"]').tap()
    for region in (5, 9, 9):  # the second is taken back
        tab.locator(f'[data-region="{region}"]').tap()
    button = tab.get_by_role("button", name="Show me")
    box = button.bounding_box()
    assert box
    assert box["height"] >= 44
    button.tap()
    expect(tab.locator(".guess-says")).to_contain_text("8% of the picture and found 67%")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_nothing_is_to_be_predicted_without_a_map_or_before_the_end(show: Show) -> None:
    tab = predicting(show, done())
    update(tab, hiding(job="two"))
    expect(tab.locator(".prediction")).to_be_hidden()
    expect(tab.locator(".heatmap")).to_be_hidden()  # or it would tell the answer while it grows
    update(tab, done(job="two"))
    expect(tab.locator(".prediction")).to_be_visible()
    expect_kept_back(tab)
    update(tab, hiding(job="three", state="cancelled"))
    expect(tab.locator(".prediction")).to_be_hidden()
    expect(tab.locator(".heatmap")).to_be_visible()
    update(tab, View("empty", "12 regions", question=done().asked, segmentation=grid()))
    expect(tab.get_by_role("button", name="Predict first")).to_be_hidden()


def test_words_that_play_alone_are_not_predicted_and_beside_regions_they_are_kept_back(show: Show) -> None:
    tab = predicting(show, mixed())
    expect_kept_back(tab)
    expect(tab.locator(".said")).to_have_count(0)
    mark(tab, 5)
    assert "found 67% of the support" in reveal(tab)
    told = message(mixed())
    tab.evaluate("message => explorer.update(message)", {**told, "job": "x", "map": None, "rows": [], "block": None})
    settle(tab)
    expect(tab.locator(".prediction")).to_be_hidden()
    expect(tab.locator(".readout")).to_be_visible()


def test_hostile_text_stays_text(show: Show) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\">"
    pieces = [*PIECES[:CAR], f" {evil}", *PIECES[CAR + 1 :]]
    tab = show(done(pieces, scores=scores()))
    tab.get_by_role("radio", name="Model tokens").click()
    tab.get_by_role("button", name="Predict first").click()
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".guess-says")).to_contain_text(f"made the model say “{evil}”?")
    assert tab.locator("img").count() == 1
    assert "owned" not in tab.title()


def test_the_browser_remembers_the_switch(show: Show) -> None:
    tab = show(done())
    tab.evaluate(KEPT)
    tab.get_by_role("button", name="Predict first").click()
    assert tab.evaluate("localStorage.getItem('mmattr-predict')") == "on"
    tab.evaluate(
        """() => { const host = document.createElement('div');
        host.append(document.querySelector('.explorer').cloneNode(true));
        document.querySelector('.explorer').remove();
        document.body.append(host);
        window.explorer = mountExplorer(host, {}); }"""
    )
    update(tab, done())
    expect(tab.get_by_role("button", name="Predict first")).to_have_attribute("aria-pressed", "true")
    expect_kept_back(tab)


def test_weights_are_not_called_support(show: Show) -> None:
    values = np.abs(scores())
    tab = predicting(show, replace(done(reads="weight", scores=values), live=True))
    mark(tab, 5)
    assert "of the scores: " in reveal(tab)


def test_the_same_place_in_another_answer_is_another_word(show: Show) -> None:
    tab = predicting(show, done(job=""))
    mark(tab, 5)
    reveal(tab)
    update(tab, done((*PIECES[:CAR], " fish", *PIECES[CAR + 1 :]), job=""))
    tab.locator(f'[data-token="{CAR}"]').click()
    settle(tab)
    expect_kept_back(tab)
