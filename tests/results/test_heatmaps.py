"""What is painted over a picture: the regions, or the map over pixels of a method that has one, as the page does."""

import base64
import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from mmattr_app.domain import Attribution
from mmattr_app.explanation import Explanation
from mmattr_app.results import files
from mmattr_app.results.heatmaps import find_layer, paint, paint_small
from mmattr_app.results.sheets import make_sheet
from tests.explorer.moments import CAR, HEIGHT, RED, WIDTH, pixels, weighed

SVG = "{http://www.w3.org/2000/svg}"
CAR_AT, RED_AT, AGAINST_AT, OF_THE_BEST_REGION = (0.9, 0.1), (0.1, 0.9), (0.5, 0.5), (0.4, 0.4)
EVERYWHERE = [CAR_AT, RED_AT, AGAINST_AT, OF_THE_BEST_REGION]


def explained(maps: np.ndarray | None = None) -> Explanation:
    why = weighed(pixels() if maps is None else maps).attribution
    assert why
    grey = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    question = replace(why.answer.question, pictures=(grey,))
    return Explanation.of(replace(why, answer=replace(why.answer, question=question)))


def sides(picture: Image.Image) -> list[str]:
    """Say what is painted at four places of a picture that is grey."""
    shown = np.asarray(picture.convert("RGB")).astype(int)
    found = [shown[int(y * len(shown)), int(x * shown.shape[1])] for x, y in EVERYWHERE]
    return ["none" if abs(red - blue) < 20 else "supports" if red > blue else "against" for red, _, blue in found]


def of_svg(path: Path, kind: int) -> Image.Image:
    drawn = ET.fromstring(path.read_text())  # noqa: S314  (written a moment ago)
    url = drawn.findall(f"{SVG}image")[kind].get("href", "")
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


def on_sheet(why: Attribution, path: Path) -> Image.Image:
    """Cut the picture out of a PNG."""
    (one,) = make_sheet(why, (CAR,)).pictures
    (left, top), (wide, high) = one.at, one.picture.size
    return Image.open(path).crop((left, top, left + wide, top + high))


def test_the_map_over_pixels_is_painted_and_not_the_regions(tmp_path: Path) -> None:
    why = explained()
    for ending in ("png", "svg"):
        why.save(tmp_path / f"why.{ending}", "car")
    layers = [of_svg(tmp_path / "why.svg", kind).convert("RGBA") for kind in (0, 1)]
    flat = Image.alpha_composite(layers[0].resize((600, 450)), layers[1].resize((600, 450)))
    for painted in (why.picture("car"), paint_small(why, (CAR,), 100), on_sheet(why, tmp_path / "why.png"), flat):
        assert sides(painted) == ["supports", "none", "against", "none"]
    assert sides(why.picture("red")) == ["none", "supports", "none", "none"]


def test_a_result_without_such_maps_shows_its_regions() -> None:
    why = explained()
    regions = Explanation.of(replace(why, scores=replace(why.scores, pixels=())))
    assert sides(regions.picture("car"))[-1] == "supports"


def test_a_file_that_is_read_back_is_painted_alike(tmp_path: Path) -> None:
    why = explained()
    why.save(tmp_path / "why.npz")
    again = Explanation.of(files.read(tmp_path / "why.npz", why.answer.question.image))
    np.testing.assert_array_equal(np.asarray(again.picture("car")), np.asarray(why.picture("car")))


def test_one_map_for_all_chosen_words_is_painted_for_these_only() -> None:
    why = Explanation.of(replace(explained(pixels(for_all=False)), selection=(RED, CAR)))
    assert sides(why.picture("red car")) == ["supports", "supports", "against", "none"]
    assert sides(why.picture("windmill")) == ["none"] * 4


def test_words_are_the_sum_of_their_maps_and_a_few_loud_cells_do_not_hide_the_others() -> None:
    maps = pixels()
    maps[CAR, 0, -1] = 0.01  # a hundred times as loud
    layer = find_layer(explained(maps), (RED, CAR))
    assert layer.scale == pytest.approx(1e-4, rel=0.1)
    assert layer.heat[-1, 0] == pytest.approx(5e-5, rel=0.1)
    assert sides(paint(np.full((HEIGHT, WIDTH, 3), 128, np.uint8), *layer))[:2] == ["supports", "supports"]


def test_the_legend_of_pixels_has_no_numbers_and_promises_no_certainty() -> None:
    said = {line.text for line in make_sheet(explained(), (CAR,)).lines}
    assert {"-", "0", "+"} <= said
    assert not any("not sure" in text for text in said)
