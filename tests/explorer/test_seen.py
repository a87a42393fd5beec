"""What a person has seen of a result is told as plain facts, which a lesson hears."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from mmattr_app.explorer import View, message
from tests.explorer.conftest import settle
from tests.explorer.moments import CAR, done, hiding
from tests.explorer.test_predict import mark, reveal, update
from tests.explorer.test_trusted import checked, measured
from tests.explorer.test_words_that_play import mixed

Show = Callable[..., Page]
LISTENING = """message => { const host = document.createElement('div');
  host.append(document.querySelector('.explorer').cloneNode(true));
  document.querySelector('.explorer').remove();
  document.body.append(host);
  window.facts = [];
  window.explorer = mountExplorer(host, { onSeen: (seen) => facts.push(seen), onLesson: () => facts.push('lesson') });
  explorer.update(message); }"""
ABOUT = ("predicted", "needless", "compared", "measured", "shared")


def listening(show: Show, view: View) -> Page:
    tab = show(view)
    tab.evaluate(LISTENING, message(view))
    settle(tab)
    return tab


def facts(tab: Page) -> dict[str, Any]:
    settle(tab)
    return tab.evaluate("facts[facts.length - 1]")


def holds(tab: Page) -> list[str]:
    return [name for name in ABOUT if facts(tab)[name]]


def select(tab: Page, token: int) -> None:
    tab.locator(f'[data-token="{token}"]').first.click()


def test_a_selected_word_is_needless_where_it_hardly_needs_the_picture(show: Show) -> None:
    tab = listening(show, done())
    select(tab, CAR)
    assert (facts(tab)["word"], holds(tab)) == ("car", [])
    select(tab, 3)
    assert (facts(tab)["word"], holds(tab)) == ("and", ["needless"])
    tab.get_by_role("button", name="Select all").click()
    assert (facts(tab)["word"], holds(tab)) == ("", [])


def test_a_word_is_predicted_once_its_map_is_shown(show: Show) -> None:
    tab = listening(show, done())
    tab.get_by_role("button", name="Predict first").click()
    select(tab, 3)
    assert holds(tab) == [], "what is kept back has not been seen"
    select(tab, CAR)
    mark(tab, 5, 6)
    assert holds(tab) == []
    reveal(tab)
    assert (facts(tab)["marked"], holds(tab)) == ([5, 6], ["predicted"])
    tab.get_by_role("button", name="Mark again").click()
    assert holds(tab) == []
    expect(tab.locator(".heatmap")).to_be_hidden()
    mark(tab, 5)
    assert "found 67%" in reveal(tab)


def test_what_was_measured_or_compared_holds_for_its_own_words_only(show: Show) -> None:
    tab = listening(show, checked(measured(0.1), 1))
    select(tab, CAR)
    assert holds(tab) == ["compared", "measured"]
    select(tab, 1)
    assert holds(tab) == []


def test_shares_were_seen_where_words_of_the_question_play(show: Show) -> None:
    tab = listening(show, mixed())
    select(tab, CAR)
    tab.wait_for_function("facts[facts.length - 1].shared")
    assert holds(tab) == ["shared"]


def test_nothing_holds_before_the_end_of_a_run(show: Show) -> None:
    tab = listening(show, hiding())
    select(tab, 3)
    assert (facts(tab)["finished"], holds(tab)) == (False, [])


def test_the_words_to_name_are_the_first_and_a_quiet_one(show: Show) -> None:
    tab = listening(show, done(first_word="car"))
    assert facts(tab)["words"] == {"first": "car", "quiet": ""}, "“and” says nothing by itself"


def test_the_button_is_there_only_where_somebody_teaches(show: Show) -> None:
    tab = show(done())
    expect(tab.get_by_role("button", name="Lesson", exact=True)).to_be_hidden()
    tab.evaluate(LISTENING, message(done()))
    settle(tab)
    tab.get_by_role("button", name="Lesson", exact=True).click()
    assert facts(tab) == "lesson"


def test_the_same_result_begins_again_when_a_lesson_says_so(show: Show) -> None:
    tab = listening(show, done(first_word="windmill"))
    tab.get_by_role("button", name="Predict first").click()
    select(tab, CAR)
    mark(tab, 5)
    reveal(tab)
    again = message(done())
    tab.evaluate("message => explorer.update(message)", {**again, "first_word": "car", "begins": True})
    settle(tab)
    assert (facts(tab)["word"], holds(tab)) == ("car", [])
    update(tab, done(first_word="windmill"))
    assert facts(tab)["word"] == "car", "any other message leaves the selection"
