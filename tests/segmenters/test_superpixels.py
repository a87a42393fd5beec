"""Superpixels keep to the number asked for, follow the colours and leave no slivers."""

import numpy as np
import pytest

from mmattr_app.contracts import SegmentAtOnce
from mmattr_app.demo.scenes import scene
from mmattr_app.errors import AppError
from mmattr_app.label_maps import SLIVER
from mmattr_app.segmenters.superpixels import felzenszwalb, slic


@pytest.mark.parametrize("cut", [slic, felzenszwalb])
@pytest.mark.parametrize("most", [1, 2, 12, 300])
def test_there_are_at_most_as_many_regions_as_asked_and_no_slivers(cut: SegmentAtOnce, most: int) -> None:
    found = cut(scene(5, 256).image, str(most))
    assert most // 12 < found.regions <= most
    assert found.areas.min() >= 0.9 * SLIVER * 256 * 256


@pytest.mark.parametrize("cut", [slic, felzenszwalb])
def test_regions_are_numbered_in_reading_order(cut: SegmentAtOnce) -> None:
    labels = cut(scene(6, 200).image, "30").atoms
    assert labels is not None
    first = [int(np.flatnonzero(labels == region)[0]) for region in range(labels.max() + 1)]
    assert first == sorted(first)


def test_noise_is_not_lumped_into_one() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    assert slic(noise, "20").regions >= 15


def test_two_halves_are_found_exactly() -> None:
    image = np.zeros((60, 80, 3), np.uint8)
    image[:, 33:] = (240, 30, 20)
    labels = felzenszwalb(image, "2").atoms
    assert labels is not None
    np.testing.assert_array_equal(labels, np.tile(np.arange(80) >= 33, (60, 1)))


@pytest.mark.parametrize("settings", ["", "0", "many", "-3", "3.5", "48x2", "٣", "9" * 30])
def test_what_is_no_number_of_regions_is_refused(settings: str) -> None:
    with pytest.raises(AppError, match=r"such as slic:48"):
        slic(np.zeros((9, 9, 3), np.uint8), settings)


def test_more_regions_than_pixels_are_refused() -> None:
    with pytest.raises(AppError, match=r"48 regions are more than the picture's 6 pixels \(2 high, 3 wide\)"):
        felzenszwalb(np.zeros((2, 3, 3), np.uint8), "48")
