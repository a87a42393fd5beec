"""A grid: the picture cut into rows and columns that differ by at most one pixel."""

import re

import numpy as np

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.segmentation import Segmentation


def grid(image: Pixels, settings: str) -> Segmentation:
    """Cut `image` as "ROWSxCOLUMNS" says; regions are numbered row by row from the top left."""
    match = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,5})", settings)
    if not match or 0 in (rows_columns := (int(match[1]), int(match[2]))):
        raise AppError(f"A grid is given as grid:ROWSxCOLUMNS, such as grid:8x8, not grid:{settings}.")
    rows, columns = rows_columns
    height, width = image.shape[:2]
    if rows > height or columns > width:
        raise AppError(
            f"A {rows}x{columns} grid is finer than the picture's pixels ({height} high, {width} wide); "
            "choose a coarser grid or a larger picture."
        )
    row_of = (np.arange(height) * rows // height).astype(np.int32)
    column_of = (np.arange(width) * columns // width).astype(np.int32)
    cells = row_of[:, None] * columns + column_of[None, :]  # no cell is empty, so these are the regions' numbers
    return Segmentation(f"grid:{settings}", cells, np.eye(rows * columns, dtype=bool))
