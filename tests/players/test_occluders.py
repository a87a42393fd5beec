"""What is shown in the place of hidden pixels is what was asked for."""

import numpy as np
import pytest

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.players.regions import occluder


@pytest.mark.parametrize(
    ("name", "colour"),
    [("white", (255, 255, 255)), ("black", (0, 0, 0)), ("#1A2b3c", (0x1A, 0x2B, 0x3C))],
)
def test_a_colour_is_that_colour_everywhere(picture: Pixels, name: str, colour: tuple[int, int, int]) -> None:
    fill = occluder(name)(picture)
    assert (fill == colour).all()
    assert (fill.dtype, fill.shape) == (np.uint8, picture.shape)


def test_the_mean_colour_is_the_pictures(picture: Pixels) -> None:
    np.testing.assert_allclose(occluder("mean")(picture)[0, 0], picture.mean(axis=(0, 1)), atol=0.5)


def test_blur_keeps_the_mean_and_loses_the_detail(picture: Pixels) -> None:
    blurred = occluder("blur")(picture)
    np.testing.assert_allclose(blurred.mean(), picture.mean(), atol=4)
    sharpest, sharpest_after = (np.abs(np.diff(pixels.astype(int), axis=1)).max() for pixels in (picture, blurred))
    assert sharpest_after < sharpest / 3


def test_noise_depends_on_its_seed_alone(picture: Pixels) -> None:
    same, other = occluder("noise:3")(picture), occluder("noise:4")(picture)
    np.testing.assert_array_equal(same, occluder("noise:3")(picture))
    np.testing.assert_array_equal(occluder("noise")(picture), occluder("noise:0")(picture))
    assert (same != other).mean() > 0.9


@pytest.mark.parametrize("name", ["pink", "#12345", "#1234567", "noise:-1", "noise:x", "", "WHITE"])
def test_an_unknown_occluder_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(
        AppError, match=r"use white, black, mean, blur, noise, noise:SEED or a colour such as #7f7f7f\."
    ):
        occluder(name)
