"""What a stranger met on the page: nothing that only looks destroys a result, and form and stage always agree."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from mmattr_app.jobs import JobQueue
from mmattr_app.methods import METHODS
from mmattr_app.ui.examples import Example
from tests.canvas import wait_until_painted
from tests.games import ToyWorker
from tests.ui.acting import stop, unfold
from tests.ui.test_page import ask, choose, state

Visit = Callable[..., Page]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def on_screen(page: Page, selector: str) -> bool:
    """Say whether the top of a part is on the screen."""
    box = page.locator(selector).bounding_box()
    return box is not None and -2 <= box["y"] < page.viewport_size["height"] - 40  # pyright: ignore[reportOptionalSubscript]


def test_leaving_a_box_in_which_nothing_changed_keeps_the_result(visit: Visit, own_picture: Path) -> None:
    page = visit()
    ask(page, own_picture, "kept")
    state(page, "done")
    page.locator("#rows input[type=number]").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#explorer [data-state=done]")).to_be_visible()
    expect(page.locator(".readout")).not_to_be_empty()
    expect(page.locator(".over")).to_be_hidden()


def go_by_tab_through_rows_and_columns(page: Page) -> None:
    """Go on until the server has answered what comes after it."""
    page.locator("#rows input[type=number]").focus()
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("() => !document.activeElement.closest('#rows, #columns')")
    page.locator("#method input").click()
    page.get_by_role("option", name="Lima", exact=True).click()
    expect(page.locator("#method")).to_contain_text(METHODS["lima"].summary)


@pytest.mark.parametrize("way", ["first", "pressed", "link"])
def test_tab_changes_nothing_where_the_result_was_asked_for_elsewhere(
    visit: Visit, address: str, queue: JobQueue, example: Example, way: str
) -> None:
    page = visit()
    if way == "link":
        queue.store.put("T" * 22, example.attribution)
        page.goto(f"{address}?result={'T' * 22}")
    elif way == "pressed":
        page.locator("#examples button").first.click()
    if way != "first":
        expect(page.locator("#prompt textarea")).to_have_value("A yellow house")
        expect(page.locator("#rows input[type=number]")).to_have_value("3")
        expect(page.locator("#image img")).to_be_visible()
    state(page, "done")
    go_by_tab_through_rows_and_columns(page)
    expect(page.locator("#explorer .explorer")).to_have_attribute("data-state", "done")
    expect(page.locator("#explorer .over")).to_be_hidden()
    wait_until_painted(page)


@pytest.mark.parametrize("way", ["button", "key"])
def test_other_regions_lie_over_the_result_until_one_goes_back(visit: Visit, own_picture: Path, way: str) -> None:
    page = visit()
    ask(page, own_picture, "lies below")
    state(page, "done")
    page.get_by_role("tab", name="Export").scroll_into_view_if_needed()
    page.mouse.wheel(0, 4000)  # the form stays beside a stage that scrolls
    expect(page.locator("#explain")).to_be_in_viewport()
    page.locator("#delete").scroll_into_view_if_needed()  # the foot of the form, which scrolls by itself
    page.locator("#choice").get_by_text("Superpixels").click()
    expect(page.get_by_role("button", name="Back to the map")).to_be_in_viewport()
    if way == "button":
        page.get_by_role("button", name="Back to the map").click()
    else:
        page.keyboard.press("Escape")
    state(page, "done")
    expect(page.locator("#explorer")).to_contain_text("lies below")
    expect(page.locator("#choice input[value=grid]")).to_be_checked()
    wait_until_painted(page)


def test_a_run_goes_on_below_other_regions_and_is_gone_back_to(
    visit: Visit, own_picture: Path, queue: JobQueue, toy: ToyWorker
) -> None:
    toy.gate.clear()
    page = visit()
    ask(page, own_picture, "goes on")
    state(page, "hiding")
    page.locator("#choice").get_by_text("Superpixels").click()
    page.get_by_role("button", name="Back to the map").click()
    state(page, "hiding")
    stop(page, "#cancel", queue, toy)
    state(page, "cancelled")
    expect(page.locator("#explorer")).to_contain_text("goes on")


@pytest.mark.parametrize("what", ["explain", "example"])
def test_on_a_phone_the_sentence_and_the_map_are_on_the_screen_and_stay(
    visit: Visit, own_picture: Path, what: str
) -> None:
    page = visit(**PHONE)
    ask(page, own_picture)
    state(page, "done")
    if what == "example":
        page.evaluate("scrollTo(0, 0)")
        page.locator("#examples button").first.tap()
        expect(page.locator("#explorer")).to_contain_text("A yellow house")
    page.wait_for_function("document.querySelector('#stage').getBoundingClientRect().top < 10")
    wait_until_painted(page)
    assert on_screen(page, ".tokens")
    assert on_screen(page, ".stage")
    if what == "example":  # the one that is on show already
        page.evaluate("scrollTo(0, 0)")
        page.locator("#examples button").first.tap()
        page.wait_for_function("document.querySelector('#stage').getBoundingClientRect().top < 10")
    page.get_by_role("tab", name="Can I trust it?").tap()
    expect(page.locator(".measure .costs")).to_contain_text("masks")  # the server has said what it costs
    expect(page.locator(".trust h3").first).to_be_in_viewport()


def test_what_a_finger_taps_is_large_enough(visit: Visit) -> None:
    page = visit(**PHONE)
    small = page.evaluate(
        """() => [...document.querySelectorAll('#ask button, #ask input, #stage button, #settings button')]
        .filter((node) => node.offsetParent && !node.closest('.targets, .icon-button-wrapper, [role=combobox]'))
        .filter((node) => node.getBoundingClientRect().height < 43.5 && node.type !== 'file')
        .map((node) => `${node.className} ${node.textContent} ${node.getBoundingClientRect().height}`)"""
    )
    assert small == []


def test_an_example_fills_the_form(visit: Visit, own_picture: Path) -> None:
    page = visit()
    ask(page, own_picture, "something else")
    state(page, "done")
    button = page.locator("#examples button").first
    expect(button).to_have_attribute("title", "A yellow house")
    button.click()
    expect(page.locator("#prompt textarea")).to_have_value("A yellow house")
    expect(page.locator("#rows input[type=number]")).to_have_value("3")
    expect(page.locator("#columns input[type=number]")).to_have_value("4")
    expect(page.locator("#method input")).to_have_value("Ablation")


def test_a_link_fills_the_form_and_selects_its_words(visit: Visit, own_picture: Path, queue: JobQueue) -> None:
    page = visit()
    ask(page, own_picture, "linked")
    state(page, "done")
    other = visit()
    other.goto(f"{other.url.split('?')[0]}?result={queue.jobs()[-1].id}&words=1-1")
    expect(other.locator("#prompt textarea")).to_have_value("linked")
    expect(other.locator("#image img")).to_be_visible()
    expect(other.locator(".token[aria-selected=true]")).to_have_attribute("data-tokens", "1")
    other.locator("#prompt textarea").fill("and now this")
    other.locator("#explain").click()
    expect(other.locator("#explorer")).to_contain_text("and now this")


@pytest.mark.parametrize("tab", ["whole", "trust"])
def test_a_copied_link_opens_the_tab_that_was_open(visit: Visit, own_picture: Path, queue: JobQueue, tab: str) -> None:
    page = visit()
    ask(page, own_picture, f"open {tab}")
    state(page, "done")
    page.locator("[data-token='1']").first.click()
    for name in (tab, "export"):
        page.locator(f"[data-tab={name}]").click()
    page.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")
    page.locator("[data-format=link]").click()
    expect(page.locator("[data-format=link]")).to_contain_text("copied")
    link = page.evaluate("window.copied")
    assert link.endswith(f"?result={queue.jobs()[-1].id}&words=1-1&tab={tab}")
    other = visit()
    other.goto(link)
    expect(other.locator("#explorer .asked")).to_contain_text(f"open {tab}")
    expect(other.locator(f"[data-tab={tab}]")).to_have_attribute("aria-selected", "true")
    expect(other.locator("[data-tab=why]")).to_have_attribute("aria-selected", "false")
    expect(other.locator(".token[aria-selected=true]")).to_have_attribute("data-tokens", "1")


@pytest.mark.parametrize("tab", ["constructor", "", "why"])
def test_a_link_with_a_strange_tab_or_none_opens_the_first(
    visit: Visit, address: str, queue: JobQueue, example: Example, tab: str
) -> None:
    name = f"{tab:U<22}"
    queue.store.put(name, example.attribution)
    page = visit()
    page.goto(f"{address}?result={name}&tab={tab}")
    expect(page.locator("#prompt textarea")).to_have_value("A yellow house")
    state(page, "done")
    expect(page.locator("[data-tab=why]")).to_have_attribute("aria-selected", "true")


def test_a_dead_link_says_what_happened(visit: Visit) -> None:
    page = visit()
    page.goto(f"{page.url}?result={'A' * 22}")
    expect(page.get_by_role("alert").filter(has_text="This run is lost")).to_be_visible()


def test_a_text_that_was_typed_is_marked_and_not_kept_for_the_next_picture(
    visit: Visit, own_picture: Path, tmp_path: Path
) -> None:
    page = visit()
    choose(page, own_picture)
    expect(page.locator("#explorer")).to_contain_text("256 regions")
    unfold(page, "more")
    page.locator("#text textarea, #text input").fill("a dog")
    page.locator("#explain").click()
    state(page, "done")
    expect(page.locator(".asked")).to_contain_text("A text of yours")
    other = tmp_path / "other.png"
    Image.new("RGB", (96, 64), "teal").save(other)
    choose(page, other)
    expect(page.locator("#text textarea, #text input")).to_have_value("")


def test_enter_asks_and_shift_enter_breaks_the_line(visit: Visit, own_picture: Path) -> None:
    page = visit()
    choose(page, own_picture)
    expect(page.locator("#explorer")).to_contain_text("256 regions")
    box = page.locator("#prompt textarea")
    box.fill("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    expect(box).to_have_value("one\ntwo")
    box.press("Enter")
    state(page, "done")
    expect(page.locator(".asked")).to_contain_text("two")


def test_delete_asks_once(visit: Visit, own_picture: Path) -> None:
    page = visit()
    ask(page, own_picture, "to be deleted")
    state(page, "done")
    page.locator("#delete").click()
    expect(page.locator("#delete")).to_contain_text("Press again")
    expect(page.locator("#explorer")).to_contain_text("to be deleted")
    page.locator("#delete").click()
    expect(page.locator("#explorer")).to_contain_text("Click a word")


def test_an_earlier_result_is_a_picture_a_question_and_an_answer(visit: Visit, own_picture: Path) -> None:
    page = visit()
    ask(page, own_picture, "the question")
    state(page, "done")
    item = page.locator("#history button").first
    expect(item.locator("img")).to_be_visible()
    expect(item.locator(".title")).to_have_text("the question")
    expect(item.locator(".says")).not_to_be_empty()


def test_a_question_to_try_is_put_into_the_box(visit: Visit) -> None:
    page = visit()
    page.locator("#questions button").nth(1).click()
    asked = page.locator("#questions button").nth(1).inner_text()
    expect(page.locator("#prompt textarea")).to_have_value(asked)


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (820, 1180), (390, 844)])
def test_what_everybody_needs_is_above_the_fold(visit: Visit, size: tuple[int, int]) -> None:
    page = visit(viewport={"width": size[0], "height": size[1]})
    for part in ("#image", "#examples", "#prompt", "#questions", "#model", "#explain"):
        box = page.locator(part).bounding_box()
        assert box
        assert box["y"] + box["height"] <= size[1], part
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1280, 1440, 1600])
def test_the_tools_over_an_answer_stand_in_one_row(visit: Visit, width: int) -> None:
    tools = visit(viewport={"width": width, "height": 900}).locator("#explorer .tools button:visible")
    tops = {round(box["y"] + box["height"] / 2) for one in tools.all() if (box := one.bounding_box())}
    assert max(tops) - min(tops) < 10


def test_two_keys_lead_past_the_form(visit: Visit) -> None:
    page = visit()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the answer")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#explorer :focus")).to_have_text("Close")  # of the tour, which comes first there
