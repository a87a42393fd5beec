"""The picture, its heatmap and its regions: what is drawn where, and what pointing at it does."""

import colorsys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mmattr_app.explorer import message
from tests.canvas import read
from tests.explorer.conftest import settle
from tests.explorer.moments import done, hiding, overlapping

Show = Callable[..., Page]


def heatmap(tab: Page) -> np.ndarray:
    """Read the map of the first picture [height, width, 4]."""
    settle(tab)
    return read(tab.locator(".heatmap").first)


def side(pixel: np.ndarray) -> str:
    hue = colorsys.rgb_to_hsv(*(pixel[:3] / 255))[0]
    return "none" if pixel[3] == 0 else "supports" if hue < 0.2 else "against"


def test_the_map_is_clear_where_the_score_is_zero_and_coloured_by_sign(show: Show) -> None:
    tab = show(done())
    drawn = heatmap(tab)
    cells = drawn.reshape(3, 32, 4, 32, 4).transpose(0, 2, 1, 3, 4).reshape(12, -1, 4)
    assert all((cell == cell[0]).all() for cell in cells)
    assert [side(cell[0]) for cell in cells] == ["none"] * 5 + ["supports"] * 2 + ["none"] * 3 + ["against", "none"]
    assert cells[5][0, 3] > cells[6][0, 3] > cells[10][0, 3]


def test_an_answer_that_needs_no_region_has_an_empty_map(show: Show) -> None:
    tab = show(done())
    tab.locator('[data-token="3"]').click()
    assert not heatmap(tab).any()


def test_overlapping_regions_add_up(show: Show) -> None:
    drawn = heatmap(show(overlapping()))
    assert side(drawn[4, 4]) == "supports"
    assert side(drawn[30, 12]) == "none"  # +1 and -1
    assert side(drawn[48, 32]) == "supports"
    assert side(drawn[48, 100]) == "none"  # in no region


def test_the_pointer_means_the_smallest_region(show: Show) -> None:
    tab = show(overlapping())
    box = tab.locator(".stage").bounding_box()
    assert box
    for (x, y), region in {(0.02, 0.5): 1, (0.12, 0.5): 2, (0.25, 0.5): 3}.items():
        tab.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        expect(tab.locator(".tag")).to_contain_text(f"Region {region}")
    tab.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.5 * box["height"])
    expect(tab.locator(".tag")).to_be_hidden()


def test_a_region_in_view_lights_the_words_that_depend_on_it_and_a_click_pins_it(show: Show) -> None:
    tab = show(done())
    region = tab.locator('[data-region="3"]')
    region.hover()
    expect(tab.locator(".token:not(.quietly)")).to_have_text(["windmill"])
    expect(tab.locator(".needle")).to_be_visible()
    region.click()
    tab.mouse.move(5, 5)
    expect(region).to_have_attribute("aria-pressed", "true")
    expect(tab.locator(".tag")).to_contain_text("Region 4")
    region.click()
    tab.mouse.move(5, 5)
    expect(tab.locator(".tag")).to_be_hidden()


def test_regions_are_reached_by_keys_alone(show: Show) -> None:
    tab = show(done())
    tab.locator(".token").last.click()
    for _ in range(9):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.dataset.region") == "0":
            break
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowRight")
    expect(tab.locator('[data-region="5"]')).to_be_focused()
    expect(tab.locator(".tag")).to_contain_text("Region 6")
    tab.keyboard.press("Enter")
    expect(tab.locator('[data-region="5"]')).to_have_attribute("aria-pressed", "true")


def test_rows_not_asked_yet_draw_nothing_and_the_next_message_fills_them_in(show: Show) -> None:
    tab = show(hiding(asked=6))
    assert [side(pixel) for pixel in heatmap(tab)[48, 16::32]] == ["none", "supports", "none", "none"]
    expect(tab.locator(".readout")).to_contain_text("So far: “car” rests mostly on the middle (region 6)")
    tab.locator('[data-token="1"]').click()
    tab.evaluate("message => explorer.update(message)", message(hiding(asked=7)))
    assert [side(pixel) for pixel in heatmap(tab)[48, 16::32]] == ["none", "supports", "supports", "none"]
    expect(tab.locator(".token[aria-selected=true]")).to_have_text(["red"])
    tab.evaluate("message => explorer.update(message)", message(done()))
    expect(tab.locator(".explorer")).to_have_attribute("data-state", "done")
    expect(tab.locator(".token[aria-selected=true]")).to_have_text(["red"])


def test_another_job_starts_without_the_old_selection(show: Show) -> None:
    tab = show(done())
    tab.locator('[data-token="1"]').click()
    tab.locator('[data-region="3"]').click()
    tab.evaluate("message => explorer.update(message)", message(replace(done(), job="two")))
    expect(tab.locator(".token[aria-selected=true]")).to_have_text(["car"])
    expect(tab.locator("[data-region][aria-pressed=true]")).to_have_count(0)


def test_the_scale_of_the_whole_answer_does_not_move_with_the_selection(show: Show) -> None:
    tab = show(done())
    tab.locator('[data-token="1"]').click()
    expect(tab.locator(".high")).to_have_text("supports +0.5 nats")
    tab.locator("[data-choice=wide] [data-value=true]").click()
    expect(tab.locator(".high")).to_have_text("supports +2.0 nats")


@pytest.mark.parametrize(
    ("opacity", "looks"),
    [(0, "saturate(1) contrast(1) brightness(1)"), (100, "saturate(0.4) contrast(0.78) brightness(1.16)")],
)
def test_the_slider_fades_the_picture_as_the_map_comes_in_and_keeps_its_colours(
    show: Show, opacity: int, looks: str
) -> None:
    tab = show(done())
    tab.locator(".opacity").fill(str(opacity))
    expect(tab.locator(".heatmap")).to_have_css("opacity", str(opacity // 100))
    expect(tab.locator(".picture")).to_have_css("filter", looks)


def test_contours_are_lines_over_the_map_and_never_on_it(show: Show) -> None:
    tab = show(done())
    before = heatmap(tab)
    tab.get_by_label("Contours").check()
    expect(tab.locator("path.contours")).to_have_attribute("d", "M32 32H96M32 64H96M32 32V64M64 32V96M96 32V96")
    assert (heatmap(tab) == before).all()
