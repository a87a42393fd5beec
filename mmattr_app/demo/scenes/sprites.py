"""Sprites: one object as a picture with a transparent background, in any size and at any angle."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from mmattr_app.demo.scenes.kinds import KINDS, Stroke
from mmattr_app.demo.scenes.paints import RGB, palette

_FINER = 3  # drawn this many times larger and then reduced, since Pillow does not antialias
_SMALL = 64
_SOLID = [255 * (alpha > 20) for alpha in range(256)]
_SHEET, _MARGIN, _EDGE = 100.0, 8.0, 2.4


def sprite(kind: str, colour: str, tilt: float, extent: int) -> Image.Image:
    """Give the sprite in RGBA, cropped; its longer side has `extent` pixels before it is tilted."""
    grade = _grade(extent)
    turned = _turned(kind, colour, tilt, grade) if grade <= _SMALL else _turned.__wrapped__(kind, colour, tilt, grade)
    shrink = extent / grade
    return turned.resize(
        _scaled(turned.size, shrink),
        Image.Resampling.BOX if shrink < 0.6 else Image.Resampling.BICUBIC,
        reducing_gap=None,
    )


def _scaled(size: tuple[int, int], by: float) -> tuple[int, int]:
    return max(1, round(size[0] * by)), max(1, round(size[1] * by))


def _grade(extent: int) -> int:
    """Give the size of the cached master: one of a few sizes, at least as large as `extent`."""
    return next((grade for grade in (64, 128, 256, 512, 1024) if grade >= extent), extent)


@lru_cache(maxsize=5000)
def _turned(kind: str, colour: str, tilt: float, extent: int) -> Image.Image:
    """Give a tilted master; cached for small sprites, of which training draws hundreds of thousands."""
    turned = _master(kind, colour, extent).rotate(tilt, Image.Resampling.BICUBIC, expand=True)
    return turned.crop(turned.getchannel("A").point(_SOLID).getbbox())


@lru_cache(maxsize=480)
def _master(kind: str, colour: str, extent: int) -> Image.Image:
    """Draw the sprite untilted, shaded from above, and cropped."""
    paints, side = palette(colour), extent * _FINER
    sheet = Image.new("RGB", (side, side), paints["edge"])
    cover = Image.new("L", (side, side), 0)
    scale = side / (_SHEET + 2 * _MARGIN)
    on_sheet, on_cover = ImageDraw.Draw(sheet), ImageDraw.Draw(cover)
    for stroke in KINDS[kind]:
        _draw(on_cover, stroke, 255, scale, _EDGE)
        _draw(on_sheet, stroke, paints[stroke.paint], scale, 0)
    picture = _shaded(sheet)
    picture.putalpha(cover)
    picture = picture.crop(cover.getbbox())
    shrink = extent / max(picture.size)
    return picture.resize(_scaled(picture.size, shrink), Image.Resampling.LANCZOS)


def _draw(draw: ImageDraw.ImageDraw, stroke: Stroke, paint: RGB | int, scale: float, edge: float) -> None:
    """Fill the stroke and the rim of `edge` around it."""
    points = [((x + _MARGIN) * scale, (y + _MARGIN) * scale) for x, y in stroke.points]
    width = (stroke.width + 2 * edge) * scale
    if not stroke.width:
        draw.polygon(points, fill=paint)
        points = [*points, points[0]]
    if width:
        draw.line(points, fill=paint, width=round(width), joint="curve")
        for x, y in points:
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=paint)


def _shaded(sheet: Image.Image) -> Image.Image:
    light = np.linspace(1.07, 0.93, sheet.height, dtype=np.float32)[:, None, None]
    return Image.fromarray((np.asarray(sheet) * light).clip(0, 255).astype(np.uint8))
