"""Tokens are selected as a person would: click, drag, keys, fingers."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.explorer.moments import PIECES, done, scores

Show = Callable[..., Page]


def expect_selected(tab: Page, *words: str) -> None:
    expect(tab.locator(".token[aria-selected=true]")).to_have_text(list(words))


@pytest.fixture
def tab(show: Show) -> Page:
    return show(done())


def test_the_word_that_needs_the_picture_most_is_selected_at_first(tab: Page) -> None:
    expect_selected(tab, "car")


def test_words_are_whole_and_the_switch_shows_the_models_tokens(tab: Page) -> None:
    expect(tab.locator("[data-token]")).to_have_text(["A", "red", "car", "and", "a", "windmill", "."])
    expect(tab.locator('[data-token="5"]')).to_have_attribute("data-tokens", "5 6")
    tab.get_by_role("radio", name="Model tokens").click()
    expect(tab.locator("[data-token]")).to_have_count(len(PIECES))


def test_a_click_selects_a_word_and_shift_click_a_span(tab: Page) -> None:
    tab.locator('[data-token="1"]').click()
    expect_selected(tab, "red")
    tab.locator('[data-token="4"]').click(modifiers=["Shift"])
    expect_selected(tab, "red", "car", "and", "a")
    tab.locator('[data-token="0"]').click(modifiers=["Shift"])
    expect_selected(tab, "A", "red")


def test_a_drag_selects_a_span(tab: Page) -> None:
    tab.locator('[data-token="1"]').hover()
    tab.mouse.down()
    tab.locator('[data-token="3"]').hover()
    tab.mouse.up()
    expect_selected(tab, "red", "car", "and")
    tab.locator('[data-token="5"]').hover()
    expect_selected(tab, "red", "car", "and")


def test_a_double_click_on_a_token_selects_its_word(tab: Page) -> None:
    tab.get_by_role("radio", name="Model tokens").click()
    tab.locator('[data-token="6"]').dblclick()
    expect_selected(tab, "·wind", "mill")


def test_keys_move_extend_and_let_go(tab: Page) -> None:
    tab.locator(".tokens").focus()
    tab.keyboard.press("ArrowLeft")
    expect_selected(tab, "red")
    tab.keyboard.press("Shift+ArrowRight")
    tab.keyboard.press("Shift+ArrowRight")
    expect_selected(tab, "red", "car", "and")
    tab.keyboard.press("End")
    expect_selected(tab, ".")
    tab.keyboard.press("Home")
    expect_selected(tab, "A")
    tab.keyboard.press("Escape")
    expect_selected(tab)
    expect(tab.locator(".readout")).to_contain_text("The whole answer")


def test_the_sentence_says_what_was_measured(tab: Page) -> None:
    readout = tab.locator(".readout")
    expect(readout).to_have_text(
        "“car” rests mostly on the middle (regions 6 and 7). Hiding region 6 alone takes the word from 88% to 12%. "
        "Region 11 (bottom) argues against it."
    )
    tab.locator('[data-token="1"]').click(modifiers=["Shift"])
    expect(readout).to_contain_text(
        "“red car” rests mostly on the middle (regions 6 and 7). Hiding region 6 alone takes the phrase"
    )
    expect(readout).to_contain_text("from 78% to 6%")
    tab.locator('[data-token="3"]').click()
    expect(readout).to_contain_text("“and” hardly needs the picture")


def test_the_word_shown_first_names_something_and_needs_the_picture_most(show: Show) -> None:
    blank = np.full(len(PIECES), -1, np.float32)
    blank[[3, 4, 5]] = -9, -8, -3  # "and", "a", "wind": words that join others come last
    tab = show(done(blank=blank))
    expect_selected(tab, "windmill")


def test_a_word_that_hardly_needs_the_picture_rests_on_no_region_whatever_a_fitted_model_says(show: Show) -> None:
    values = scores()
    values[3, 3] = 2.0
    tab = show(done(scores=values, reads="estimate", method="smooth"))
    tab.locator('[data-token="3"]').click()
    expect(tab.locator(".readout")).to_contain_text("“and” hardly needs the picture")
    expect(tab.locator(".readout")).not_to_contain_text("rests")


def test_weights_of_a_fitted_model_are_not_called_probabilities(show: Show) -> None:
    tab = show(done(reads="estimate", method="surrogate"))
    says = "With the whole picture hidden the word falls from 88% to 4%."  # this was measured
    expect(tab.locator(".readout")).to_contain_text(
        f"“car” probably rests mostly on the middle (regions 6 and 7). {says}"
    )
    expect(tab.locator(".readout")).not_to_contain_text("2.00")
    expect(tab.locator(".why")).not_to_contain_text("%")


def test_empty_pieces_and_line_breaks_have_a_place(show: Show) -> None:
    tab = show(done(["", "", "🦉", "\n", "yes", ""]))
    tab.get_by_role("radio", name="Model tokens").click()
    expect(tab.locator("[data-token]")).to_have_text(["🦉", "↵", "yes"])
    expect(tab.locator('[data-token="0"]')).to_have_attribute("data-tokens", "0 1 2")
    expect(tab.locator('[data-token="4"]')).to_have_attribute("data-tokens", "4 5")


HOSTILE = ("<img src=x onerror=\"document.title='owned'\">", " ${7*7}", " {{value}}", " </script><script>", " `\\")


def test_hostile_text_is_shown_as_text(show: Show) -> None:
    evil = "".join(HOSTILE)
    tab = show(
        done(HOSTILE, prompt=evil, says=evil, model_says=evil, files={"<b>": "javascript:alert(1)", "json": "x"})
    )
    tab.get_by_role("radio", name="Model tokens").click()
    expect(tab.locator("[data-token]").first).to_have_text(HOSTILE[0].replace(" ", "·"))
    expect(tab.locator(".asked")).to_contain_text(evil)
    expect(tab.locator(".foot")).to_contain_text(evil)
    expect(tab.locator(".strip")).to_contain_text(evil)
    tab.get_by_role("tab", name="Export").click()
    expect(tab.locator(".export a")).to_have_count(1)
    assert "owned" not in tab.title()
    assert tab.locator("img").count() == 1


def test_a_finger_selects_and_extends(show: Show) -> None:
    tab = show(done(), viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    tab.locator('[data-token="1"]').tap()
    expect_selected(tab, "red")
    tab.get_by_role("button", name="Extend").tap()
    tab.locator('[data-token="3"]').tap()
    expect_selected(tab, "red", "car", "and")


def test_a_selection_is_told_to_whoever_listens(show: Show) -> None:
    tab = show(done())
    tab.evaluate(
        """() => { window.told = [];
        const host = document.createElement('div');
        host.append(document.querySelector('.explorer').cloneNode(true));
        document.querySelector('.explorer').remove();
        document.body.append(host);
        mountExplorer(host, {onSelect: tokens => told.push(tokens)})
            .update(JSON.parse(document.getElementById('message').textContent)); }"""
    )
    first = tab.evaluate("told.pop()")
    assert first, "the words that are selected at first are told, too"
    tab.locator('[data-token="5"]').click()
    tab.wait_for_function("told.length === 1")
    assert tab.evaluate("told") == [[5, 6]]
