"""A grid covers the picture with cells as even as pixels allow."""

import numpy as np
import pytest

from mmattr_app.errors import AppError
from mmattr_app.segmenters.grid import grid


@pytest.mark.parametrize(("how", "shape"), [("4x5", (48, 57)), ("1x1", (1, 1)), ("7x3", (100, 300)), ("3x3", (3, 3))])
def test_the_cells_cover_the_picture_evenly(how: str, shape: tuple[int, int]) -> None:
    cut = grid(np.zeros((*shape, 3), np.uint8), how)
    rows, columns = map(int, how.split("x"))
    assert cut.regions == rows * columns
    assert (np.diff(cut.atoms[:, 0]) >= 0).all()
    heights = [np.ptp(np.nonzero(cut.mask(cell))[0]) + 1 for cell in range(cut.regions)]
    widths = [np.ptp(np.nonzero(cut.mask(cell))[1]) + 1 for cell in range(cut.regions)]
    assert max(heights) - min(heights) <= 1
    assert max(widths) - min(widths) <= 1
    assert cut.areas.sum() == np.prod(shape)


@pytest.mark.parametrize("how", ["0x3", "3x0", "3", "", "axb", "3x4x5", "-1x2", "1.5x2", "٣x٣"])
def test_what_is_no_grid_is_refused(how: str) -> None:
    with pytest.raises(AppError, match="such as grid:8x8"):
        grid(np.zeros((48, 48, 3), np.uint8), how)


def test_more_cells_than_pixels_are_refused() -> None:
    with pytest.raises(AppError, match=r"4x5 grid is finer than the picture's pixels \(1 high, 1 wide\)"):
        grid(np.zeros((1, 1, 3), np.uint8), "4x5")
