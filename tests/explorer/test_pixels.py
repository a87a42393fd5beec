"""Maps over the picture's pixels on the stage: drawn instead of the regions, and small enough to be saved."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from mmattr_app.arithmetic.pixel_maps import LONGEST, shrink
from mmattr_app.domain import Question
from mmattr_app.explorer import View, message, page
from mmattr_app.results import exports
from mmattr_app.results.heatmaps import find_layer
from tests.explorer.album import TALL, album
from tests.explorer.conftest import settle
from tests.explorer.moments import CAR, RED, done, overlapping, pixels, weighed

Show = Callable[..., Page]
ON_CANVAS = """([x, y]) => {
  const canvas = document.querySelector('canvas.heatmap');
  const at = [Math.floor(x * canvas.width), Math.floor(y * canvas.height)];
  return [...canvas.getContext('2d').getImageData(...at, 1, 1).data];
}"""
CAR_AT, RED_AT, AGAINST_AT = (0.9, 0.1), (0.1, 0.9), (0.5, 0.5)  # places, in shares of the picture
ORANGE, BLUE, NOTHING = [194, 74, 2, 255], [20, 84, 150, 255], [0, 0, 0, 0]


def choose(tab: Page, token: int) -> None:
    tab.locator(f"[data-token='{token}']").click()
    settle(tab)


def test_the_map_of_a_word_is_drawn_pixel_by_pixel(show: Show) -> None:
    tab = show(weighed(pixels()))
    choose(tab, CAR)
    assert tab.evaluate(ON_CANVAS, CAR_AT) == ORANGE
    assert tab.evaluate(ON_CANVAS, AGAINST_AT) == BLUE
    assert tab.evaluate(ON_CANVAS, RED_AT) == NOTHING
    choose(tab, RED)
    assert tab.evaluate(ON_CANVAS, CAR_AT) == NOTHING
    assert tab.evaluate(ON_CANVAS, RED_AT) == ORANGE  # in its own scale
    assert tab.evaluate("document.querySelector('canvas.heatmap').width") == LONGEST
    assert tab.locator(".lines").first.get_attribute("d") == ""
    expect(tab.locator(".legend .high")).to_have_text("more weight")


def test_one_scale_for_all_words_makes_a_weaker_word_paler(show: Show) -> None:
    tab = show(weighed(pixels()))
    choose(tab, RED)
    tab.get_by_role("radio", name="All words").click()
    settle(tab)
    assert 0 < tab.evaluate(ON_CANVAS, RED_AT)[3] < 200


def test_the_switch_shows_the_regions_that_the_pixels_were_added_up_to(show: Show) -> None:
    tab = show(weighed(pixels()))
    choose(tab, CAR)
    middle = (0.4, 0.4)  # of region 6, the best one, where no pixel has a score
    assert tab.evaluate(ON_CANVAS, middle) == NOTHING
    expect(tab.get_by_role("radio", name="Pixels")).to_be_checked()
    tab.get_by_role("radio", name="Regions").click()
    settle(tab)
    assert tab.evaluate(ON_CANVAS, middle) == ORANGE
    assert tab.locator(".lines").first.get_attribute("d")
    expect(tab.get_by_role("radio", name="Smooth")).to_have_count(0)


def test_regions_of_any_shape_have_the_switch_too(show: Show) -> None:
    tab = show(weighed(pixels(), overlapping()))
    expect(tab.get_by_role("radio", name="Pixels")).to_be_checked()
    expect(show(overlapping()).locator("[data-choice=smooth]")).to_be_hidden()


def test_one_map_for_chosen_words_is_drawn_for_these_only(show: Show) -> None:
    view = weighed(pixels(for_all=False))
    assert view.attribution
    view = replace(view, attribution=replace(view.attribution, selection=(RED, CAR)))
    tab = show(view)
    assert tab.evaluate(ON_CANVAS, CAR_AT) == ORANGE
    assert tab.evaluate(ON_CANVAS, RED_AT)[:2] == pytest.approx([237, 140], abs=2)  # half as strong
    choose(tab, CAR + 1)
    assert tab.evaluate(ON_CANVAS, CAR_AT) == NOTHING


def test_the_small_map_of_each_word_is_one_of_pixels(show: Show) -> None:
    tab = show(weighed(pixels()))
    tab.get_by_role("tab", name="All words").click()
    settle(tab)
    sizes = tab.locator(".tile canvas").evaluate_all("all => all.map(one => one.width)")
    assert sizes
    assert set(sizes) == {LONGEST}


def test_each_of_several_pictures_has_its_own_map_in_one_scale(show: Show) -> None:
    """The car has weight at the upper right of the first picture, and half as much at the lower left of the second."""
    view = album()
    assert view.attribution
    maps = [pixels(), np.zeros((len(pixels()), *TALL), np.float32)]
    maps[1][CAR, -30:, :30] = 5e-5
    why = replace(view.attribution, method="attention-rollout", reads="weight")
    why = replace(why, scores=replace(why.scores, pixels=tuple(shrink(one) for one in maps)))
    tab = show(replace(view, attribution=why))
    choose(tab, CAR)

    def on_second(at: tuple[float, float]) -> list[int]:
        return tab.evaluate(ON_CANVAS.replace("querySelector('", "querySelector('figure + figure "), at)

    assert tab.evaluate(ON_CANVAS, CAR_AT) == ORANGE
    assert on_second(CAR_AT) == NOTHING
    assert 100 < on_second(RED_AT)[3] < 240, "paler than the same colour on the first picture"
    tab.get_by_role("tab", name="All words").click()
    settle(tab)
    shapes = tab.locator(".tile").first.locator("canvas").evaluate_all("all => all.map(one => [one.width, one.height])")
    assert shapes == [[LONGEST, 72], [57, LONGEST]]
    layers = [find_layer(why, [CAR], number) for number in (0, 1)]
    assert layers[0].scale == layers[1].scale
    assert [layer.heat.shape for layer in layers] == [(72, LONGEST), (LONGEST, 57)]


def test_the_png_shows_the_pixels(show: Show) -> None:
    tab = show(weighed(pixels()))
    choose(tab, CAR)
    tab.get_by_role("tab", name="Export").click()
    with tab.expect_download() as download:
        tab.locator("[data-format=png]").click()
    poster = np.asarray(Image.open(BytesIO(download.value.path().read_bytes())).convert("RGB")).astype(int)
    _, columns = np.nonzero(poster[..., 0] - poster[..., 2] > 90)
    assert columns.min() > poster.shape[1] / 2  # the upper right corner, and not region 6 in the middle


@pytest.mark.parametrize("tokens", [8, 64, 512])
def test_a_page_with_maps_of_pixels_stays_small(tokens: int) -> None:
    rng = np.random.default_rng(0)
    image = np.repeat(np.repeat(rng.integers(0, 256, (24, 32, 3), np.uint8), 32, axis=0), 32, axis=1)
    noise = rng.normal(size=(tokens, 96, 128)).astype(np.float32)
    view = weighed(noise, done([" word"] * tokens, scores=np.zeros((12, tokens), np.float32)))
    assert view.attribution
    question = Question((image,), "?")
    answer = replace(view.attribution.answer, question=question)
    view = replace(view, attribution=replace(view.attribution, answer=answer))
    assert view.attribution
    assert len(page(view, exports.to_json(view.attribution))) < 1_500_000


def test_a_method_without_such_maps_sends_none() -> None:
    assert message(done())["pixels"] is None
    assert message(View("empty"))["pixels"] is None
