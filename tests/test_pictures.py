"""Whatever a person uploads becomes the right pixels or one sentence."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mmattr_app.errors import AppError
from mmattr_app.pictures import FORMATS, read_picture
from tests.pictures import png_that_claims

RED, GREEN = (200, 30, 40), (10, 150, 60)


def two_halves(width: int = 8, height: int = 6) -> Image.Image:
    """Paint the left half red and the right half green."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(GREEN, (width // 2, 0, width, height))
    return picture


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.png", {}), ("a.webp", {"lossless": True}), ("a.tiff", {}), ("a.bmp", {}), ("a.avif", {"quality": 100})],
)
def test_common_formats_keep_their_colours(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    two_halves(64, 64).save(tmp_path / name, **options)
    pixels = read_picture(tmp_path / name)
    assert pixels.shape == (64, 64, 3)
    np.testing.assert_allclose(pixels[32, 10], RED, atol=4)
    np.testing.assert_allclose(pixels[32, 50], GREEN, atol=4)


def test_a_telephones_heic_works(tmp_path: Path) -> None:
    two_halves(64, 64).save(tmp_path / "a.heic", quality=95)
    np.testing.assert_allclose(read_picture(tmp_path / "a.heic")[32, 10], RED, atol=12)


def test_a_turned_photograph_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn by 90 degrees to see it as it was
    two_halves(80, 40).save(tmp_path / "a.jpg", exif=exif, quality=95)
    pixels = read_picture(tmp_path / "a.jpg")
    assert pixels.shape == (80, 40, 3)
    np.testing.assert_allclose(pixels[10, 20], RED, atol=12)


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    two_halves(64, 64).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    np.testing.assert_allclose(read_picture(tmp_path / "a.jpg")[32, 10], RED, atol=12)


@pytest.mark.parametrize("brightest", [65535, 200])
def test_sixteen_bits_are_scaled_not_cut(tmp_path: Path, brightest: int) -> None:
    ramp = np.linspace(0, brightest, 256).astype(np.uint16)[None].repeat(4, axis=0)
    Image.fromarray(ramp).save(tmp_path / "a.png")
    np.testing.assert_allclose(read_picture(tmp_path / "a.png")[0, :, 0], ramp[0] / 257, atol=1)


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (4, 4), (*RED, 0))
    clear.putpixel((0, 0), (*RED, 255))
    palette = clear.convert("P")
    clear.save(tmp_path / "rgba.png")
    palette.save(tmp_path / "palette.png", transparency=palette.getpixel((1, 1)))
    for name in ("rgba.png", "palette.png"):
        pixels = read_picture(tmp_path / name)
        assert tuple(pixels[1, 1]) == (255, 255, 255), name
        np.testing.assert_allclose(pixels[0, 0], RED, atol=30)


@pytest.mark.parametrize("name", ["a.gif", "a.webp"])
def test_an_animation_gives_its_first_frame(tmp_path: Path, name: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREEN)]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], lossless=True)
    np.testing.assert_allclose(read_picture(tmp_path / name)[0, 0], RED, atol=4)


def test_one_pixel_is_a_picture(tmp_path: Path) -> None:
    Image.new("L", (1, 1), 7).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").tolist() == [[[7, 7, 7]]]


def test_arrays_and_pil_pictures_work_as_they_are() -> None:
    pixels = np.asarray(two_halves())
    for source in (pixels, two_halves(), pixels / 255.0, pixels.astype(np.float32) / 255):
        np.testing.assert_array_equal(read_picture(source), pixels)
    np.testing.assert_array_equal(read_picture(pixels[:, :, :1]), np.repeat(pixels[:, :, :1], 3, axis=2))


@pytest.mark.parametrize("array", [np.zeros((2, 2), np.int64), np.zeros((2, 2, 2), np.uint8), np.full((2, 2), 3.0)])
def test_an_array_that_is_no_picture_is_refused(array: Any) -> None:
    with pytest.raises(AppError, match="is no picture"):
        read_picture(array)


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    for width, height in ((50_000, 50_000), (10_000, 10_000), (9_000, 9_000)):
        (tmp_path / "bomb.png").write_bytes(png_that_claims(width, height))
        with pytest.raises(AppError, match="more than 50 million pixels; make it smaller"):
            read_picture(tmp_path / "bomb.png")


def test_files_that_are_no_pictures_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("this is no picture")
    (tmp_path / "page.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    (tmp_path / "large.png").write_bytes(bytes(21_000_000))
    for name, words in (
        ("empty.png", "is empty"),
        ("text.png", "not a picture"),
        ("page.eps", "not a picture"),
        ("large.png", "the limit is 20 MB"),
        ("absent.png", "There is no file"),
    ):
        with pytest.raises(AppError, match=words):
            read_picture(tmp_path / name)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_bytes_never_escape_as_another_error(tmp_path: Path, kind: str) -> None:
    chance = random.Random(0)
    path = tmp_path / "damaged"
    two_halves(50, 40).save(path, kind)
    whole = path.read_bytes()
    refused = 0
    for round_ in range(100):
        damaged = bytearray(whole)
        if round_ % 2:
            del damaged[chance.randrange(1, len(whole)) :]
        else:
            for _ in range(chance.randrange(1, 8)):
                damaged[chance.randrange(len(whole))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            assert read_picture(path).dtype == np.uint8
        except AppError:
            refused += 1
    assert refused > 10
