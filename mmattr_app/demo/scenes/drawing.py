"""Paint a layout at any size: the picture, and which object each pixel belongs to."""

import numpy as np
from PIL import Image, ImageDraw

from mmattr_app.demo.scenes.backdrops import backdrop
from mmattr_app.demo.scenes.layout import Layout, corner
from mmattr_app.demo.scenes.sprites import sprite

_TAG = (0.008, 0.008, 0.117, 0.117)  # within the corner cell of an 8 x 8 grid
_LABEL, _RIM = (236, 0, 140), (252, 252, 252)  # magenta, which nothing else is painted in


def paint(layout: Layout, size: int) -> tuple[Image.Image, np.ndarray, np.ndarray]:
    """Draw the picture, back to front.

    Give also owner int8 [height, width], the number of the placement seen at each pixel (-1: none), and area int
    [placements], the number of pixels of each if nothing lay over it.
    """
    picture = backdrop(layout.backdrop, layout.variant, size).copy()
    owner = np.full((size, size), -1, np.int8)
    area = np.zeros(len(layout.placements), int)
    for index, placement in enumerate(layout.placements):
        cut = sprite(placement.kind, placement.colour, placement.tilt, max(2, round(placement.size * size)))
        left, top = corner(placement, size, *cut.size)
        alpha = cut.getchannel("A")
        picture.paste(cut, (left, top), alpha)
        solid = np.asarray(alpha) > 127
        owner[top : top + cut.height, left : left + cut.width][solid] = index
        area[index] = solid.sum()
    return picture, owner, area


def paint_tag(picture: Image.Image, at: int) -> np.ndarray:
    """Paint a small magenta label into one of the four corners; give its mask [height, width]."""
    size, finer = picture.width, 8
    x0, y0, x1, y1 = (round(v * size) for v in _TAG)
    label = Image.new("RGB", ((x1 - x0) * finer, (y1 - y0) * finer), _LABEL)
    draw, wide, high = ImageDraw.Draw(label), label.width, label.height
    draw.rectangle((0, 0, wide - 1, high - 1), outline=_RIM, width=round(wide * 0.08))
    zigzag = [(wide * x, high * y) for x, y in ((0.22, 0.66), (0.36, 0.32), (0.5, 0.68), (0.64, 0.32), (0.78, 0.66))]
    draw.line(zigzag, fill=_RIM, width=round(wide * 0.1), joint="curve")
    left, top = (x0, size - x1)[at % 2], (y0, size - y1)[at // 2]
    picture.paste(label.resize((x1 - x0, y1 - y0), Image.Resampling.BOX), (left, top))
    mask = np.zeros((size, size), bool)
    mask[top : top + y1 - y0, left : left + x1 - x0] = True
    return mask
