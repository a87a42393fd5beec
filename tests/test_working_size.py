"""A large picture is made smaller as it is read, the result says so, and a small one stays as it is, bit for bit."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, JpegImagePlugin

import mmattr_app
from mmattr_app.commands.terminal import report
from mmattr_app.domain import Question
from mmattr_app.explorer import View, message
from mmattr_app.pictures import read_picture, read_with_size, working_size
from mmattr_app.results import exports, reading
from mmattr_app.settings import settings
from mmattr_app.ui.handlers import explain_job
from mmattr_app.ui.previews import regions_view
from mmattr_app.ui.session import Session
from tests.games import ToyWorker, toy_queue
from tests.pictures import photograph
from tests.ui.test_region_choices import FILLED

TURNED = 6  # in EXIF: the camera was held upright
SAYS = "The picture was made smaller, from 3000x4000 to 1732x2309 pixels."


@pytest.fixture
def one_megapixel(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make pictures smaller that are quickly made."""
    monkeypatch.setenv("MMATTR_WORK_MEGAPIXELS", "1")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="module")
def from_a_telephone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save 12 megapixels as a camera does that was held upright."""
    path = tmp_path_factory.mktemp("camera") / "cat.jpg"
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = TURNED
    photograph(12).save(path, exif=exif, quality=85)
    return path


def test_a_photograph_is_explained_at_its_working_size_and_the_result_says_so(
    from_a_telephone: Path, folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    model = str(folder_of("llava"))
    why = mmattr_app.explain(from_a_telephone, "What is it?", model=model, regions="grid:2x2", max_tokens=3)
    asked = why.answer.question
    assert asked.image.shape == (2309, 1732, 3)
    assert asked.original == (4000, 3000)
    assert why.segmentation.shape == (2309, 1732)
    assert np.isfinite(why.scores.values).all()
    assert SAYS in report(why, top=3).splitlines()
    assert SAYS in message(View("done", attribution=why))["cut_says"]
    for name in ("why.json", "why.npz"):
        exports.write(why, tmp_path / name)
    about = json.loads((tmp_path / "why.json").read_text())["meta"]
    assert (about["picture_size"], about["original_size"]) == ([2309, 1732], [4000, 3000])
    assert reading.read_npz(tmp_path / "why.npz", asked.image).answer.question.original == (4000, 3000)


def test_the_smaller_picture_shows_the_same_upright(from_a_telephone: Path) -> None:
    small = Image.fromarray(read_picture(from_a_telephone)).resize((60, 80), Image.Resampling.BOX)
    whole = photograph(12).transpose(Image.Transpose.ROTATE_270).resize((60, 80), Image.Resampling.BOX)
    np.testing.assert_allclose(np.asarray(small, int), np.asarray(whole, int), atol=4)


def test_the_page_says_it_beside_the_cost_and_asks_about_the_smaller_picture(
    from_a_telephone: Path, tmp_path: Path
) -> None:
    session, filled = Session(), replace(FILLED, image=str(from_a_telephone))
    shown = regions_view(toy_queue(ToyWorker(), tmp_path), filled, session)
    assert shown.says == f"24 regions; 26 masks to ask. {SAYS}"
    request = explain_job(filled, session)
    assert request.question.image.shape == (2309, 1732, 3)
    assert request.question.original == (4000, 3000)


@pytest.mark.usefixtures("one_megapixel")
def test_an_array_and_a_pil_picture_are_made_smaller_like_a_file(tmp_path: Path) -> None:
    whole = photograph(3)
    whole.save(tmp_path / "a.png")
    expected = read_picture(tmp_path / "a.png")
    assert expected.shape == (866, 1154, 3)
    for source in (whole, np.asarray(whole), np.asarray(whole) / 255):
        pixels, original = read_with_size(source)
        np.testing.assert_array_equal(pixels, expected)
        assert original == (whole.height, whole.width)
    assert whole.size == (2000, 1500), "the caller's picture stays as it is"


@pytest.mark.parametrize("megapixels", [1, 3.9])
def test_a_picture_up_to_the_working_size_is_untouched(tmp_path: Path, megapixels: float) -> None:
    whole = photograph(megapixels)
    whole.save(tmp_path / "a.png", compress_level=1)
    whole.save(tmp_path / "a.jpg", quality=85)
    decoded = np.asarray(Image.open(tmp_path / "a.jpg"))
    for source, expected in ((tmp_path / "a.png", np.asarray(whole)), (tmp_path / "a.jpg", decoded)):
        pixels, original = read_with_size(source)
        np.testing.assert_array_equal(pixels, expected)
        assert original is None
    assert Question((np.asarray(whole),), "?").size_says == ""


@pytest.mark.usefixtures("one_megapixel")
def test_a_large_jpeg_is_not_decoded_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photograph(5).save(tmp_path / "a.jpg", quality=85)
    decoded: list[tuple[int, int]] = []
    load = JpegImagePlugin.JpegImageFile.load
    monkeypatch.setattr(
        JpegImagePlugin.JpegImageFile, "load", lambda picture: decoded.append(picture.size) or load(picture)
    )
    pixels, original = read_with_size(tmp_path / "a.jpg")
    assert set(decoded) == {(1291, 968)}
    assert (pixels.shape, original) == ((865, 1154, 3), (1936, 2582))


@pytest.mark.usefixtures("one_megapixel")
@pytest.mark.parametrize(
    ("mode", "ending"), [("L", "png"), ("1", "png"), ("CMYK", "jpg"), ("I;16", "png"), ("F", "tiff")]
)
def test_large_pictures_of_every_kind_keep_their_brightness(tmp_path: Path, mode: str, ending: str) -> None:
    grey = np.tile(np.linspace(0, 255, 1500).astype(np.uint8), (1000, 1))
    values = {"I;16": grey.astype(np.uint16) * 257, "F": grey.astype(np.float32)}
    picture = Image.fromarray(values[mode]) if mode in values else Image.fromarray(grey).convert(mode)
    picture.save(tmp_path / f"a.{ending}")
    pixels = read_picture(tmp_path / f"a.{ending}")
    assert pixels.shape == (816, 1224, 3)
    expected = np.linspace(0, 255, 1224)
    np.testing.assert_allclose(pixels.mean(axis=0), np.stack([expected] * 3, axis=1), atol=20 if mode == "1" else 5)


@pytest.mark.usefixtures("one_megapixel")
def test_what_is_transparent_in_a_large_picture_lies_on_white(tmp_path: Path) -> None:
    colours = np.zeros((1000, 1500, 4), np.uint8)
    colours[:, :750] = (200, 30, 40, 255)
    picture = Image.fromarray(colours)
    picture.save(tmp_path / "a.png")
    picture.convert("RGB").save(tmp_path / "b.png", transparency=(0, 0, 0))
    for name in ("a.png", "b.png"):
        pixels = read_picture(tmp_path / name)
        assert pixels[400, 300].tolist() == [200, 30, 40], name
        assert pixels[400, 900].tolist() == [255, 255, 255], name
        assert pixels[:, :, 0].min() >= 198, "nowhere do the colours of what is transparent shine through"


@pytest.mark.parametrize("size", [(3000, 4000), (2001, 2000), (1, 50_000_000), (50_000_000, 1), (7, 6_000_000)])
def test_the_working_size_keeps_the_limit_and_the_form(size: tuple[int, int]) -> None:
    height, width = working_size(*size)
    assert 0.5 * 4e6 < height * width <= 4e6
    assert working_size(size[1], size[0]) == (width, height), "a picture may be turned before or after"
    assert working_size(height, width) == (height, width)
    if min(size) > 1000:
        assert math.isclose(height / width, size[0] / size[1], rel_tol=0.001)
