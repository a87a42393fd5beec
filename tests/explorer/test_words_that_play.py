"""Words of the question, and of the answer so far, that were hidden beside the regions."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mmattr_app.arithmetic.shares import Shares
from mmattr_app.domain import Scores
from mmattr_app.explorer import View, message
from mmattr_app.players.together import Together
from mmattr_app.players.words import find_words
from tests.explorer.conftest import settle
from tests.explorer.moments import CAR, PIECES, REGIONS, done, scores

Show = Callable[..., Page]
PROMPT = "What is <b>there</b>, please?"
AT_WORD = re.compile(r"“<b>there</b>,”, question: \+1\.50 nats")
WORDS = ("What", "is", "<b>there</b>,", "please?")


def mixed(*, shares: bool = True, errors: bool = False, own: bool = False) -> View:
    """Give a view in which the car rests on a region and on a word of the question, and the mill on its own words."""
    view = done(prompt=PROMPT)
    why = view.attribution
    assert why is not None
    words = find_words(why.answer.question, ("words", "answer"), "out", 99, why.answer)
    players = Together([why.players, words])
    values = np.zeros((players.count, len(PIECES)), np.float32)
    values[:REGIONS] = scores()
    values[REGIONS + WORDS.index("<b>there</b>,"), CAR] = 1.5
    values[REGIONS + len(WORDS) + 2, 6] = 1.0  # "car", of the answer, for "mill"
    each = np.zeros((3, len(PIECES)), np.float32)
    each[:, CAR] = 3, 1, -1
    given = np.zeros((2, len(PIECES)), np.float32)
    given[:, CAR] = 2, 0.5
    joint = np.full(len(PIECES), 0.5, np.float32)
    beside = Shares(("picture", "question"), given, np.full_like(joint, 0.25)) if own else None
    changed = replace(
        why,
        players=players,
        scores=Scores(values, np.full_like(values, 0.1) if errors else None),
        shares=Shares(("picture", "question", "own words"), each, joint, beside) if shares else None,
    )
    return replace(view, attribution=changed)


def test_the_message_holds_who_plays_and_where_it_stands() -> None:
    told = message(mixed())
    assert [other["name"] for other in told["others"][:4]] == list(WORDS)
    assert told["others"][2] == {"name": "<b>there</b>,", "kind": "question", "spans": [("question", 8, 21)]}
    assert told["others"][4] == {"name": "A", "kind": "own words", "spans": [("own words", 0, 1)]}
    assert told["texts"] == {"question": PROMPT}
    assert len(told["rows"]) == REGIONS
    assert told["shares"]["kinds"] == ["picture", "question", "own words"]


def test_without_words_nothing_of_them_is_in_the_message() -> None:
    told = message(done())
    assert (told["others"], told["other_block"], told["texts"], told["shares"]) == ([], None, {}, None)


@pytest.mark.parametrize("errors", [False, True])
def test_the_question_is_words_to_point_at_and_each_lights_what_it_does(show: Show, errors: bool) -> None:
    tab = show(mixed(errors=errors))
    expect(tab.locator(".said")).to_have_text(WORDS)
    expect(tab.locator(".asked b")).to_have_count(0)
    tab.locator(f'[data-token="{CAR}"]').click()
    tints = tab.locator(".said").evaluate_all("all => all.map(one => one.style.getPropertyValue('--tint'))")
    assert tints[2].startswith("rgb")
    assert tints[:2] + tints[3:] == ["transparent"] * 3
    tab.locator(".said").nth(2).hover()
    settle(tab)
    expect(tab.locator(f'[data-token="{CAR}"]')).to_have_attribute("aria-label", "car, <b>there</b>,: +1.50 nats")


def test_the_shares_are_a_bar_and_a_sentence(show: Show) -> None:
    tab = show(mixed())
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".share-list")).to_contain_text("picture 60%question 20%own words 20% against it")
    expect(tab.locator(".share-list")).to_contain_text("+0.5 nats only from several together")
    expect(tab.locator(".readout")).to_contain_text(
        "“car” comes from the picture (60%) and the question (20%), against its own earlier words (20%). "
        "What supports it most: region 6 (middle, +2.00), “<b>there</b>,” (question, +1.50) and region 7"
    )


def test_while_its_own_words_stay_picture_and_question_share_and_own_words_are_said_beside(show: Show) -> None:
    view = mixed(own=True)
    assert view.attribution
    full = view.attribution.logprob_full[CAR]
    tab = show(view)
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".share-list")).to_have_text("Given what was said before it:picture 80%question 20%")
    expect(tab.locator(".share-rest")).to_have_text(
        f"With the picture hidden it is {percent(full - 2.125)} likely, with the question hidden "
        f"{percent(full - 0.625)}, with both hidden {percent(full - 2.5)}, with nothing hidden {percent(full)}. "
        "Its own earlier words, hidden as well, take 20% of the shares, since the answer then starts from nothing."
    )
    expect(tab.locator(".readout")).to_contain_text(
        "“car” comes from the picture (80%) and the question (20%), given what was said before it. What supports"
    )


def test_a_word_that_neither_kind_alone_makes_likely_needs_both(show: Show) -> None:
    view = mixed(own=True)
    assert view.attribution
    assert view.attribution.shares
    shares = view.attribution.shares
    given = Shares(
        ("picture", "question"), np.full((2, len(PIECES)), 2, np.float32), np.full(len(PIECES), 3, np.float32)
    )
    why = replace(view.attribution, shares=replace(shares, given=given))
    tab = show(replace(view, attribution=why))
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".readout")).to_contain_text("“car” needs both the picture (50%) and the question (50%), given")


def test_a_word_that_its_own_words_explain_says_so(show: Show) -> None:
    tab = show(mixed(own=True))
    tab.locator('[data-token="5"]').click()
    for hidden in (".share-bar", ".share-list"):
        expect(tab.locator(hidden)).to_be_hidden()
    expect(tab.locator(".share-rest")).to_contain_text("Its own earlier words alone make it ")
    expect(tab.locator(".readout")).to_contain_text("comes from its own earlier words: they alone make it ")


def test_shares_of_a_contrast_say_what_is_shared_out_and_are_for_its_words_alone(show: Show) -> None:
    view = done()
    why = view.attribution
    assert why
    columns = np.zeros((3, len(PIECES)), np.float32)
    columns[:, CAR] = 2.3, 0.2, 2.5
    given = Shares(("picture", "question"), columns[:2], np.zeros(len(PIECES), np.float32))
    shares = Shares((*given.kinds, "own words"), columns, np.zeros(len(PIECES), np.float32), given)
    tab = show(replace(view, attribution=replace(why, selection=(CAR,), instead_of="<b>bus</b>", shares=shares)))
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".share-list")).to_have_text(
        "Of what makes it “car” and not “<b>bus</b>”, given what was said before it:picture 92%question 8%"
    )
    expect(tab.locator(".share-rest")).to_have_text(
        "With its own earlier words hidden as well, they take 50% of the shares, "
        "since the answer then starts from nothing."
    )
    expect(tab.locator(".readout")).to_contain_text(
        "“car” rather than “<b>bus</b>” comes from the picture (92%) and the question (8%), given what was said before "
        "it. It rests mostly on the middle"
    )
    expect(tab.locator(".rows .row").first).to_have_text(re.compile(r"\+2\.00$"))
    tab.locator('[data-token="1"]').click()
    expect(tab.locator(".shares")).to_be_hidden()
    expect(tab.locator('[data-token="1"]')).to_have_attribute(
        "aria-label", "red, needs the picture, 0.8 nats, not in this map"
    )
    nothing = Shares(given.kinds, 0.01 * columns[:2], given.joint)
    tab = show(replace(view, attribution=replace(why, selection=(CAR,), instead_of="bus", shares=nothing)))
    expect(tab.locator(".share-bar")).to_be_hidden()
    expect(tab.locator(".readout")).to_contain_text(
        "Hiding the picture and the question changes nothing about “car” rather than “bus”."
    )


def percent(logprob: float) -> str:
    return f"{100 * np.exp(logprob):.0f}%"


def test_words_and_regions_are_in_one_list_and_an_earlier_word_is_lined(show: Show) -> None:
    tab = show(mixed())
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".rows .row").nth(1)).to_have_attribute("aria-label", AT_WORD)
    tab.locator('[data-token="5"]').dblclick()
    settle(tab)
    cause = tab.locator(f'[data-token="{CAR}"]').evaluate("chip => chip.style.getPropertyValue('--cause')")
    assert cause.startswith("rgb")


def test_a_text_alone_shows_its_words_and_no_stage(show: Show) -> None:
    view = mixed(shares=False)
    why = view.attribution
    assert why is not None
    question = replace(why.answer.question, pictures=())
    answer = replace(why.answer, question=question)
    words = find_words(question, ("words",), "out", 99, answer)
    alone = replace(
        why, answer=answer, players=words, scores=Scores(why.scores.values[REGIONS : REGIONS + words.count])
    )
    tab = show(replace(view, attribution=alone))
    expect(tab.locator(".stage")).to_be_hidden()
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".readout")).to_contain_text("What supports it most: “<b>there</b>,” (question, +1.50) nats.")
    expect(tab.locator(".rows .row").first).to_have_attribute("aria-label", AT_WORD)
    expect(tab.locator("[role=tab]:visible")).to_have_text(["Why this word"])


def test_why_not_another_word_is_asked_by_whoever_is_there(show: Show) -> None:
    tab = show(done())
    expect(tab.locator(".contrast")).to_be_hidden()
    tab.evaluate(
        """() => { window.told = [];
        const host = document.createElement('div');
        host.append(document.querySelector('.explorer').cloneNode(true));
        document.querySelector('.explorer').remove();
        document.body.append(host);
        mountExplorer(host, {onContrast: what => told.push(what)})
            .update({...JSON.parse(document.getElementById('message').textContent), live: true}); }"""
    )
    tab.locator(f'[data-token="{CAR}"]').click()
    tab.locator(".contrast input").fill("bus")
    tab.locator(".contrast input").press("Enter")
    assert tab.evaluate("told") == [{"tokens": [CAR], "text": "bus"}]


def test_a_map_for_some_words_says_so_for_the_others(show: Show) -> None:
    view = done()
    assert view.attribution is not None
    tab = show(replace(view, attribution=replace(view.attribution, selection=(CAR,), instead_of="bus")))
    expect(tab.locator(".readout")).to_contain_text("“car” rather than “bus” rests mostly on the middle")
    tab.locator('[data-token="1"]').click()
    expect(tab.locator(".readout")).to_have_text(
        "This map is for “car” alone; select it, or go back to the map before."
    )
    expect(tab.locator('[data-token="1"]')).to_have_attribute(
        "aria-label", "red, needs the picture, 0.8 nats, not in this map"
    )


def test_weights_are_not_said_to_be_causes(show: Show) -> None:
    view = done(reads="weight")
    tab = show(view)
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".readout")).to_contain_text("“car” has most weight on the middle")
    expect(tab.locator(".readout")).to_contain_text("what the model computes with, not what happens when it is hidden")
    expect(tab.locator(".high")).to_have_text("more weight +2.0")
