"""Several pictures in files and in a notebook: each is painted with its own map, and is called by its number."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from mmattr_app.domain import Attribution, Scores
from mmattr_app.errors import AppError
from mmattr_app.explanation import Explanation
from mmattr_app.players.together import Together
from mmattr_app.results import files
from mmattr_app.results.sheets import EDGE, WIDTH, find_height, make_sheet
from tests.explorer.album import CAUSE, TALL, album, played
from tests.explorer.moments import HEIGHT, REGIONS
from tests.explorer.moments import WIDTH as WIDE
from tests.results.test_files import SVG


@pytest.fixture(scope="module")
def why() -> Explanation:
    """Give a game whose truth is in the second picture, in the middle of its right side."""
    return Explanation.of(played())


def result() -> Attribution:
    made = album().attribution
    assert made
    return made


def orange(image: np.ndarray) -> np.ndarray:
    """Say which pixels have the colour of strong support over any picture."""
    red, _, blue = (image[..., channel].astype(int) for channel in range(3))
    return (red > 150) & (red - blue > 120)


def test_a_png_is_painted_on_the_second_picture_only(why: Explanation, tmp_path: Path) -> None:
    why.save(tmp_path / "why.png")
    drawn = np.asarray(Image.open(tmp_path / "why.png").convert("RGB"))
    painted = [
        orange(drawn[top : top + one.picture.height, left : left + one.picture.width])
        for one in make_sheet(why, why.chosen).pictures
        for left, top in [one.at]
    ]
    assert not painted[0].any()
    high, wide = painted[1].shape
    assert painted[1][high // 2, wide * 3 // 4]
    assert not painted[1][:, : wide // 2 - 2].any()


def test_a_sheet_says_each_share_and_its_pictures_keep_their_shapes_inside_of_it(why: Explanation) -> None:
    sheet = make_sheet(why, why.chosen)
    said = [line.text for line in sheet.lines]
    assert {"Picture 1: 0%", "Picture 2: 100%"} <= set(said)
    assert any("rests mostly on the right side of picture 2: 1 region there" in text for text in said)
    first, second = (one.picture for one in sheet.pictures)
    assert first.height == second.height
    assert first.width / first.height == pytest.approx(WIDE / HEIGHT, rel=0.01)
    assert second.width / second.height == pytest.approx(TALL[1] / TALL[0], rel=0.01)
    assert all(EDGE - 1 <= one.at[0] <= WIDTH - EDGE + 1 - one.picture.width for one in sheet.pictures)


@pytest.mark.parametrize("aspects", [[1.0], [1.5, 0.5], [1.0] * 4, [2.0] * 8, [0.3] * 8, [9.0, 0.1]])
def test_any_pictures_fit_a_sheet(aspects: list[float]) -> None:
    high = find_height(aspects)
    assert 10 < high <= 1000
    assert high * max(aspects) <= WIDTH - 2 * EDGE + 1e-9


def test_an_svg_holds_each_picture_and_each_map(why: Explanation, tmp_path: Path) -> None:
    why.save(tmp_path / "why.svg")
    drawn = ET.fromstring((tmp_path / "why.svg").read_text())  # noqa: S314  (written a moment ago)
    assert len(drawn.findall(f"{SVG}image")) == 5  # two pictures, two maps and the legend


def test_a_heatmap_and_a_painting_are_of_the_picture_that_is_named(why: Explanation) -> None:
    assert not why.heatmap().any()
    second = why.heatmap(picture=2)
    assert second.shape == TALL
    assert second[75, 70] == pytest.approx(4.0, abs=1e-4)  # two tokens
    assert np.count_nonzero(second) == TALL[0] * TALL[1] // 6
    assert why.picture(picture=2).size == TALL[::-1]
    assert orange(np.asarray(why.picture(picture=2)))[75, 70]
    plotted = why.plot(picture=2)
    assert np.asarray(plotted.data[0].z).shape[:2] == TALL
    assert np.array_equal(np.asarray(plotted.data[1].z), second)
    with pytest.raises(AppError, match="The question has the pictures 1 to 2, not picture 3"):
        why.heatmap(picture=3)


def test_the_top_names_its_picture(why: Explanation) -> None:
    (top,) = why.top(count=1)
    assert (top.number, top.name, top.place) == (CAUSE, "4 of picture 2", "picture 2, the right side")


def test_a_page_holds_each_picture_once_and_brings_it_back(tmp_path: Path) -> None:
    files.write(result(), tmp_path / "why.html")
    text = (tmp_path / "why.html").read_text()
    assert text.count("data:image/jpeg") == 2
    again = files.read(tmp_path / "why.html").answer.question.pictures
    assert [one.shape[:2] for one in again] == [(HEIGHT, WIDE), TALL]


def test_a_page_of_an_earlier_version_which_carried_its_further_pictures_is_read(tmp_path: Path) -> None:
    files.write(result(), tmp_path / "why.html")
    text = (tmp_path / "why.html").read_text()
    (block,) = re.findall(r'id="message">(.*?)</script>', text, re.DOTALL)
    now = json.loads(block)
    (further,) = now.pop("further")
    earlier = text.replace(block, json.dumps(now)).replace(
        json.dumps([{"size": TALL}]), json.dumps([{"url": further["picture"]["url"], "size": TALL}])
    )
    (tmp_path / "why.html").write_text(earlier)
    assert files.read(tmp_path / "why.html").answer.question.pictures[1].shape[:2] == TALL


def test_a_result_without_its_pictures_still_has_their_heatmaps(tmp_path: Path) -> None:
    files.write(result(), tmp_path / "why.npz")
    again = Explanation.of(files.read(tmp_path / "why.npz"))
    assert again.heatmap("windmill", 2).shape == TALL


def test_a_picture_of_which_no_region_played_is_shown_as_it_is(tmp_path: Path) -> None:
    made, whole = result(), result().players
    assert isinstance(whole, Together)
    few = Scores(made.scores.values[:REGIONS])
    only = Explanation.of(replace(made, players=whole.parts[0], scores=few))
    only.save(tmp_path / "why.png")
    with pytest.raises(AppError, match="No region of picture 2 played"):
        only.heatmap(picture=2)
    assert make_sheet(only, only.chosen).pictures[1].heat is None
