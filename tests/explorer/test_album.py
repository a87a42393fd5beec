"""Several pictures in one question: all are shown with their maps, in one scale, each with its share."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from mmattr_app.domain import Question, Scores
from mmattr_app.explorer import View, message
from mmattr_app.explorer.page import page
from mmattr_app.players.together import Together
from mmattr_app.sentences import picture_shares
from tests.canvas import read
from tests.explorer.album import CAUSE, CELLS, TALL, album, played, tall
from tests.explorer.conftest import settle
from tests.explorer.moments import CAR, HEIGHT, REGIONS, WIDTH, WIND, done, grid, picture
from tests.explorer.test_heatmap import side
from tests.explorer.test_preview import LISTEN
from tests.strokes import drag

Show = Callable[..., Page]


def heatmap(tab: Page, number: int) -> np.ndarray:
    """Read the map of a picture [height, width, 4]."""
    settle(tab)
    return read(tab.locator(".heatmap").nth(number))


def sides(drawn: np.ndarray, rows: int, columns: int) -> list[str]:
    """Say what is drawn in the middle of each cell of a grid."""
    down, right = (
        ((np.arange(count) + 0.5) * size / count).astype(int)
        for count, size in zip((rows, columns), drawn.shape[:2], strict=True)
    )
    return [side(drawn[row, column]) for row in down for column in right]


def test_the_message_counts_the_regions_of_all_pictures_through() -> None:
    told = message(album())
    (second,) = told["further"]
    assert (second["picture"]["height"], second["picture"]["width"]) == TALL
    assert told["map"]["own"] == list(range(REGIONS))
    assert second["map"]["own"] == list(range(REGIONS, REGIONS + CELLS))
    assert len(told["rows"]) == told["map"]["total"] == second["map"]["total"] == REGIONS + CELLS
    assert told["others"] == []


@pytest.mark.parametrize("errors", [False, True])
def test_each_word_is_drawn_on_the_picture_that_it_rests_on(show: Show, errors: bool) -> None:
    tab = show(album(errors=errors))
    tab.locator(f'[data-token="{WIND}"]').click()
    assert not heatmap(tab, 0).any()
    drawn = heatmap(tab, 1)
    assert sides(drawn, 3, 2)[3] == "supports"
    if errors:  # drawn smoothly, and strongest there
        row, column = np.unravel_index(drawn[..., 3].argmax(), drawn.shape[:2])
        assert (3 * row // drawn.shape[0], 2 * column // drawn.shape[1]) == (1, 1)
    else:
        assert sides(drawn, 3, 2).count("none") == CELLS - 1
    expect(tab.locator("figcaption:visible")).to_have_text(["Picture 1: 10% against it", "Picture 2: 90%"])
    tab.locator(f'[data-token="{CAR}"]').click()
    assert not heatmap(tab, 1).any()
    assert sides(heatmap(tab, 0), 3, 4)[5:7] == ["supports"] * 2
    expect(tab.locator("figcaption:visible")).to_have_text(["Picture 1: 90%", "Picture 2: 10%"])


def test_a_game_whose_truth_is_in_the_second_picture_is_drawn_there(show: Show) -> None:
    why = played()
    assert why.shares
    np.testing.assert_allclose(why.shares.of([0]), [0, 1], atol=1e-5)
    tab = show(View("done", attribution=why))
    assert not heatmap(tab, 0).any()
    drawn = heatmap(tab, 1)
    assert drawn.shape[:2] == TALL
    assert sides(drawn, 3, 2) == ["none"] * 3 + ["supports"] + ["none"] * 2
    expect(tab.locator(".readout")).to_contain_text("comes from picture 2 (100%). It rests mostly on the right side of")


def test_a_sentence_says_which_picture_and_its_numbers_are_those_of_that_picture(show: Show) -> None:
    tab = show(album())
    tab.locator(f'[data-token="{WIND}"]').click()
    expect(tab.locator(".readout")).to_have_text(
        "“windmill” comes from picture 2 (90%), against picture 1 (10%). It rests mostly on the right side of "
        "picture 2 (region 4). Hiding region 4 of picture 2 alone takes the word from 78% to 8%."
    )
    expect(tab.locator(".pane").nth(1).locator(".marks")).to_have_text("4")
    expect(tab.locator(".pane").nth(0).locator(".marks")).to_have_text("")
    expect(tab.locator(".rows .row").first).to_have_attribute("aria-label", "Picture 2, region 4: +2.25 nats, 78% → 8%")


def test_regions_of_every_picture_are_pointed_at_held_and_reached_by_keys(show: Show) -> None:
    tab = show(album())
    second = tab.locator(".pane").nth(1)
    second.locator(f'[data-region="{CAUSE}"]').click()
    tab.mouse.move(5, 5)
    expect(second.locator(".tag")).to_contain_text("Picture 2, region 4")
    expect(tab.locator(".pane").nth(0).locator(".tag")).to_be_hidden()
    expect(tab.locator(".token:not(.quietly)")).to_have_text(["windmill"])
    tab.locator('.pane [data-region="0"]').focus()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    focused = tab.locator(":focus")
    expect(focused).to_have_attribute("data-region", str(REGIONS))
    tab.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("aria-label", "Picture 2, region 3 of 6, +0.00 nats")
    tab.keyboard.press("Enter")
    expect(focused).to_have_attribute("aria-pressed", "true")


def test_one_picture_after_several_is_not_called_one_of_several(show: Show) -> None:
    tab = show(album())
    first = tab.locator(".pane .picture").first
    expect(first).to_have_attribute("alt", "Picture 1 of 2 that were asked about")
    tab.evaluate("message => explorer.update(message)", message(done()))
    expect(first).to_have_attribute("alt", "The picture that was asked about")


def test_one_scale_is_for_all_pictures(show: Show) -> None:
    tab = show(album())
    tab.locator(f'[data-token="{CAR}"]').click()
    alone = heatmap(tab, 0)[HEIGHT // 2, WIDTH * 5 // 8]
    tab.locator(f'[data-token="{WIND}"]').click(modifiers=["Shift"])
    both = heatmap(tab, 0)[HEIGHT // 2, WIDTH * 5 // 8]
    assert alone[3] > both[3] > 0
    expect(tab.locator(".high")).to_have_text("supports +2.3 nats")


@pytest.mark.parametrize("width", [1240, 390])
def test_pictures_are_of_one_height_and_inside_the_page_and_one_can_be_larger(show: Show, width: int) -> None:
    tab = show(album(more=2), viewport={"width": width, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [stage.bounding_box() for stage in tab.locator(".stage").all()]
    heights = [box["height"] for box in boxes if box]
    assert len(heights) == 4
    assert min(heights) >= 100
    assert max(heights) - min(heights) < 2
    tab.locator('[data-region="1"]').first.hover()
    stage, tag = tab.locator(".stage").first.bounding_box(), tab.locator(".tag").first.bounding_box()
    assert stage
    assert tag
    assert stage["x"] <= tag["x"] <= tag["x"] + tag["width"] <= stage["x"] + stage["width"]
    assert all(
        tab.locator(".tabs button").evaluate_all(f"all => all.map(one => one.getBoundingClientRect().right <= {width})")
    )
    tab.locator(".enlarge").nth(1).press("Enter")
    settle(tab)
    larger, other = (tab.locator(".stage").nth(number).bounding_box() for number in (1, 0))
    assert larger
    assert other
    assert larger["height"] > 1.4 * heights[1] > 1.4 * other["height"] * 0.9
    expect(tab.locator(".enlarge").nth(1)).to_have_attribute("aria-pressed", "true")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_small_maps_of_all_words_show_every_picture(show: Show) -> None:
    tab = show(album())
    tab.get_by_role("tab", name="All words").click()
    tile = tab.locator(".tile", has_text="windmill")
    expect(tile.locator(".face")).to_have_count(2)
    expect(tile.locator(".place")).to_have_text("picture 2, right side")
    assert [read(canvas).any() for canvas in tile.locator("canvas").all()] == [False, True]


def test_the_png_of_the_page_holds_every_picture(show: Show, tmp_path: Path) -> None:
    tab = show(album())
    tab.locator(f'[data-token="{WIND}"]').click()
    tab.get_by_role("tab", name="Export").click()
    with tab.expect_download() as found:
        tab.locator("[data-format=png]").click()
    found.value.save_as(tmp_path / "drawn.png")
    drawn = np.asarray(Image.open(tmp_path / "drawn.png").convert("RGB")).astype(int)
    orange = (drawn[..., 0] - drawn[..., 2] > 130) & (drawn[..., 0] > 160)
    columns = np.flatnonzero(orange[300:700].any(axis=0))
    assert len(columns)
    assert columns.min() > 600  # the cause is at the right, in the second picture


def test_regions_are_predicted_on_any_picture(show: Show) -> None:
    tab = show(album())
    tab.get_by_role("button", name="Predict first").click()
    tab.locator(f'[data-token="{WIND}"]').click()
    assert not heatmap(tab, 1).any() or tab.locator(".heatmap").nth(1).is_hidden()
    tab.locator(f'[data-region="{CAUSE}"]').click()
    tab.get_by_role("button", name="Show me").click()
    expect(tab.locator(".guess-says")).to_contain_text("of the pictures and found 100% of the support")


def test_a_map_of_the_first_picture_only_says_so(show: Show) -> None:
    view = album()
    why = view.attribution
    assert why
    assert isinstance(why.players, Together)
    first = replace(why, players=why.players.parts[0], scores=Scores(why.scores.values[:REGIONS]))
    tab = show(replace(view, attribution=first))
    expect(tab.locator("figcaption:visible").nth(1)).to_have_text("Picture 2: not in this map")


def test_regions_of_every_picture_are_changed_by_hand_in_one_at_a_time(show: Show) -> None:
    asked = album().asked
    tab = show(View("empty", question=asked, segmentation=grid(), further=(grid(3, 2, TALL),), edits=0))
    expect(tab.locator(".pane").nth(1).locator(".numbers span")).to_have_text([str(one + 1) for one in range(CELLS)])
    tab.evaluate(LISTEN)
    expect(tab.locator(".chosen")).to_have_text("Click regions to split or merge them.")
    tab.locator('[data-region="2"]').click()
    expect(tab.locator(".chosen")).to_have_text("Picture 1, region 3 selected")
    tab.locator(f'[data-region="{CAUSE}"]').click()
    expect(tab.locator(".chosen")).to_have_text("Picture 2, region 4 selected")
    expect(tab.locator('[data-region="2"]')).to_have_attribute("aria-pressed", "false")
    tab.locator(f'[data-region="{CAUSE + 1}"]').click()
    expect(tab.locator(".chosen")).to_have_text("2 regions of picture 2 selected")
    tab.get_by_role("button", name="Merge").click()
    assert tab.evaluate("told") == [["merge", [3, 4], 1]]


def test_shapes_are_drawn_on_every_picture_and_taken_back_in_their_order(show: Show) -> None:
    drawing = {"number": 1, "shapes": [[], [["brush", 0.05, [[0.5, 0.5]]]]]}
    tab = show(View("empty", question=album().asked, drawing=drawing))
    tab.evaluate(LISTEN)
    pads = tab.locator(".pad")
    expect(pads.nth(1).locator("polyline")).to_have_count(1)
    drag(tab, (0.25, 0.25), (0.75, 0.5), picture=1)
    drag(tab, (0.1, 0.1), (0.4, 0.4))
    for pad, viewed in ((pads.first, f"0 0 {WIDTH} {HEIGHT}"), (pads.nth(1), f"0 0 {TALL[1]} {TALL[0]}")):
        expect(pad.locator("rect")).to_have_count(1)
        expect(pad).to_have_attribute("viewBox", viewed)
    for _ in range(2):
        tab.get_by_role("button", name="Undo").click()
    told = tab.evaluate("told")
    assert [[len(own) for own in each] for each in told] == [[0, 2], [1, 2], [0, 2], [0, 1]]
    assert told[0][1][1] == ["rectangle", *(pytest.approx(share, abs=0.01) for share in (0.25, 0.25, 0.75, 0.5))]


def test_another_question_with_one_picture_shows_one(show: Show) -> None:
    tab = show(album())
    expect(tab.locator(".stage:visible")).to_have_count(2)
    one = message(View("empty", question=Question((picture(),), "?"), segmentation=grid()))
    tab.evaluate("one => window.explorer.update(one)", one)
    expect(tab.locator(".stage:visible")).to_have_count(1)
    expect(tab.locator("figcaption:visible")).to_have_count(0)


def test_a_page_of_eight_large_pictures_stays_small_enough_to_send() -> None:
    view = album(more=6)
    why = view.attribution
    assert why
    rows, columns = np.indices((900, 1200))
    noise = np.random.default_rng(0).integers(0, 40, (900, 1200))
    large = np.repeat((noise + rows // 8 + columns // 10)[..., None], 3, axis=2).astype(np.uint8)
    question = replace(why.answer.question, pictures=(large, tall(), *[large] * 6))
    text = page(replace(view, attribution=replace(why, answer=replace(why.answer, question=question))))
    assert len(text) < 8 * 600_000


def test_shares_of_eight_pictures_are_said_to_be_about_so_much(show: Show) -> None:
    view = album(more=6)
    assert view.attribution
    tab = show(view)
    tab.locator(f'[data-token="{CAR}"]').click()
    expect(tab.locator("figcaption:visible").first).to_contain_text("Picture 1: ≈90%")
    expect(tab.locator(".share-list")).to_contain_text("picture 1 ≈90%picture 2 ≈10%")
    expect(tab.locator(".readout")).to_contain_text("“car” comes from picture 1 (about 90%) and picture 2 (about 10%)")
    assert picture_shares(view.attribution, [CAR])[0] == "about 90%"
