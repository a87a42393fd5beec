"""A person's own label map or masks are taken as they are, or refused in one sentence."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.pictures import read_picture
from mmattr_app.segmenters.files import kind, labels, masks
from mmattr_app.settings import settings
from tests.pictures import png_that_claims

IMAGE = np.zeros((4, 6, 3), np.uint8)


def saved(folder: Path, array: Any) -> str:
    np.save(folder / "a.npy", array)
    return str(folder / "a.npy")


def test_a_ragged_label_map_numbers_its_regions_in_order(tmp_path: Path) -> None:
    values = np.array([[7, 7, 3, 3, -1, -1]] * 4)
    cut = labels(IMAGE, saved(tmp_path, values))
    assert cut.regions == 2
    assert cut.atoms[0].tolist() == [1, 1, 0, 0, -1, -1]


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


def test_a_png_is_a_label_map_in_grey_values_or_colours(tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    values = np.repeat(np.array([[9, 9, 9, 4, 4, 200]], np.uint8), 4, axis=0)
    for mode, regions in (("L", 3), ("RGB", 3), ("P", 3), ("1", 2)):
        Image.fromarray(values).convert(mode).save(path)
        cut = labels(IMAGE, str(path))
        assert cut.regions == regions, mode
        assert cut.areas.sum() == 24
    clear = np.zeros((4, 6, 4), np.uint8)
    clear[:2, :, 3] = 255
    Image.fromarray(clear).save(path)
    assert labels(IMAGE, str(path)).areas.tolist() == [12]
    for mode in ("L", "P"):
        Image.fromarray(values).convert(mode).save(path, transparency=9)
        assert labels(IMAGE, str(path)).areas.tolist() == [8, 4], mode
    Image.fromarray(np.full((4, 6), 40_000, np.uint16)).save(path)
    assert labels(IMAGE, str(path)).areas.tolist() == [24]


def test_a_png_of_another_size_or_no_png_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    Image.new("L", (4, 6)).save(path)
    with pytest.raises(AppError, match="must be the same size"):
        labels(IMAGE, str(path))
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(AppError, match="is no PNG"):
        labels(IMAGE, str(path))
    with pytest.raises(AppError, match="There is no file"):
        labels(IMAGE, str(tmp_path / "none.png"))


def test_a_zip_of_masks_is_a_stack(tmp_path: Path) -> None:
    path = tmp_path / "masks.npz"
    stack = np.eye(3, dtype=bool).repeat(8, axis=1).reshape(3, 4, 6)
    np.savez_compressed(path, one=stack[0], others=stack[1:])
    cut = masks(IMAGE, str(path))
    assert cut.regions == 3
    np.testing.assert_array_equal(cut.mask(2), stack[2])


def test_a_zip_that_holds_no_masks_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "masks.npz"
    np.savez_compressed(path, one=np.zeros((4, 6), bool), other=np.zeros((3, 3), bool))
    with pytest.raises(AppError, match=r"no \.npz file of masks of one size"):
        masks(IMAGE, str(path))
    np.savez_compressed(path, bomb=np.zeros((200_000, 4, 6), bool))
    with pytest.raises(AppError, match="more than 1024 masks"):
        masks(IMAGE, str(path))
    path.write_bytes(b"hello")
    with pytest.raises(AppError, match=r"no \.npz file"):
        masks(IMAGE, str(path))


ORIGINAL = (1000, 1600)  # a picture of this size is made smaller to 790 x 1264 when a million pixels are allowed


@pytest.fixture
def smaller(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pixels]:
    """Give a picture that was made smaller as it was read."""
    monkeypatch.setenv("MMATTR_WORK_MEGAPIXELS", "1")
    settings.cache_clear()
    yield read_picture(np.zeros((*ORIGINAL, 3), np.uint8))
    settings.cache_clear()


def drawn_for(shape: tuple[int, int]) -> Any:
    """Label a picture of any size: a quarter, a disc in the middle, and the rest."""
    rows, columns = np.indices(shape)
    height, width = shape
    labels = np.where((rows < height // 2) & (columns < width // 2), 7, -1)
    labels[np.hypot(rows / height - 0.5, columns / width - 0.5) < 0.2] = 3
    return labels


def test_maps_and_masks_of_the_original_size_are_brought_to_the_size_of_the_smaller_picture(
    tmp_path: Path, smaller: Pixels
) -> None:
    assert smaller.shape == (790, 1264, 3)
    given, expected = drawn_for(ORIGINAL), drawn_for(smaller.shape[:2])
    stack = np.array([given == 7, given == 3, given < 4])
    Image.fromarray(np.where(given < 0, 0, given).astype(np.uint8)).save(tmp_path / "map.png", transparency=0)
    np.savez_compressed(tmp_path / "stack.npz", one=stack[0], others=stack[1:])
    for cut in (labels(smaller, saved(tmp_path, given)), labels(smaller, str(tmp_path / "map.png"))):
        assert (cut.regions, cut.shape, cut.says) == (2, smaller.shape[:2], "")
        assert (cut.mask(0) != (expected == 3)).mean() < 0.002
        assert (cut.mask(1) != (expected == 7)).mean() < 0.002
    for cut in (masks(smaller, saved(tmp_path, stack)), masks(smaller, str(tmp_path / "stack.npz"))):
        assert (cut.regions, cut.shape) == (3, smaller.shape[:2])
        assert (cut.mask(2) != (expected < 4)).mean() < 0.002


def test_maps_and_masks_of_the_smaller_size_are_taken_as_they_are(tmp_path: Path, smaller: Pixels) -> None:
    given = drawn_for(smaller.shape[:2])
    np.testing.assert_array_equal(labels(smaller, saved(tmp_path, given)).mask(1), given == 7)
    np.testing.assert_array_equal(masks(smaller, saved(tmp_path, np.array([given == 3]))).mask(0), given == 3)


def test_a_region_too_small_for_the_smaller_picture_is_left_out_and_told(tmp_path: Path, smaller: Pixels) -> None:
    given = drawn_for(ORIGINAL)
    given[::100, ::53] = np.arange(10 * 31).reshape(10, 31) + 100  # single pixels; some are nobody's nearest
    cut = labels(smaller, saved(tmp_path, given))
    assert 2 < cut.regions < 312
    assert cut.says == f"{312 - cut.regions} of the 312 regions are too small for the smaller picture."


@pytest.mark.parametrize("shape", [(1600, 1000), (1000, 1500), (500, 800), (7000, 11_200)])
def test_other_sizes_than_the_original_are_refused(tmp_path: Path, smaller: Pixels, shape: tuple[int, int]) -> None:
    (tmp_path / "map.png").write_bytes(png_that_claims(shape[1], shape[0]))
    with pytest.raises(AppError, match="must be the same size"):
        labels(smaller, str(tmp_path / "map.png"))


@pytest.mark.parametrize("write", [np.save, np.savez, np.savez_compressed])
def test_damage_anywhere_in_a_file_is_told_in_a_sentence(tmp_path: Path, write: Any) -> None:
    path = tmp_path / ("masks.npy" if write is np.save else "masks.npz")
    write(path, np.eye(3, dtype=bool).repeat(8, axis=1).reshape(3, 4, 6))
    whole = path.read_bytes()
    for place in range(0, len(whole), 5):
        for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 0x15]) + whole[place + 1 :]):
            path.write_bytes(damaged)
            with suppress(AppError):  # some bytes do not matter
                masks(IMAGE, str(path))


@pytest.mark.parametrize(
    ("name", "content", "holds"),
    [
        ("map.npy", np.zeros((4, 6), int), "labels"),
        ("stack.npy", np.zeros((2, 4, 6), bool), "masks"),
        ("map.PNG", None, "labels"),
        ("stack.npz", None, "masks"),
        ("none.npy", None, "labels"),
        ("picture.jpg", None, None),
    ],
)
def test_a_file_tells_whether_it_is_a_map_or_a_stack(tmp_path: Path, name: str, content: Any, holds: Any) -> None:
    path = tmp_path / name
    if content is not None:
        np.save(path, content)
    assert kind(path) == holds
