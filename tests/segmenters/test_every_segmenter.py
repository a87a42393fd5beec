"""Every segmenter covers the picture, whatever its size and kind, and cuts it the same way each time."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.pictures import read_picture
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters import SEGMENTERS
from mmattr_app.settings import settings
from tests.segmenters.cutting import cut
from tests.segmenters.tiny_sam2 import SETTINGS

PICTURES = [
    *((mode, *size) for mode in ("RGB", "L", "RGBA") for size in ((1, 1), (1, 9), (37, 53))),
    *(("RGB", *size) for size in ((300, 4000), (4000, 300))),  # once read, all are RGB, and these take seconds
]
DRAWING = '[["rectangle", 0, 0, 1, 0.5], ["brush", 0.1, [[0.2, 0.9], [0.8, 0.9]]], ["lasso", [[0, 0], [1, 0], [0, 1]]]]'


def pictured(mode: str, height: int, width: int) -> Pixels:
    rows, columns = np.mgrid[0:height, 0:width]
    colours = np.stack([rows * 255 // height, columns * 255 // width, (rows + columns) // 16 % 2 * 200], axis=-1)
    return read_picture(Image.fromarray(colours.astype(np.uint8)).convert(mode))


def request(name: str, image: Pixels, folder: Path, sam2: Path) -> str:
    """Say how to cut with the segmenter's own example, with files, shapes and tiny weights filled in."""
    example = SEGMENTERS[name].example
    height, width = image.shape[:2]
    numbers = np.arange(height * width).reshape(height, width) * 7 // (height * width)
    np.save(folder / "labels.npy", numbers)
    np.savez(folder / "masks.npz", *[numbers == region for region in np.unique(numbers)])
    names, labels = np.unique(numbers, return_inverse=True)
    np.savez(folder / "saved.npz", labels=labels.reshape(numbers.shape), holds=np.eye(len(names), dtype=bool))
    if name == "sam2":
        example = f"sam2:{sam2},{SETTINGS},points=2"
    filled = example.replace("SHAPES", DRAWING)
    return filled.replace("FILE", str(folder / {"labels": "labels.npy"}.get(name, f"{name}.npz")))


def pixels(segmentation: Segmentation) -> list[bytes]:
    return [segmentation.mask(region).tobytes() for region in range(segmentation.regions)]


@pytest.mark.parametrize("name", SEGMENTERS)
@pytest.mark.parametrize(("mode", "height", "width"), PICTURES)
def test_every_segmenter_covers_any_picture_or_says_why_not(
    name: str, height: int, width: int, mode: str, tmp_path: Path, sam2: Path
) -> None:
    image = pictured(mode, height, width)
    regions = request(name, image, tmp_path, sam2)
    try:
        first = cut(image, regions)
    except AppError as error:
        assert height * width < 64, "only a tiny picture may be refused"
        assert "pixels" in str(error)  # noqa: PT017
        return
    assert first.shape == (height, width)
    assert 1 <= first.regions <= settings().max_regions
    assert np.logical_or.reduce([first.mask(region) for region in range(first.regions)]).all()
    assert first.areas.min() > 0
    second = cut(image, regions)
    assert (first.made_by, first.says) == (second.made_by, second.says)
    assert pixels(first) == pixels(second)


@pytest.mark.parametrize("name", SEGMENTERS)
def test_a_picture_of_one_colour_is_cut_too(name: str, tmp_path: Path, sam2: Path) -> None:
    image = np.full((40, 60, 3), 127, np.uint8)
    blank = cut(image, request(name, image, tmp_path, sam2))
    assert np.logical_or.reduce([blank.mask(region) for region in range(blank.regions)]).all()


def test_a_name_that_is_no_segmenter_is_answered_with_examples() -> None:
    with pytest.raises(AppError, match=r"There is no segmentation 'circles:3'; use one of grid:8x8, .*slic:48"):
        cut(np.zeros((4, 4, 3), np.uint8), "circles:3")
