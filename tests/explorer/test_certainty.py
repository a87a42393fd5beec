"""Standard errors on the screen: what is not sure is not drawn, bars have whiskers, and sentences say how sure."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mmattr_app.explorer import message
from tests.explorer.conftest import settle
from tests.explorer.moments import CAR, PIECES, RED, REGIONS, estimated, scores
from tests.explorer.test_heatmap import heatmap, side

Show = Callable[..., Page]


def cells(drawn: np.ndarray) -> list[str]:
    """Say what is drawn in the middle of each region, which are three rows of four."""
    high, wide = drawn.shape[0] // 3, drawn.shape[1] // 4
    middles = [(row * high + high // 2, column * wide + wide // 2) for row in range(3) for column in range(4)]
    return [side(drawn[place]) for place in middles]


def choose_cells(tab: Page) -> None:
    tab.get_by_role("radio", name="Cells").click()
    settle(tab)


@pytest.mark.parametrize(("error", "drawn"), [(0.25, {5, 6, 10}), (0.5, {5, 6}), (1.0, {5}), (2.0, set[int]())])
def test_what_is_within_its_error_is_not_drawn(show: Show, error: float, drawn: set[int]) -> None:
    tab = show(estimated(error))
    tab.locator(f'[data-token="{CAR}"]').click()
    choose_cells(tab)
    assert {region for region, what in enumerate(cells(heatmap(tab))) if what != "none"} == drawn


def test_errors_of_a_span_add_up_as_their_correlation_says(show: Show) -> None:
    """Two errors of 0.5 are 0.71 together where they are independent, 1 where they are one and 0 where they cancel."""
    for between, certain in ((0.0, True), (1.0, False), (-1.0, True)):
        together = np.eye(len(PIECES), dtype=np.float32)
        together[RED, CAR] = together[CAR, RED] = between
        values = scores()
        values[5, [RED, CAR]] = 0.65, 0.65  # 1.3 together: over 1.64 times 0.71, under 1.64 times 1
        errors = np.full((REGIONS, len(PIECES)), 0.5, np.float32), together
        tab = show(estimated(scores=values, errors=errors))
        tab.locator(f'[data-token="{RED}"]').click()
        tab.locator(f'[data-token="{CAR}"]').click(modifiers=["Shift"])
        choose_cells(tab)
        assert (cells(heatmap(tab))[5] == "supports") is certain, between


def test_the_error_of_a_span_is_the_one_that_python_gives(show: Show) -> None:
    rng = np.random.default_rng(0)
    errors = rng.uniform(0.1, 0.5, (REGIONS, len(PIECES))).astype(np.float32)
    mixed = rng.normal(size=(len(PIECES), 40))
    view = replace(estimated(errors=(errors, np.corrcoef(mixed).astype(np.float32))), job="another")
    assert view.attribution
    found = replace(view.attribution.scores, relative_error=0.3)
    view = replace(view, attribution=replace(view.attribution, scores=found))
    tab = show(view)
    tab.locator(f'[data-token="{RED}"]').click()
    tab.locator(f'[data-token="{CAR}"]').click(modifiers=["Shift"])
    error = found.error([RED, CAR])
    assert error is not None
    expect(tab.locator('[data-bar="5"]')).to_have_attribute(
        "aria-label", f"Region 6: +2.50 ± {1.64 * error[5]:.2f} logits"
    )


def test_a_grid_is_drawn_smoothly_without_swinging_over_and_with_a_switch(show: Show) -> None:
    tab = show(estimated())
    tab.locator(f'[data-token="{CAR}"]').click()
    drawn = heatmap(tab)
    assert drawn.shape[:2] == (36, 48)
    assert cells(drawn)[5] == "supports"
    strengths = drawn[18, :, 3].astype(int)  # the row of the car
    assert len(set(strengths.tolist())) > 10, "it fades"
    values = scores()
    values[:] = 0
    values[5, CAR] = 2.0
    alone = heatmap(show(estimated(scores=values)))
    assert {side(pixel) for pixel in alone.reshape(-1, 4)} == {"none", "supports"}, "no blue ring around what supports"
    choose_cells(tab)
    assert heatmap(tab).shape[:2] == (96, 128)


def test_regions_that_are_no_grid_have_no_such_switch(show: Show) -> None:
    from tests.explorer.moments import overlapping

    expect(show(overlapping()).get_by_role("radio", name="Cells")).to_be_hidden()


def test_bars_have_whiskers_as_long_as_the_errors(show: Show) -> None:
    tab = show(estimated(0.25))
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator('[data-bar="5"]')).to_have_attribute("aria-label", "Region 6: +2.00 ± 0.41 logits")
    bar, whisker = (tab.locator(f'[data-bar="5"] .track {part}').bounding_box() for part in ("i", "b"))
    assert bar
    assert whisker
    assert whisker["x"] < bar["x"] + bar["width"] < whisker["x"] + whisker["width"]
    assert whisker["width"] / bar["width"] == pytest.approx(2 * 1.64 * 0.25 / 2, rel=0.1)


def test_bars_that_may_be_zero_are_pale_and_say_so(show: Show) -> None:
    tab = show(estimated(0.5))
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator('[data-bar="5"] .track i')).to_have_css("opacity", "1")
    expect(tab.locator('[data-bar="10"] .track i')).to_have_css("opacity", "0.38")
    expect(tab.locator('[data-bar="10"]')).to_have_attribute("aria-label", re.compile("not sure$"))
    expect(tab.locator(".why .note")).to_contain_text("Pale bars are not sure")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (0.25, "“car” rests mostly on the middle (regions"),
        (0.95, "“car” probably rests mostly on the middle (regions"),
        (2.0, "It is unclear which part of the picture “car” rests on"),
    ],
)
def test_the_sentence_says_how_sure_it_is(show: Show, error: float, says: str) -> None:
    tab = show(estimated(error))
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".readout")).to_contain_text(says)


def test_a_run_that_is_not_finished_says_so_far_with_its_error(show: Show) -> None:
    tab = show(estimated(0.25, state="hiding", done=6, of=12))
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".readout")).to_contain_text("So far: “car” rests mostly on")
    expect(tab.locator('[data-bar="5"]')).to_have_attribute("aria-label", "Region 6: +2.00 ± 0.41 logits")


def test_a_method_without_errors_sends_none() -> None:
    from tests.explorer.moments import done

    assert message(done())["errors"] is None
    assert message(done())["correlation"] is None


@pytest.mark.parametrize(("height", "said"), [(0.1, "No single region carries it."), (1.0, "it may mean nothing.")])
def test_where_nothing_is_sure_one_sentence_says_what_to_do(show: Show, height: float, said: str) -> None:
    tab = show(estimated(2.0, scores=scores() * height / scores().max()))
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator(".readout")).to_contain_text(f"{said} Ask more masks, or ask another question.")
