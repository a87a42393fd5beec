"""Exactly the region's pixels are hidden, with exactly the colour that was asked for."""

import pickle
from itertools import product

import numpy as np
import pytest

from mmattr_app.domain import Question
from mmattr_app.players.regions import Regions
from mmattr_app.segmentation import Segmentation

LABELS = np.array([[5, 5, 9], [-1, 9, 9]])
MASKS = np.array([[[1, 1, 0], [0, 0, 0]], [[0, 1, 1], [0, 1, 0]]], bool)


def test_a_label_map_hides_its_region_and_no_other_pixel() -> None:
    cut = Segmentation.from_labels("labels:x", LABELS)
    assert cut.regions == 2
    assert cut.hidden(np.array([False, True])).tolist() == (LABELS == 5).tolist()
    assert cut.hidden(np.array([True, False])).tolist() == (LABELS == 9).tolist()
    assert not cut.hidden(np.array([True, True])).any()


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
    assert (cut.regions, cut.atoms.dtype, cut.atoms.tolist()) == (len(order), np.int32, expected)


def test_a_pixel_is_hidden_when_any_hidden_region_holds_it() -> None:
    cut = Segmentation.from_masks("masks:x", MASKS)
    assert cut.hidden(np.array([True, False])).tolist() == MASKS[1].tolist()
    assert cut.hidden(np.array([False, False])).tolist() == (MASKS[0] | MASKS[1]).tolist()
    assert not cut.hidden(np.array([True, True])).any()


CUTS = [Segmentation.from_labels("l", LABELS), Segmentation.from_masks("m", MASKS)]
EVERY_CUT = pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut.made_by)


def regions(cut: Segmentation, occluder: str = "white") -> Regions:
    image = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    return Regions(Question((image,), "What?"), cut, occluder)


def test_masks_fall_into_atoms_that_the_same_regions_hold() -> None:
    cut = Segmentation.from_masks("m", MASKS)
    assert cut.atoms.tolist() == [[1, 0, 2], [-1, 2, -1]]
    assert cut.holds.tolist() == [[True, True, False], [True, False, True]]


def test_masks_that_do_not_overlap_are_the_label_map() -> None:
    labels = Segmentation.from_labels("l", LABELS)
    masks = Segmentation.from_masks("m", np.stack([labels.mask(0), labels.mask(1)]))
    np.testing.assert_array_equal(masks.atoms, labels.atoms)
    assert masks.fingerprint == labels.fingerprint


@EVERY_CUT
def test_the_same_regions_come_back_from_a_journey(cut: Segmentation) -> None:
    back = pickle.loads(pickle.dumps(cut))  # noqa: S301
    assert (back.made_by, back.says, back.fingerprint) == (cut.made_by, cut.says, cut.fingerprint)
    for region in range(cut.regions):
        np.testing.assert_array_equal(back.mask(region), cut.mask(region))


@EVERY_CUT
def test_uncovered_pixels_are_hidden_only_where_nothing_is_visible(cut: Segmentation) -> None:
    players = regions(cut)
    none = np.zeros(cut.regions, bool)
    np.testing.assert_array_equal(players.hide(none).image[1, 0], players.question.image[1, 0])
    assert (players.blank().image == 255).all()
    assert players.blank_key() not in players.keys(none[None])


@EVERY_CUT
def test_areas_and_masks_agree(cut: Segmentation) -> None:
    assert cut.areas.tolist() == [cut.mask(region).sum() for region in range(cut.regions)]
    np.testing.assert_allclose(regions(cut).weights(), cut.areas / 6)


@EVERY_CUT
def test_a_region_is_where_its_pixels_are_on_average(cut: Segmentation) -> None:
    side = np.sqrt(cut.areas.mean())
    expected = [np.argwhere(cut.mask(region)).mean(axis=0) / side for region in range(cut.regions)]
    np.testing.assert_allclose(regions(cut).places(), expected)


@EVERY_CUT
def test_the_change_of_a_region_is_how_far_its_pixels_are_from_what_hides_them(cut: Segmentation) -> None:
    players = regions(cut, "#fafafa")
    pixels = players.question.image.astype(int)
    expected = [abs(pixels[cut.mask(region)] - 250).mean() for region in range(cut.regions)]
    np.testing.assert_allclose(players.change(), expected)


@EVERY_CUT
@pytest.mark.parametrize("occluder", ["#010203", "noise", "blur", "mean"])
def test_exactly_the_hidden_pixels_show_the_occluder(cut: Segmentation, occluder: str) -> None:
    players = regions(cut, occluder)
    for keep in np.array(list(product([False, True], repeat=cut.regions))):
        asked = players.hide(keep)
        expected = np.where(cut.hidden(keep)[..., None], players.fill, players.question.image)
        np.testing.assert_array_equal(asked.image, expected)
        assert asked.prompt == "What?"


@EVERY_CUT
def test_players_with_the_same_number_become_one(cut: Segmentation) -> None:
    together = regions(cut).grouped(np.array([0, 0])).segmentation
    np.testing.assert_array_equal(together.mask(0), cut.mask(0) | cut.mask(1))
    assert together.regions == 1
    swapped = regions(cut).grouped(np.array([1, 0])).segmentation
    np.testing.assert_array_equal(swapped.mask(0), cut.mask(1))
    np.testing.assert_array_equal(swapped.mask(1), cut.mask(0))
