"""Exactly the region's pixels are hidden, with exactly the colour that was asked for."""

from itertools import product

import numpy as np
import pytest

from mmattr_app.domain import Pixels, Segmentation
from mmattr_app.errors import AppError
from mmattr_app.masking import Occluded, contrasts, hidden_pixels, occlude, occluder

LABELS = np.array([[5, 5, 9], [-1, 9, 9]])
MASKS = np.array([[[1, 1, 0], [0, 0, 0]], [[0, 1, 1], [0, 1, 0]]], bool)


def test_a_label_map_hides_its_region_and_no_other_pixel() -> None:
    cut = Segmentation.from_labels("labels:x", LABELS)
    assert cut.regions == 2
    assert hidden_pixels(cut, np.array([False, True])).tolist() == (LABELS == 5).tolist()
    assert hidden_pixels(cut, np.array([True, False])).tolist() == (LABELS == 9).tolist()
    assert not hidden_pixels(cut, np.array([True, True])).any()


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("int64", [-(2**40), -1, 0, 1, 2**40]),
        ("int32", [-7, 0, 1, 2, 3]),
        ("int64", [-(2**40), 3, 5, 17, 40]),
        ("uint8", [0, 1, 2, 9, 255]),
        ("uint64", [0, 2, 2**63, 2**63 + 1, 7]),
        ("int16", [-5, -4, -3, -2, -1]),
    ],
)
def test_regions_are_numbered_without_gaps_in_the_order_of_their_labels(kind: str, numbers: list[int]) -> None:
    labels = np.random.default_rng(0).choice(np.array(numbers, kind), (20, 30))
    order = sorted(number for number in numbers if number >= 0)
    expected = [[order.index(number) if number >= 0 else -1 for number in row] for row in labels.tolist()]
    cut = Segmentation.from_labels("labels:x", labels)
    assert cut.labels is not None
    assert (cut.regions, cut.labels.dtype, cut.labels.tolist()) == (len(order), np.int32, expected)


def test_a_pixel_is_hidden_when_any_hidden_region_holds_it() -> None:
    cut = Segmentation.from_masks("masks:x", MASKS)
    assert hidden_pixels(cut, np.array([True, False])).tolist() == MASKS[1].tolist()
    assert hidden_pixels(cut, np.array([False, False])).tolist() == (MASKS[0] | MASKS[1]).tolist()
    assert not hidden_pixels(cut, np.array([True, True])).any()


@pytest.mark.parametrize("cut", [Segmentation.from_labels("l", LABELS), Segmentation.from_masks("m", MASKS)])
def test_uncovered_pixels_are_hidden_only_by_the_extra_column(cut: Segmentation) -> None:
    none = np.zeros(cut.regions, bool)
    assert not hidden_pixels(cut, none)[1, 0]
    assert not hidden_pixels(cut, np.append(none, True))[1, 0]
    assert hidden_pixels(cut, np.append(none, False)).all()
    only_rest = hidden_pixels(cut, np.append(~none, False))
    assert only_rest.tolist() == [[False, False, False], [True, False, cut.labels is None]]


@pytest.mark.parametrize("cut", [Segmentation.from_labels("l", LABELS), Segmentation.from_masks("m", MASKS)])
def test_areas_and_masks_agree(cut: Segmentation) -> None:
    assert cut.areas.tolist() == [cut.mask(region).sum() for region in range(cut.regions)]


@pytest.mark.parametrize(
    ("name", "colour"),
    [("white", (255, 255, 255)), ("black", (0, 0, 0)), ("#1A2b3c", (0x1A, 0x2B, 0x3C))],
)
def test_a_colour_paints_the_hidden_pixels_only(picture: Pixels, name: str, colour: tuple[int, int, int]) -> None:
    hidden = np.zeros(picture.shape[:2], bool)
    hidden[3:9, 4:20] = True
    seen = occlude(picture, hidden, occluder(name)(picture))
    assert (seen[hidden] == colour).all()
    np.testing.assert_array_equal(seen[~hidden], picture[~hidden])
    assert seen.dtype == np.uint8


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


@pytest.mark.parametrize("cut", [Segmentation.from_labels("l", LABELS), Segmentation.from_masks("m", MASKS)])
def test_the_contrast_of_a_region_is_how_far_its_pixels_are_from_what_hides_them(cut: Segmentation) -> None:
    image = np.full((2, 3, 3), 100, np.uint8)
    image[0, 0] = 10
    expected = [abs(image[cut.mask(region)].astype(int) - 250).mean() for region in range(cut.regions)]
    np.testing.assert_allclose(contrasts(image, cut, np.full_like(image, 250)), expected)


@pytest.mark.parametrize("cut", [Segmentation.from_labels("l", LABELS), Segmentation.from_masks("m", MASKS)])
def test_pictures_are_hidden_when_they_are_looked_at(cut: Segmentation) -> None:
    image, fill = np.full((2, 3, 3), 9, np.uint8), np.zeros((2, 3, 3), np.uint8)
    keeps = np.array(list(product([False, True], repeat=3)))
    pictures = Occluded(image, cut, keeps, fill)
    assert len(pictures) == 8
    for picture, keep in zip(pictures, keeps, strict=True):
        np.testing.assert_array_equal(picture, occlude(image, hidden_pixels(cut, keep), fill))
