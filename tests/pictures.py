"""Pictures that tests show to models."""

import numpy as np

from mmattr_app.domain import Pixels


def corners() -> Pixels:
    """Give a small picture with something else in every corner."""
    rows, columns = np.mgrid[0:48, 0:56]
    picture = np.stack([rows * 5, columns * 4, (rows // 8 + columns // 8) % 2 * 200], axis=-1).astype(np.uint8)
    picture[6:20, 30:50] = (220, 30, 40)
    picture[28:44, 8:24] = (20, 160, 60)
    return picture
