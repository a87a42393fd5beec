"""Before anything is asked: the regions with their numbers and colours, drawn or chosen by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mmattr_app.explorer import View, message
from mmattr_app.segmentation import Segmentation
from tests.explorer.conftest import settle
from tests.explorer.moments import HEIGHT, WIDTH, done, grid
from tests.strokes import drag

Show = Callable[..., Page]
LISTEN = """() => { window.told = [];
  const host = document.createElement('div');
  host.append(document.querySelector('.explorer').cloneNode(true));
  host.querySelectorAll('.pane + .pane').forEach(pane => pane.remove());
  document.querySelector('.explorer').remove();
  document.body.append(host);
  const onEdit = (...what) => told.push(what);
  window.explorer = mountExplorer(host, {onDraw: shapes => told.push(shapes), onEdit});
  explorer.update(JSON.parse(document.getElementById('message').textContent)); }"""
INK = """([x, y]) => {
  const pixel = document.querySelector('.tints').getContext('2d').getImageData(x, y, 1, 1).data;
  return Array.from(pixel.slice(0, 3));
}"""


def preview(cut: Segmentation | None = None, **changes: Any) -> View:
    return replace(View("empty", says="so many", question=done().asked, segmentation=cut), **changes)


def blobs() -> Segmentation:
    """Give a ring, what is inside of it, and a triangle's two sides."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    labels = np.where(rows + columns > 110, 1, 0)
    away = (rows - 40) ** 2 + (columns - 40) ** 2
    labels[away < 30**2] = 2
    labels[away < 15**2] = 3
    return Segmentation.from_labels("blobs", labels)


@pytest.fixture
def pad(show: Show) -> Page:
    """Give an empty drawing and somebody who listens."""
    tab = show(preview(drawing={"number": 1, "shapes": [[]]}))
    tab.evaluate(LISTEN)
    settle(tab)
    return tab


def test_regions_have_numbers_inside_of_them(show: Show) -> None:
    tab = show(preview(blobs()))
    expect(tab.locator(".numbers span")).to_have_text(["1", "2", "3", "4"])
    at = tab.evaluate(
        "() => [...document.querySelectorAll('.numbers span')]"
        ".map(({style}) => [parseFloat(style.left), parseFloat(style.top)])"
    )
    cut = blobs()
    assert [cut.atoms[int(y * HEIGHT / 100), int(x * WIDTH / 100)] for x, y in at] == [0, 1, 2, 3]


def test_a_number_at_the_edge_of_the_picture_is_whole(show: Show) -> None:
    labels = np.ones((HEIGHT, WIDTH), int)
    labels[:, :1] = 0
    labels[:, -1:] = 2
    labels[:1, 20:-20] = 3
    labels[-1:, 20:-20] = 4
    tab = show(preview(Segmentation.from_labels("rim", labels)))
    expect(tab.locator(".numbers span")).to_have_count(5)
    outside = tab.evaluate("""() => {
      const stage = document.querySelector('.stage').getBoundingClientRect();
      return [...document.querySelectorAll('.numbers span')].filter((number) => {
        const box = number.getBoundingClientRect();
        return box.left < stage.left || box.right > stage.right || box.top < stage.top || box.bottom > stage.bottom;
      }).map((number) => number.textContent);
    }""")
    assert outside == []


def test_too_many_regions_have_no_numbers(show: Show) -> None:
    tab = show(preview(grid(24, 24, (480, 480))))
    expect(tab.locator(".numbers span")).to_have_count(0)


def test_neighbours_differ_in_colour_and_a_result_has_none_of_it(show: Show) -> None:
    tab = show(preview(blobs()))
    colours = [tab.evaluate(INK, place) for place in ([2, 2], [120, 90], [40, 60], [40, 40])]
    assert len({tuple(colour) for colour in colours}) == 4
    tab.evaluate("message => explorer.update(message)", message(preview(blobs())))
    assert [tab.evaluate(INK, place) for place in ([2, 2], [120, 90], [40, 60], [40, 40])] == colours
    tab.evaluate("message => explorer.update(message)", message(done()))
    expect(tab.locator(".tints")).to_be_hidden()
    expect(tab.locator(".numbers")).to_be_hidden()


def test_shapes_are_told_in_fractions_of_the_picture(pad: Page) -> None:
    drag(pad, (0.25, 0.25), (0.75, 0.5))
    pad.get_by_role("radio", name="Lasso").click()
    drag(pad, (0.1, 0.1), (0.3, 0.1), (0.2, 0.4))
    pad.get_by_role("radio", name="Brush").click()
    drag(pad, (0.5, 0.5))
    pad.wait_for_function("told.length === 3")
    [[rectangle, lasso, brush]] = pad.evaluate("told[2]")  # of one picture
    assert rectangle == ["rectangle", *(pytest.approx(share, abs=0.01) for share in (0.25, 0.25, 0.75, 0.5))]
    assert lasso[0] == "lasso"
    assert lasso[1][0] == pytest.approx([0.1, 0.1], abs=0.01)
    assert (brush[0], brush[1], len(brush[2])) == ("brush", 0.05, 1)


def test_escape_drops_the_shape_and_undo_and_clear_take_back(pad: Page) -> None:
    drag(pad, (0.1, 0.1), (0.4, 0.4), release=False)
    expect(pad.locator(".pad rect")).to_have_count(1)
    pad.keyboard.press("Escape")
    pad.mouse.up()
    expect(pad.locator(".pad rect")).to_have_count(0)
    assert pad.evaluate("told") == []
    for left in (0.1, 0.5):
        drag(pad, (left, 0.1), (left + 0.3, 0.4))
    pad.keyboard.press("Control+z")
    expect(pad.locator(".pad rect")).to_have_count(1)
    pad.get_by_role("button", name="Clear").click()
    expect(pad.locator(".pad rect")).to_have_count(0)
    assert [len(shapes) for [shapes] in pad.evaluate("told")] == [1, 2, 1, 0]
    expect(pad.get_by_role("button", name="Done")).to_be_disabled()


def test_a_click_is_no_rectangle_and_pins_no_region(pad: Page) -> None:
    pad.locator(".pad").click()
    assert pad.evaluate("told") == []
    expect(pad.locator(".pad *")).to_have_count(0)


def test_an_answer_about_an_older_stroke_does_not_take_the_newer_one_away(pad: Page) -> None:
    for left in (0.1, 0.5):
        drag(pad, (left, 0.1), (left + 0.3, 0.4))
    older = message(preview(blobs(), drawing={"number": 1, "shapes": [[["rectangle", 0.1, 0.1, 0.4, 0.4]]]}))
    pad.evaluate("message => explorer.update(message)", older)
    settle(pad)
    expect(pad.locator(".pad rect")).to_have_count(2)
    other = message(preview(drawing={"number": 2, "shapes": [[]]}))
    pad.evaluate("message => explorer.update(message)", other)
    expect(pad.locator(".pad rect")).to_have_count(0)


def test_regions_are_chosen_by_clicks_and_keys_to_be_changed(show: Show) -> None:
    tab = show(preview(grid(), edits=0))
    tab.evaluate(LISTEN)
    settle(tab)
    expect(tab.get_by_role("button", name="Split")).to_be_disabled()
    tab.locator('[data-region="5"]').click()
    tab.locator('[data-region="2"]').click()
    tab.locator('[data-region="2"]').focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    expect(tab.locator(".chosen")).to_have_text("3 regions selected")
    expect(tab.locator('[data-region="3"]')).to_have_attribute("aria-pressed", "true")
    tab.locator('[data-region="5"]').click()
    tab.get_by_role("button", name="Merge").click()
    assert tab.evaluate("told") == [["merge", [2, 3], 0]]
    tab.evaluate("message => explorer.update(message)", message(preview(grid(2, 4), edits=1)))
    expect(tab.locator(".chosen")).to_have_text("Click regions to split or merge them.")
    expect(tab.get_by_role("button", name="Undo")).to_be_visible()


def test_a_result_cannot_be_cut_anew(show: Show) -> None:
    tab = show(done())
    expect(tab.locator(".edits")).to_be_hidden()
    tab.locator('[data-region="5"]').click()
    expect(tab.locator('[data-region="5"]')).to_have_attribute("aria-pressed", "true")
    tab.locator('[data-region="6"]').click()
    expect(tab.locator('[data-region="5"]')).to_have_attribute("aria-pressed", "false")
