"""A presentation: the answer and the map alone, large, gone through by keys."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.explorer.conftest import settle
from tests.explorer.moments import done

Show = Callable[..., Page]
AWAY = (".controls", ".reasons", ".tools", ".foot")


def size_of(tab: Page, part: str) -> float:
    return tab.locator(part).evaluate("one => parseFloat(getComputedStyle(one).fontSize)")


def test_a_presentation_shows_the_answer_and_the_map_alone_and_escape_ends_it(show: Show) -> None:
    tab = show(done(), viewport={"width": 1920, "height": 1080})
    usual = size_of(tab, ".tokens")
    tab.get_by_role("button", name="Present").click()
    settle(tab)
    for part in AWAY:
        expect(tab.locator(part)).to_be_hidden()
    assert size_of(tab, ".tokens") >= 54
    assert size_of(tab, ".readout") >= 42
    assert usual < 54
    box = tab.locator(".stage").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 1080
    tab.keyboard.press("Escape")
    settle(tab)
    for part in AWAY[:3]:
        expect(tab.locator(part)).to_be_visible()
    expect(tab.get_by_role("button", name="Present")).to_be_focused()


def test_on_a_phone_the_words_beside_the_scale_do_not_touch(show: Show) -> None:
    tab = show(done(), viewport={"width": 390, "height": 844})
    tab.get_by_role("button", name="Present").click()
    settle(tab)
    middle, high = (tab.locator(".ends span").nth(i).bounding_box() for i in (1, 2))
    assert middle
    assert high
    assert middle["x"] + middle["width"] + 8 <= high["x"]


def test_arrow_keys_go_through_the_words_wherever_the_focus_is(show: Show) -> None:
    tab = show(done())
    tab.get_by_role("button", name="Present").click()
    tab.keyboard.press("Home")
    settle(tab)
    chosen = tab.locator(".token[aria-selected=true]")
    first = chosen.inner_text()
    tab.locator(".presented").focus()
    tab.keyboard.press("ArrowRight")
    settle(tab)
    assert chosen.inner_text() != first
    tab.keyboard.press("ArrowLeft")
    settle(tab)
    assert chosen.inner_text() == first
