"""What a mask hides has one code: equal for the same pixels whichever regions hide them, and for no others."""

import numpy as np
import pytest

from mmattr_app.domain import Keeps, Question
from mmattr_app.players.regions import BLOCK, Regions, pixel_codes
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters.grid import grid

SHAPE = (301, 333)  # more than one block, and no whole number of bytes


def random_masks(seed: int) -> Segmentation:
    """Make discs that overlap and leave pixels out, and stripes that fill each packed byte by half."""
    chance = np.random.default_rng(seed)
    rows, columns = np.indices(SHAPE)
    centres, radii = chance.uniform(0, 300, (8, 2)), chance.uniform(5, 90, 8)
    discs = [
        np.hypot(rows - row, columns - column) < radius for (row, column), radius in zip(centres, radii, strict=True)
    ]
    return Segmentation.from_masks("discs and stripes", np.array([*discs, columns % 8 < 4]))


def random_labels(seed: int) -> Segmentation:
    return Segmentation.from_labels("noise", np.random.default_rng(seed).integers(-1, 9, SHAPE))


def codes_of(cut: Segmentation, keeps: Keeps) -> list[bytes]:
    players = Regions(Question((np.zeros((*SHAPE, 3), np.uint8),), ""), cut, "white")
    return [key.removesuffix(b"white") for key in players.keys(keeps)]


@pytest.mark.parametrize("cut", [random_masks(0), random_labels(0), grid(np.zeros((*SHAPE, 3), np.uint8), "3x3")])
def test_a_code_is_the_xor_over_the_hidden_pixels(cut: Segmentation) -> None:
    codes = pixel_codes(0, SHAPE[0] * SHAPE[1])
    assert len(codes) > BLOCK
    keeps = np.random.default_rng(1).random((40, 9)) < 0.6
    for keep, code in zip(keeps, codes_of(cut, keeps), strict=True):
        hidden = cut.hidden(keep).ravel()
        assert code == np.bitwise_xor.reduce(codes[hidden], axis=0, initial=0).tobytes()


def test_other_pixels_have_other_codes() -> None:
    cuts = [random_masks(seed) for seed in range(3)] + [random_labels(seed) for seed in range(3)]
    keeps = np.random.default_rng(1).random((200, 9)) < 0.5
    pixels = [cut.hidden(keep).tobytes() for cut in cuts for keep in keeps]
    codes = [code for cut in cuts for code in codes_of(cut, keeps)]
    assert len(set(codes)) == len(set(pixels)) > 900
    assert len(set(zip(pixels, codes, strict=True))) == len(set(pixels))


def test_codes_of_pixels_are_the_published_numbers_of_splitmix64() -> None:
    assert [f"{half:016x}" for half in pixel_codes(0, 2).ravel()] == [
        "e220a8397b1dcdaf",
        "6e789e6aa1b965f4",
        "06c45d188009454f",
        "f88bb8a8724c81ec",
    ]
    np.testing.assert_array_equal(pixel_codes(5, 9), pixel_codes(0, 9)[5:])
