"""Tab "Export": the code that makes a result again, as it is copied."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.explorer.moments import CAR, done

CODE = {"python": 'why = explain("""<b>$&\\n""")\nwhy.top()\n', "command": "explain '<b>$& `touch x`'\n"}


def copied(tab: Page, language: str) -> str:
    """Press the button; a page without a clipboard shows the text instead."""
    tab.click(f".file[data-format={language}]")
    says = tab.locator(f".file[data-format={language}] .code")
    says.wait_for()
    return says.text_content() or ""


def test_the_code_is_copied_as_it_is_and_asks_about_the_selected_words(show: Callable[..., Page]) -> None:
    tab = show(done(code=CODE, first_word="car"))
    tab.click("[data-tab=export]")
    assert copied(tab, "command") == CODE["command"]
    assert copied(tab, "python") == CODE["python"].replace("top()", f"top([{CAR}])")
    assert tab.locator(".file b").count() == 0


def test_the_code_asks_about_all_words_where_all_are_selected(show: Callable[..., Page]) -> None:
    tab = show(done(code=CODE))
    tab.click(".everything")
    tab.click("[data-tab=export]")
    assert copied(tab, "python") == CODE["python"]


def test_a_result_without_code_has_no_button(show: Callable[..., Page]) -> None:
    tab = show(done())
    tab.click("[data-tab=export]")
    expect(tab.locator(".file[data-format=python], .file[data-format=command]")).to_have_count(0)


def test_a_sentence_says_what_the_code_reads_where_it_reads_a_file(show: Callable[..., Page]) -> None:
    needs = "First save the NPZ as <b>mmattr.npz</b>."
    tab = show(done(code=CODE | {"needs": needs}))
    tab.click("[data-tab=export]")
    expect(tab.locator(".export .needs")).to_have_text(needs)
    other = show(done(code=CODE | {"needs": ""}))
    other.click("[data-tab=export]")
    expect(other.locator(".export .needs")).to_have_count(0)
