"""What a person draws becomes regions, and the rest of the picture too; what cannot be read is said so."""

import json
from typing import Any

import numpy as np
import pytest

from mmattr_app.errors import AppError
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters.drawn import drawn

IMAGE = np.zeros((40, 80, 3), np.uint8)


def drawing(*shapes: Any) -> Segmentation:
    return drawn(IMAGE, json.dumps(shapes))


def test_a_rectangle_is_exact_and_the_rest_is_one_region() -> None:
    cut = drawing(["rectangle", 0.25, 0.5, 0.75, 0.75])
    inside = np.zeros((40, 80), bool)
    inside[20:30, 20:60] = True
    np.testing.assert_array_equal(cut.mask(0), inside)
    np.testing.assert_array_equal(cut.mask(1), ~inside)


def test_a_stroke_across_the_picture_leaves_a_region_on_either_side() -> None:
    cut = drawing(["brush", 0.1, [[0, 0.5], [1, 0.5]]])
    assert cut.regions == 3
    assert cut.mask(0)[20].all()
    assert 6 <= cut.mask(0)[:, 40].sum() <= 10
    assert cut.mask(1)[0].all()
    assert cut.mask(2)[-1].all()


def test_later_shapes_lie_over_earlier_ones_and_a_covered_one_is_told() -> None:
    cut = drawing(
        ["rectangle", 0.1, 0.1, 0.3, 0.3], ["rectangle", 0, 0, 0.5, 1], ["lasso", [[0, 0], [0.2, 0], [0, 0.4]]]
    )
    assert cut.regions == 3
    assert cut.areas.sum() == 40 * 80
    assert "shape 1." in cut.says
    assert cut.mask(1)[3, 3]


def test_a_dot_is_a_region_and_a_sliver_of_background_is_none() -> None:
    cut = drawing(["rectangle", 0.5, 0.5, 0.5, 0.5], ["rectangle", 0, 0, 1, 0.49])
    assert cut.areas.tolist()[0] == 1
    assert cut.regions == 3
    image = np.zeros((200, 200, 3), np.uint8)
    frame = drawn(image, '[["rectangle", 0, 0, 0.995, 1], ["rectangle", 0.99, 0.05, 1, 1]]')
    assert frame.regions == 2
    assert frame.areas.sum() == 200 * 200


def test_a_shape_that_reaches_beyond_the_picture_is_clipped() -> None:
    assert drawing(["rectangle", -0.5, -0.5, 0.5, 0.5]).areas.tolist() == [800, 2400]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("", "Nothing is drawn yet"),
        ("[]", "Nothing is drawn yet"),
        ('[["rectangle", 1.2, 0, 1.5, 1]]', "Shape 1 lies outside the picture"),
        ('[["lasso", [[0, 0], [1, 0], [1, 1]]], ["brush", 0.1, [[0.5, 1.8]]]]', "Shape 2 lies outside the picture"),
        ("[", "cannot be read"),
        ("{}", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ('[["circle", 0.5, 0.5, 0.1]]', "cannot be read"),
        ('[["rectangle", 0, 0, 1]]', "cannot be read"),
        ('[["rectangle", 0, 0, true, 1]]', "cannot be read"),
        ('[["rectangle", 0, 0, NaN, 1]]', "cannot be read"),
        ('[["rectangle", 0, 0, 1e300, 1]]', "cannot be read"),
        ('[["lasso", [[0, 0], [1, 1]]]]', "cannot be read"),
        ('[["lasso", [[0, 0], [1, 1], 3]]]', "cannot be read"),
        ('[["brush", [[0, 0], [1, 1]]]]', "cannot be read"),
        (" " * 200_001, "limit is 200000"),
    ],
)
def test_a_drawing_that_makes_no_sense_is_refused(settings: str, words: str) -> None:
    with pytest.raises(AppError, match=words):
        drawn(IMAGE, settings)
