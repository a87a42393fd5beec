"""The tab "Can I trust it?" on a message that is known: curves, verdict, badge, certainty, and two occluders."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mmattr_app.domain import Curve, Measured, Reads, SecondMap
from mmattr_app.explorer import View, message
from mmattr_app.explorer.trusted import agreement_says, hiding_says
from tests.canvas import read
from tests.explorer.album import CAUSE, CELLS, TALL, album
from tests.explorer.conftest import settle
from tests.explorer.moments import CAR, RED, REGIONS, done, estimated, grid
from tests.explorer.test_further import update

Show = Callable[..., Page]
SHARES = np.linspace(0, 1, 5)
LISTEN = """() => { window.told = [];
  const host = document.createElement('div');
  host.append(document.querySelector('.explorer').cloneNode(true));
  document.querySelector('.explorer').remove();
  document.body.append(host);
  window.explorer = mountExplorer(host, {
    onMeasure: tokens => told.push(['measure', tokens]),
    onCompare: tokens => told.push(['compare', tokens]),
    onPrice: () => told.push(['price']),
    onStop: () => told.push(['stop']),
  });
  explorer.update(JSON.parse(document.getElementById('message').textContent)); }"""
COSTS = {"measure": 40, "compare": 14, "occluder": "a blur", "pace": 0.08}


def figures(above: float) -> dict[str, Curve | float]:
    """Give the curves of a map that falls at once, beside random ones that fall evenly."""
    good, even = np.array([0.9, 0.1, 0.1, 0.1, 0.1]), np.linspace(0.9, 0.1, 5)
    band = Curve(SHARES, even, even - 0.1, even + 0.1)
    back = Curve(SHARES, even[::-1], even[::-1] - 0.1, even[::-1] + 0.1)
    shown = Curve(SHARES, good[::-1])
    return {
        "deletion": Curve(SHARES, good), "random-deletion": band,
        "insertion": shown, "random-insertion": back, "above-chance": above,
    }  # fmt: skip


def measured(above: float = 0.3, tokens: tuple[int, ...] = (CAR,), view: View | None = None, **changes: Any) -> View:
    """Give a finished run that was measured for some tokens."""
    view = view or done(**changes)
    assert view.attribution
    return replace(view, attribution=replace(view.attribution, measured=(Measured(tokens, figures(above)),)))


def checked(view: View, best: float, reads: Reads = "measured loss", says: str = "The maps agree.") -> View:
    """Add a second map of "car", hidden by a blur, with all of its score on one region."""
    scores = np.zeros(REGIONS, np.float32)
    scores[5] = best
    second = SecondMap((CAR,), "ablation", "blur", reads, says, scores)
    assert view.attribution
    return replace(view, attribution=replace(view.attribution, compared=(second,)))


def open_tab(tab: Page, token: int = CAR) -> Page:
    tab.locator(f"[data-token='{token}']").click()
    tab.get_by_role("tab", name="Can I trust it?").click()
    settle(tab)
    return tab


def open_live(show: Show, view: View) -> Page:
    tab = show(view)
    tab.evaluate(LISTEN)
    settle(tab)
    return open_tab(tab)


def test_the_message_holds_the_points_of_each_curve() -> None:
    (one,) = message(measured())["curves"]
    assert one["tokens"] == [CAR]
    assert one["curves"]["deletion"] == {"shares": SHARES.tolist(), "values": [0.9, 0.1, 0.1, 0.1, 0.1], "area": 0.2}
    assert one["curves"]["random-deletion"]["low"] == [0.8, 0.6, 0.4, 0.2, 0]
    assert (one["above"], one["chance"]) == (0.3, False)
    assert one["verdict"].startswith("Hiding the best region, 25% of the picture, takes “car” from 90% to 10%")


def test_what_was_measured_at_once_is_of_the_whole_answer() -> None:
    view = done()
    assert view.attribution
    found = message(replace(view, attribution=replace(view.attribution, figures=figures(-0.1))))["curves"]
    assert [(one["tokens"], one["chance"]) for one in found] == [(list(range(8)), True)]
    assert message(done())["curves"] == []
    only = replace(view.attribution, figures={"pointing": 0.5})
    assert message(replace(view, attribution=only))["curves"] == []


def test_curves_are_drawn_with_their_band_and_told_in_words(show: Show) -> None:
    tab = open_tab(show(measured()))
    expect(tab.locator(".verdict").first).to_contain_text("takes “car” from 90% to 10%")
    expect(tab.locator(".trust")).to_contain_text("better than each of eight random orders")
    first = tab.get_by_role("img", name="Probability of “car” while the best regions are hidden first")
    expect(first).to_have_attribute("aria-label", first.get_attribute("aria-label") or "")
    assert "90% with 0% hidden, 58% with 10% hidden" in (first.get_attribute("aria-label") or "")
    expect(tab.locator(".curves .band")).to_have_count(2)
    expect(tab.locator(".curves svg").first).to_contain_text("share of the picture hidden")
    path = tab.locator(".curves .curve").first.get_attribute("d") or ""
    points = [tuple(map(float, point.split())) for point in path.replace("M", "L").split("L")[1:]]
    assert [x for x, _ in points] == pytest.approx([46, 117, 188, 259, 330])
    assert points[0][1] == pytest.approx(8 + 0.1 * 144)
    assert points[1][1] == pytest.approx(8 + 0.9 * 144)
    tab.get_by_text("The numbers as a table").click()
    expect(tab.get_by_role("row", name="30% 10% 66% (56% to 76%)")).to_be_visible()


def test_curves_are_those_of_the_selection(show: Show) -> None:
    tab = open_tab(show(measured()), RED)
    expect(tab.locator(".curves")).to_have_count(0)
    expect(tab.locator(".ask.measure")).to_contain_text("Not found out yet")
    expect(tab.locator(".ask.measure button")).to_be_hidden()


@pytest.mark.parametrize(("above", "shown"), [(-0.1, True), (0.0, True), (0.1, False)])
def test_a_map_no_better_than_chance_has_a_badge_that_leads_to_the_reason(
    show: Show, above: float, shown: bool
) -> None:
    tab = show(measured(above))
    tab.locator(f"[data-token='{CAR}']").click()
    badge = tab.get_by_role("button", name="No better than chance")
    expect(badge).to_be_visible(visible=shown)
    if shown:
        badge.click()
        expect(tab.locator(".trust")).to_contain_text("no better than chance")
        tab.locator(f"[data-token='{RED}']").click()
        expect(badge).to_be_hidden()


def test_the_cost_is_asked_for_once_and_said_before_it_is_spent(show: Show) -> None:
    tab = open_live(show, done(live=True))
    assert tab.evaluate("told") == [["price"]]
    update(tab, done(live=True, trust={"costs": COSTS}))
    expect(tab.locator(".ask.measure")).to_contain_text("About 40 masks, 3 s.")
    expect(tab.locator(".ask.compare")).to_contain_text("About 14 masks, 1 s.")
    tab.get_by_role("button", name="Measure “car”").click()
    tab.get_by_role("button", name="Compare two ways to hide").click()
    assert tab.evaluate("told") == [["price"], ["measure", [CAR]], ["compare", [CAR]]]


def test_a_button_that_is_pressed_before_the_cost_is_known_waits_for_it(show: Show) -> None:
    tab = open_live(show, done(live=True))
    tab.get_by_role("button", name="Measure “car”").click()
    assert tab.evaluate("told") == [["price"]]
    update(tab, done(live=True, trust={"costs": COSTS}))
    assert tab.evaluate("told") == [["price"], ["measure", [CAR]]]
    update(tab, done(live=True, trust={"costs": COSTS}))
    assert tab.evaluate("told") == [["price"], ["measure", [CAR]]], "once"
    tab.get_by_role("button", name="Measure “car”").click()
    assert tab.evaluate("told")[2:] == [["measure", [CAR]]]


@pytest.mark.parametrize("whynot", [{"measure": "This map is for “red” only; select that."}, {}])
def test_a_press_that_waited_is_dropped_where_it_cannot_be_or_another_word_was_chosen(
    show: Show, whynot: dict[str, str]
) -> None:
    tab = open_live(show, done(live=True))
    tab.get_by_role("button", name="Measure “car”").click()
    if not whynot:
        tab.locator(f"[data-token='{RED}']").click()
    update(tab, done(live=True, trust={"costs": {**COSTS, "whynot": whynot}}))
    assert all(what == "price" for what, *_ in tab.evaluate("told"))


def test_while_it_runs_its_button_stops_it_and_the_map_stays(show: Show) -> None:
    running = {"what": "measure", "says": "hiding: 10 of 40 masks, 2 s left", "done": 10, "of": 40}
    tab = open_live(show, done(live=True, trust={"costs": COSTS, "running": running}))
    expect(tab.locator(".ask.measure")).to_contain_text("10 of 40 masks")
    expect(tab.get_by_role("progressbar", name="Masks asked so far")).to_have_attribute("aria-valuenow", "10")
    expect(tab.get_by_role("button", name="Compare two ways to hide")).to_be_disabled()
    expect(tab.locator(".readout")).to_contain_text("“car” rests mostly on")
    tab.get_by_role("button", name="Stop").click()
    assert tab.evaluate("told") == [["stop"]]


def test_what_cannot_be_found_out_says_why(show: Show) -> None:
    tab = open_live(
        show, done(live=True, trust={"costs": {"whynot": {"measure": "This map is for “red” only; select that."}}})
    )
    expect(tab.locator(".ask.measure")).to_contain_text("This map is for “red” only")
    expect(tab.locator(".ask.measure button")).to_be_disabled()
    update(tab, done(live=True, trust={"costs": COSTS, "says": "Cancelled."}))
    expect(tab.locator(".ask.measure .costs")).to_have_text("Cancelled.")


def test_standard_errors_are_summed_up(show: Show) -> None:
    view = estimated(0.25)
    assert view.attribution
    doubts = np.full(8, 0.03, np.float32)
    view = replace(view, attribution=replace(view.attribution, scores=replace(view.attribution.scores, doubts=doubts)))
    expect(open_tab(show(view)).locator(".sure")).to_have_text(
        f"Of {REGIONS} regions, 2 surely support it and 1 surely argues against it (1.64 standard errors from zero); "
        "the others may mean nothing. The top region is the top, or within two regions of it: 97% sure."
    )
    expect(open_tab(show(done())).locator(".sure")).to_contain_text("measured, not estimated")


def test_the_maps_of_two_occluders_stand_side_by_side(show: Show) -> None:
    tab = open_live(show, checked(done(live=True, trust={"costs": COSTS}), 2))
    expect(tab.locator(".compared .verdict")).to_have_text("The maps agree.")
    expect(tab.locator(".pair figcaption")).to_have_text(
        ["Hidden by the mean colour: the middle", "Hidden by a blur: the middle"]
    )
    assert [read(canvas).any() for canvas in tab.locator(".pair canvas").all()] == [True, True]
    tab.locator(f"[data-token='{RED}']").click()
    expect(tab.locator(".pair")).to_have_count(0)
    expect(tab.locator(".ask.compare")).to_contain_text("Nothing new has to be asked.")


def test_of_several_pictures_both_maps_of_each_are_shown_in_one_scale(show: Show) -> None:
    view = replace(album(), live=True, trust={"costs": COSTS})
    assert view.attribution
    scores = np.zeros(REGIONS + CELLS, np.float32)
    scores[[5, CAUSE]] = 1, 4
    second = SecondMap((CAR,), "ablation", "blur", "measured loss", "The maps agree.", scores)
    tab = open_live(show, replace(view, attribution=replace(view.attribution, compared=(second,))))
    expect(tab.locator(".pair figcaption")).to_have_text([
        "Picture 1. Hidden by the mean colour: the middle",
        "Picture 1. Hidden by a blur: the middle",
        "Picture 2. Hidden by the mean colour: no single region",
        "Picture 2. Hidden by a blur: the right side",
    ])  # fmt: skip
    first, blurred, nothing, most = (read(canvas)[..., 3].max() for canvas in tab.locator(".pair canvas").all())
    assert 0 == nothing < blurred < first < most
    tab = open_live(show, measured(view=view))
    expect(tab.locator(".curves svg").first).to_contain_text("share of the pictures hidden")
    expect(tab.locator(".verdict").first).to_contain_text("the best region (6 of picture 1), 25% of the pictures,")
    expect(tab.locator(".curves + details th, .lines-key + details th").first).to_have_text("Pictures")
    cut = replace(second, scores=scores[: REGIONS + 1], segmentations=(grid(), grid(1, 1, TALL)))
    tab = open_live(show, replace(view, attribution=replace(view.attribution, compared=(cut,))))
    expect(tab.locator(".pair figcaption").last).to_have_text("Picture 2. Hidden by a blur: no single region")


def test_maps_of_two_units_have_a_scale_each(show: Show) -> None:
    values = np.zeros((REGIONS, 8), np.float32)
    values[5, CAR] = 1e-3
    view = done(reads="weight", method="attention-last", scores=values, live=True)
    tab = open_live(show, checked(replace(view, trust={"costs": COSTS}), 9, "estimate"))
    expect(tab.locator(".trust h3").last).to_have_text("Does hiding say the same?")
    assert [read(canvas)[..., 3].max() for canvas in tab.locator(".pair canvas").all()] == [255, 255]


@pytest.mark.parametrize(
    ("places", "overlap", "matters", "says"),
    [
        (("the top", "the top"), 0.8, True, "Both maps agree: “car” has most weight on the top"),
        (
            ("the top", "the left"),
            0.1,
            True,
            "on the top. Hiding that part changes it, too, but less than hiding the left.",
        ),
        (("the top", "the left"), 0.1, False, "Hiding that part changes nothing for sure; what does is the left."),
        (("the top", "the top"), 0.1, True, "on the top, where hiding changes it most, too."),
        (("the top", "the top"), 0.1, False, "on the top, but hiding changes it only where there is less weight."),
        (("the top", ""), 0.1, False, "on the top, but hiding no region surely changes it."),
        (("", "the left"), 0.1, False, "no region has weight"),
    ],
)
def test_what_has_weight_is_held_against_what_hiding_changes(
    places: tuple[str, str], overlap: float, matters: bool, says: str
) -> None:
    assert says in hiding_says("“car”", "attention-last", places, 0.25, overlap, matters=matters)


@pytest.mark.parametrize(
    ("correlation", "overlap", "says"),
    [(0.9, 0.9, "“car” agree: 90%"), (0.3, 0.5, "on the best part only: 50%"), (0.9, 0.4, "do not agree on the best")],
)
def test_how_far_two_maps_agree_is_one_sentence(correlation: float, overlap: float, says: str) -> None:
    sentence = agreement_says("“car”", ("the mean colour", "a blur"), correlation, overlap)
    assert says in sentence
    assert f"correlate by {correlation:.2f}" in sentence


def test_words_said_without_looking_are_marked_below_those_that_need_the_picture(show: Show) -> None:
    blank = np.full(8, -0.125, np.float32)
    blank[[RED, CAR]] -= (0.1, 3.0)
    tab = show(done(blank=blank))
    tab.get_by_role("tab", name="All words").click()
    expect(tab.locator(".tile .word")).to_have_text(["car"])
    expect(tab.locator(".tile .place")).to_have_text(["middle"])
    expect(tab.locator(".without")).to_have_text(["red", "windmill"])
    tab.locator(".without", has_text="windmill").click()
    expect(tab.locator(".without", has_text="windmill")).to_have_attribute("aria-pressed", "true")
    expect(tab.locator(".token[aria-selected=true]")).to_have_text(["windmill"])
