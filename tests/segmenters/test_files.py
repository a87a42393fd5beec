"""A person's own label map or masks are taken as they are, or refused in one sentence."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmattr_app.errors import AppError
from mmattr_app.segmenters.files import labels, masks

IMAGE = np.zeros((4, 6, 3), np.uint8)


def saved(folder: Path, array: Any) -> str:
    np.save(folder / "a.npy", array)
    return str(folder / "a.npy")


def test_a_ragged_label_map_numbers_its_regions_in_order(tmp_path: Path) -> None:
    values = np.array([[7, 7, 3, 3, -1, -1]] * 4)
    cut = labels(IMAGE, saved(tmp_path, values))
    assert cut.regions == 2
    assert cut.labels is not None
    assert cut.labels[0].tolist() == [1, 1, 0, 0, -1, -1]


def test_masks_may_overlap_and_leave_pixels_out(tmp_path: Path) -> None:
    values = np.zeros((2, 4, 6), bool)
    values[0, :3] = values[1, 2:, :5] = True
    cut = masks(IMAGE, saved(tmp_path, values))
    assert cut.regions == 2
    for region in range(2):
        np.testing.assert_array_equal(cut.mask(region), values[region])


@pytest.mark.parametrize(
    ("read", "array", "words"),
    [
        (labels, np.zeros((3, 6), int), "3 high and 6 wide, the upright picture 4 high and 6 wide"),
        (labels, np.zeros((4, 6)), "label map is whole numbers"),
        (labels, np.full((4, 6), -1), "has no region"),
        (labels, np.array([[None]]), "no .npy file of numbers"),
        (masks, np.zeros((2, 4, 6), int), "stack of masks is booleans"),
        (masks, np.zeros((0, 4, 6), bool), "has no region"),
        (masks, np.zeros((2, 6, 4), bool), "must be the same size"),
    ],
)
def test_an_array_that_does_not_fit_is_refused(tmp_path: Path, read: Any, array: Any, words: str) -> None:
    with pytest.raises(AppError, match=words):
        read(IMAGE, saved(tmp_path, array))


def test_a_file_that_is_no_array_is_refused(tmp_path: Path) -> None:
    for name, content in (("text.npy", b"hello"), ("empty.npy", b""), ("cut.npy", b"\x93NUMPY\x01\x00v\x00{'descr'")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(AppError, match=r"is no \.npy file of numbers"):
            labels(IMAGE, str(tmp_path / name))
    np.savez(tmp_path / "several.npz", a=np.zeros(2), b=np.zeros(2))
    with pytest.raises(AppError, match="holds several arrays"):
        labels(IMAGE, str(tmp_path / "several.npz"))
    with pytest.raises(AppError, match="There is no file"):
        labels(IMAGE, "")
