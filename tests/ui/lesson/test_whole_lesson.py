"""The whole lesson, from its first step to its last: by keyboard alone, and by touch alone on a phone."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from mmattr_app.ui.lesson import STEPS
from tests.ui.lesson.test_panel import PHONE, expect_done, kept

Learn = Callable[..., Page]
SAID = """() => { const at = document.activeElement;
  return (at.getAttribute('aria-label') || at.closest('label')?.innerText || at.innerText || '').trim(); }"""
DRAWN = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
ANSWER = "The answer."  # how the label of the list of words begins


def go_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until what has the focus is called so."""
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate(SAID).startswith(name):
            return
    raise AssertionError(f"{name} is not reached by {key}")


def press(page: Page, *keys: str) -> None:
    """Press keys no faster than the page is drawn: what is not there yet cannot have the focus."""
    for key in keys:
        page.keyboard.press(key)
        page.evaluate(DRAWN)


def act(page: Page, name: str) -> None:
    """Go to the panel, and press a button of it."""
    page.keyboard.press("Alt+l")
    go_to(page, name)
    page.keyboard.press("Enter")


def begin(page: Page, number: int) -> None:
    """Go on to a step and set it up, which leads to the answer."""
    if number > 1:
        act(page, "Next")
    expect(page.get_by_role("heading", name=STEPS[number - 1].title)).to_be_focused()
    act(page, "Set up")
    expect(page.locator("#explorer .tokens")).to_be_focused(timeout=60_000)


def test_keys_alone_go_through_the_whole_lesson(learn: Learn, steps_done: list[Any]) -> None:
    steps_done.clear()
    page = learn()
    go_to(page, "Lesson", "Shift+Tab")
    press(page, "Enter")
    begin(page, 1)
    press(page, "Tab", "ArrowRight", "Enter", "Tab", "Enter")
    expect_done(page, 1)
    begin(page, 2)
    press(page, "End", "ArrowLeft")
    expect_done(page, 2)
    begin(page, 3)
    go_to(page, "Why this word")
    press(page, "ArrowRight", "ArrowRight")
    expect(page.locator("#explorer .panel")).to_contain_text("About 66 masks")  # the buttons stay from now on
    go_to(page, "Compare two ways to hide")
    press(page, "Enter")
    expect_done(page, 3)
    begin(page, 4)
    go_to(page, "Measure “crown”")
    press(page, "Enter")
    expect_done(page, 4)
    begin(page, 5)
    go_to(page, "Words of the question", "Shift+Tab")
    press(page, "Space")
    go_to(page, "Explain", "Shift+Tab")
    press(page, "Enter")
    expect(page.locator("#explorer .shares")).to_be_visible(timeout=60_000)
    go_to(page, ANSWER)
    press(page, "Home", "ArrowRight")
    expect_done(page, 5)
    begin(page, 6)
    press(page, "Tab", *["ArrowRight"] * 14, "Enter", "ArrowRight", "Enter")
    press(page, "ArrowDown", "Enter", "ArrowLeft", "Enter", "Tab", "Enter")
    expect_done(page, 6)
    act(page, "Next")
    go_to(page, STEPS[6].choices[0].text)
    press(page, "ArrowDown", "Enter")
    expect_done(page, 7)
    assert kept(page)["done"] == [0, 1, 2, 3, 4, 5, 6]
    assert steps_done == [1, 2, 3, 4, 5, 6, 7], "whoever hears the event, hears each step once"


def tap(page: Page, name: str) -> None:
    page.locator(".lesson").get_by_role("button", name=name, exact=True).tap()


def start(page: Page, number: int) -> None:
    """Go on to a step, set it up, and fold the panel, which opens again when there is something to read."""
    if number > 1:
        tap(page, "Next")
    expect(page.get_by_role("heading", name=STEPS[number - 1].title)).to_be_in_viewport()
    tap(page, "Set up")
    expect(page.locator("#explorer .tokens")).to_be_focused(timeout=60_000)
    expect(page.locator("#explorer .tokens")).to_be_in_viewport()
    tap(page, "Fold")


def word(page: Page, text: str) -> None:
    page.locator("[data-token]", has_text=text).first.tap()


def test_fingers_alone_go_through_the_whole_lesson_on_a_phone(learn: Learn) -> None:
    page = learn(**PHONE)
    page.get_by_role("button", name="Lesson", exact=True).tap()
    start(page, 1)
    page.locator("[data-region='30']").tap()
    page.get_by_role("button", name="Show me").tap()
    expect_done(page, 1)
    expect(page.locator(".lesson .task")).to_be_hidden()  # the map counts now
    expect(page.locator(".tour")).to_be_hidden()  # and nobody tells of two things at once
    start(page, 2)
    word(page, "sky")
    expect_done(page, 2)
    start(page, 3)
    page.get_by_role("tab", name="Can I trust it?").tap()
    page.get_by_role("button", name="Compare two ways to hide").tap()
    expect_done(page, 3)
    expect(page.locator(".compared .verdict")).to_be_in_viewport()
    start(page, 4)
    page.get_by_role("button", name="Measure “crown”").tap()
    expect_done(page, 4)
    start(page, 5)
    page.locator("#players").get_by_text("Words of the question", exact=True).tap()
    page.locator("#explain").tap()
    expect(page.locator("#explorer .shares")).to_be_visible(timeout=60_000)
    word(page, "cup")
    page.locator("#explorer .shares").scroll_into_view_if_needed()
    expect_done(page, 5)
    start(page, 6)
    for region in (14, 15, 30, 31):
        page.locator(f"[data-region='{region}']").tap()
    page.get_by_role("button", name="Show me").tap()
    expect_done(page, 6)
    tap(page, "Next")
    page.get_by_role("radio", name=STEPS[6].choices[1].text).tap()
    expect_done(page, 7)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in page.locator(".lesson button:visible").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44
