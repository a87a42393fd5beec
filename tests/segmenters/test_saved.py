"""The regions of a result that was saved come back as they were, or a sentence says why not."""

from pathlib import Path

import numpy as np
import pytest

from mmattr_app.errors import AppError
from mmattr_app.results import files
from mmattr_app.segmentation import Segmentation, for_picture
from mmattr_app.segmenters.saved import saved
from tests.explorer.moments import HEIGHT, WIDTH, overlapping, picture


@pytest.fixture
def file(tmp_path: Path) -> Path:
    why = overlapping().attribution
    assert why
    files.write(why, tmp_path / "a, b.npz")
    return tmp_path / "a, b.npz"


def test_regions_that_overlap_and_leave_pixels_uncovered_come_back(file: Path) -> None:
    why = overlapping().attribution
    assert why
    cut = saved(picture(), str(file))
    assert cut.made_by == f"saved:{file}"
    assert cut.fingerprint == why.segmentation.fingerprint


def test_each_of_several_pictures_has_its_own(tmp_path: Path) -> None:
    halves = [Segmentation.from_labels("mine", np.mgrid[0:HEIGHT, 0:WIDTH][axis] // 64) for axis in (0, 1)]
    one, two = halves
    np.savez(tmp_path / "two.npz", labels=one.atoms, holds=one.holds, labels_1=two.atoms, holds_1=two.holds)
    for number, half in enumerate(halves):
        way = for_picture(f"saved:{tmp_path}/two.npz", number)
        assert saved(picture(), way.removeprefix("saved:")).fingerprint == half.fingerprint
    assert for_picture("grid:2x2", 1) == "grid:2x2"


def test_what_cannot_be_read_is_one_sentence(file: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.npz").write_bytes(file.read_bytes()[:100])
    np.savez(tmp_path / "flat.npz", labels=np.zeros(3, int), holds=np.ones((1, 1), bool))
    for name, says in (
        ("absent.npz", "There is no file"),
        ("", "There is no file named"),
        ("broken.npz", "is no result as NPZ; export one"),
        ("flat.npz", "is no result as NPZ; export one"),
        ("a, b.npz,2", "has no regions of picture 2"),
        ("a, b.npz,before", "has no regions before a method joined them"),
    ):
        with pytest.raises(AppError, match=says):
            saved(picture(), f"{tmp_path}/{name}" if name else "")
    with pytest.raises(AppError, match="is about a picture 128 wide and 96 high; give that one"):
        saved(picture()[:50], str(file))
