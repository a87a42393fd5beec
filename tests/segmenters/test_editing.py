"""Splitting and merging change the regions named and leave all others as they are."""

from collections.abc import Callable

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.errors import AppError
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters.editing import merge, split

IMAGE = np.zeros((40, 60, 3), np.uint8)


def grid() -> Segmentation:
    return pipeline.segment(IMAGE, "grid:2x3")


def stacked() -> Segmentation:
    masks = np.zeros((3, 40, 60), bool)
    masks[0, :20, :30] = masks[1, 10:30, 20:50] = masks[2, 35:] = True
    return Segmentation.from_masks("masks:mine", masks)


@pytest.mark.parametrize("make", [grid, stacked])
def test_a_split_region_is_its_parts_and_the_others_keep_their_numbers(make: Callable[[], Segmentation]) -> None:
    before = make()
    after = split(before, 1)
    parts = [1, *range(before.regions, after.regions)]
    assert len(parts) == 4
    assert np.sum([after.mask(part) for part in parts], axis=0).max() == 1
    np.testing.assert_array_equal(np.logical_or.reduce([after.mask(part) for part in parts]), before.mask(1))
    for region in {*range(before.regions)} - {1}:
        np.testing.assert_array_equal(after.mask(region), before.mask(region))
    assert np.ptp(after.areas[parts]) == 0
    assert after.made_by == f"{before.made_by}, split 2"


@pytest.mark.parametrize("make", [grid, stacked])
def test_merged_regions_are_one_with_the_lowest_number(make: Callable[[], Segmentation]) -> None:
    before = make()
    after = merge(before, [2, 0])
    assert after.regions == before.regions - 1
    np.testing.assert_array_equal(after.mask(0), before.mask(0) | before.mask(2))
    np.testing.assert_array_equal(after.mask(1), before.mask(1))
    assert after.made_by == f"{before.made_by}, merge 1+3"


def test_a_merge_undoes_a_split() -> None:
    before = grid()
    after = merge(split(before, 0), [0, 6, 7, 8])
    assert after.fingerprint == before.fingerprint


def test_pixels_that_no_region_holds_stay_so() -> None:
    labels = np.full((4, 4), -1)
    labels[:2] = [[0, 0, 1, 1]] * 2
    cut = Segmentation.from_labels("labels:mine", labels)
    assert merge(cut, [0, 1]).areas.tolist() == [8]
    assert split(cut, 0).areas.tolist() == [1, 4, 1, 1, 1]


def test_a_long_region_is_halved_across_and_a_ragged_one_loses_nothing() -> None:
    long = Segmentation.from_labels("labels:mine", np.zeros((2, 90), int))
    assert split(long, 0).areas.tolist() == [90, 90]
    odd = np.zeros((3, 3), int)
    odd[0, 0] = 1
    assert split(Segmentation.from_labels("labels:mine", odd), 0).areas.sum() == 9


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: split(grid(), 6), "There is no region 7; the regions are 1 to 6"),
        (lambda: split(grid(), -1), "There is no region 0"),
        (lambda: merge(grid(), [0, 9]), "There is no region 10"),
        (lambda: merge(grid(), [2, 2]), "at least two"),
        (lambda: split(Segmentation.from_labels("x", np.arange(4).reshape(2, 2)), 2), "Region 3 is a single pixel"),
    ],
)
def test_what_cannot_be_is_said(act: Callable[[], object], words: str) -> None:
    with pytest.raises(AppError, match=words):
        act()
