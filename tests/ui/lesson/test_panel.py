"""The lesson's panel: it is opened and closed, remembers what was done, and sees when a task is done."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mmattr_app.ui.lesson import STEPS
from tests.ui.test_accessible import violations

Learn = Callable[..., Page]
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def kept(page: Page) -> dict[str, Any]:
    """Read what the browser remembers of the lesson."""
    return json.loads(page.evaluate("localStorage.getItem('mmattr-lesson')"))


def press(page: Page, name: str) -> None:
    """Press a button of the panel."""
    page.locator(".lesson").get_by_role("button", name=name, exact=True).click()


def set_up(page: Page) -> None:
    """Set the step up, and wait for its scene."""
    press(page, "Set up")
    expect(page.locator("#explorer .tokens")).to_be_focused(timeout=60_000)


def expect_done(page: Page, number: int) -> None:
    """Expect the sentence to take home, seen and said."""
    sentence = STEPS[number - 1].take_home
    expect(page.locator(".take-home")).to_be_visible(timeout=60_000)
    expect(page.locator(".take-home")).to_contain_text(sentence)
    expect(page.locator(".lesson .live")).to_contain_text(f"Step {number} is done. To take home: {sentence}")
    assert number - 1 in kept(page)["done"]


def test_the_lesson_is_opened_beside_the_tour_closed_and_found_again(learn: Learn) -> None:
    page = learn()
    expect(page.locator(".lesson")).to_be_hidden()
    page.get_by_role("button", name="Lesson", exact=True).click()
    expect(page.get_by_role("heading", name=STEPS[0].title)).to_be_focused()
    press(page, "Skip")
    expect(page.get_by_role("heading", name=STEPS[1].title)).to_be_focused()
    press(page, "Close")
    expect(page.locator(".lesson")).to_be_hidden()
    expect(page.get_by_role("button", name="Lesson", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=STEPS[1].title)).to_be_visible()


def test_an_address_opens_a_step_and_what_was_done_survives_a_reload(learn: Learn) -> None:
    page = learn("?lesson=7")
    expect(page.locator(".lesson .where")).to_have_text("Step 7 of 7")
    page.get_by_role("radio", name=STEPS[6].choices[1].text).click()
    expect_done(page, 7)
    page.goto(page.url.split("?")[0])
    page.wait_for_selector("#explorer [data-state=done]")
    expect(page.locator(".take-home")).to_contain_text(STEPS[6].take_home)
    press(page, "Back")
    expect(page.locator(".lesson .where")).to_have_text("Step 6 of 7")
    expect(page.locator(".take-home")).to_be_hidden()
    assert kept(page)["done"] == [6]


@pytest.mark.parametrize("number", ["x", "1e9"])
def test_a_step_that_is_not_there_breaks_nothing(learn: Learn, number: str) -> None:
    page = learn(f"?lesson={number}")
    page.evaluate('localStorage.setItem(\'mmattr-lesson\', \'{"open": true, "step": 99, "done": 3}\')')
    page.reload()
    page.wait_for_selector("#explorer [data-state=done]")
    expect(page.locator(".lesson .where")).to_have_text(re.compile("Step [17] of 7"))


def test_each_wrong_answer_has_its_sentence_and_does_not_end_the_step(learn: Learn) -> None:
    page = learn("?lesson=7")
    for choice in STEPS[6].choices:
        if choice.right:
            continue
        page.get_by_role("radio", name=choice.text).click()
        expect(page.locator(".lesson .says")).to_have_text(choice.says)
        expect(page.locator(".take-home")).to_be_hidden()


def test_the_texts_name_words_of_the_answer_on_show(learn: Learn) -> None:
    page = learn("?lesson=1")
    expect(page.locator(".task")).to_contain_text("Click a word in the answer")
    set_up(page)
    expect(page.locator(".task")).to_contain_text("Click “crown” in the answer")
    expect(page.locator("[aria-selected=true]", has_text="crown")).to_have_count(1)
    press(page, "Skip")
    press(page, "Hint")
    expect(page.locator(".hint-text")).to_contain_text("Try “sky”")


def test_another_scene_asks_about_one_that_is_drawn_by_its_seed(learn: Learn) -> None:
    page = learn("?lesson=1")
    press(page, "Another scene")
    expect(page.locator("#explorer .tokens")).to_be_focused(timeout=60_000)
    expect(page.locator("#explorer .tokens")).to_have_text("Awhitefishandacrown,underasky.")
    assert 0 <= kept(page)["seeds"]["0"] < 1_000_000
    expect(page.locator("#prompt textarea")).to_have_value("Describe the picture.")
    set_up(page)
    expect(page.locator("#explorer .tokens")).to_contain_text("butterfly")
    assert kept(page)["seeds"] == {}


def test_nothing_gives_the_cause_away_and_only_the_cause_ends_the_step(learn: Learn) -> None:
    page = learn("?lesson=6")
    set_up(page)
    for part in (".heatmap", ".reasons", ".readout", ".legend"):
        expect(page.locator(f"#explorer {part}")).to_be_hidden()
    assert not re.search("magenta|tag", page.locator("body").inner_text().lower().replace("stage", ""))
    mark(page, 120, 121)
    page.get_by_role("button", name="Show me").click()
    expect(page.locator(".lesson .says")).to_contain_text("No: without what you marked")
    expect(page.locator(".take-home")).to_be_hidden()
    page.get_by_role("button", name="Mark again").click()
    mark(page, *range(32))
    page.get_by_role("button", name="Show me").click()
    expect(page.locator(".lesson .says")).to_contain_text("too much of the picture")
    page.get_by_role("button", name="Mark again").click()
    mark(page, 14, 15, 30, 31)
    page.get_by_role("button", name="Show me").click()
    expect(page.locator(".lesson .says")).to_contain_text("Yes")
    expect_done(page, 6)


def mark(page: Page, *regions: int) -> None:
    """Mark regions, as Enter does."""
    for region in regions:
        page.locator(f"[data-region='{region}']").evaluate("button => button.click()")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_whoever_sees_badly_can_use_the_panel(learn: Learn, options: dict[str, Any], scheme: str) -> None:
    page = learn("?lesson=7", color_scheme=scheme, **options)
    page.get_by_role("radio", name=STEPS[6].choices[1].text).click()
    press(page, "Hint")
    assert violations(page) == []
