"""Drawings in other styles than ours: scribbles, flat shapes, lines, mosaics, patterns, and scenes turned into them."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from mmattr_app.demo.scenes.backdrops import BACKDROPS, VARIANTS, backdrop
from mmattr_app.demo.scenes.kinds import KINDS
from mmattr_app.demo.scenes.paints import COLOURS
from mmattr_app.demo.scenes.sprites import sprite
from mmattr_app.demo.scenes.strange.fields import cloud, colour, picture, tinted


def _bright(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(v) for v in rng.integers(0, 256, 3))
    return red, green, blue


def scribble(rng: np.random.Generator, side: int) -> Image.Image:
    """Wobbly lines of a child's pencils on paper: people of sticks, houses, suns, and nothing in particular."""
    sheet = Image.new("RGB", (side, side), (int(rng.integers(225, 256)),) * 3)
    draw = ImageDraw.Draw(sheet)
    for _ in range(int(rng.integers(3, 22))):
        at, reach, ink = rng.uniform(0.1, 0.9, 2) * side, rng.uniform(0.05, 0.35) * side, _bright(rng)
        turns = np.linspace(0, rng.choice((1, 2, 6.3, 6.3, 25)), int(rng.integers(3, 40)))
        lengths = reach * rng.uniform(0.6, 1.2, len(turns))
        walk = np.cumsum(rng.normal(0, reach / 4, (len(turns), 2)), 0)
        ring = np.stack([lengths * np.cos(turns), lengths * np.sin(turns)], -1)
        points = at + (walk if rng.random() < 0.4 else ring)
        draw.line([tuple(p) for p in points], fill=ink, width=int(rng.integers(1, 4)), joint="curve")
    return sheet


def flat(rng: np.random.Generator, side: int) -> Image.Image:
    """Flat or see-through shapes without edges."""
    sheet = Image.new("RGB", (side, side), _bright(rng))
    draw = ImageDraw.Draw(sheet, "RGBA")
    for _ in range(int(rng.integers(2, 40))):
        ink = (*_bright(rng), int(rng.choice((255, 255, 120))))
        x, y, width, height = *(rng.uniform(-0.1, 1, 2) * side), *(rng.uniform(0.03, 0.6, 2) * side)
        kind = rng.integers(4)
        if kind == 0:
            draw.ellipse((x, y, x + width, y + height), fill=ink)
        elif kind == 1:
            draw.rectangle((x, y, x + width, y + height), fill=ink)
        elif kind == 2:
            draw.polygon([tuple(p) for p in (x, y) + rng.uniform(-0.5, 0.5, (3, 2)) * width], fill=ink)
        else:
            draw.line((x, y, x + width, y + height - width), fill=ink, width=int(rng.integers(1, 9)))
    return sheet


def mosaic(rng: np.random.Generator, side: int) -> Image.Image:
    """Pixel art and knitting: few colours on a coarse grid."""
    cells = int(rng.integers(6, 28))
    field = np.stack([cloud(rng, cells, rng.uniform(0, 1.6)) for _ in range(2)])
    palette = np.array([_bright(rng) for _ in range(int(rng.integers(2, 7)))])
    chosen = (np.digitize(field[0], (-1, -0.3, 0.3, 1)) + (field[1] > 1)) % len(palette)
    if rng.random() < 0.5:
        chosen = np.maximum(chosen, chosen[:, ::-1])
    return Image.fromarray(palette[chosen].astype(np.uint8)).resize((side, side), Image.Resampling.NEAREST)


def pattern(rng: np.random.Generator, side: int) -> Image.Image:
    """Stripes, checks, waves and marble."""
    y, x = np.mgrid[0 : 1 : side * 1j, 0 : 1 : side * 1j]
    turn, often = rng.uniform(0, np.pi), rng.uniform(1.5, 14)
    bent = cloud(rng, side, 2) * rng.choice((0, 0, 0.06, 0.2))
    along = np.sin(2 * np.pi * often * (x * np.cos(turn) + y * np.sin(turn) + bent))
    across = np.sin(2 * np.pi * often * (y * np.cos(turn) - x * np.sin(turn) + bent))
    field = (along, along * across, np.maximum(along, across), np.sin(3 * along + 2 * across))[int(rng.integers(4))]
    return picture(tinted(rng, np.sign(field) * 1.5 if rng.random() < 0.5 else field * 1.5))


def lines(rng: np.random.Generator, side: int) -> Image.Image:
    """Line art of a scene: its outlines only, in pencil, in ink or in chalk."""
    edges = _like_a_scene(rng, side).convert("L").filter(ImageFilter.FIND_EDGES)
    sketch = ImageOps.autocontrast(ImageOps.invert(edges) if rng.random() < 0.7 else edges)
    return ImageOps.colorize(sketch, _bright(rng) if rng.random() < 0.3 else "black", "white")


def other_style(rng: np.random.Generator, side: int) -> Image.Image:
    """Turn a scene into a negative, a poster of few colours, an oil painting, an embossed sheet, or mix it up."""
    drawn = _like_a_scene(rng, side)
    kind = rng.integers(5)
    if kind == 0:
        return ImageOps.invert(drawn)
    if kind == 1:
        return ImageOps.colorize(ImageOps.posterize(drawn.convert("L"), 2), _bright(rng), _bright(rng))
    if kind == 2:
        strong = drawn.filter(ImageFilter.ModeFilter(9)).filter(ImageFilter.MinFilter(7))
        clouds = picture(tinted(rng, cloud(rng, side, 1)))
        return Image.blend(strong, clouds.resize(strong.size), 0.45)
    if kind == 3:
        return drawn.convert("L").filter(ImageFilter.EMBOSS).convert("RGB")
    return Image.fromarray(_mixed(rng, np.asarray(ImageChops.invert(drawn))))


def _mixed(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    """Cut it into 16 squares and put them elsewhere."""
    cell = values.shape[0] // 4
    parts = values.reshape(4, cell, 4, cell, 3).swapaxes(1, 2).reshape(16, cell, cell, 3)[rng.permutation(16)]
    return parts.reshape(4, 4, cell, cell, 3).swapaxes(1, 2).reshape(values.shape)


def _like_a_scene(rng: np.random.Generator, side: int) -> Image.Image:
    side = side // 4 * 4
    sheet = backdrop(str(rng.choice(list(BACKDROPS))), int(rng.integers(VARIANTS)), side).copy()
    for _ in range(int(rng.integers(1, 6))):
        kind, paint = str(rng.choice(list(KINDS))), str(rng.choice(list(COLOURS)))
        cut = sprite(kind, paint, 5 * int(rng.integers(-4, 5)), int(side * rng.uniform(0.25, 0.45)))
        left, top = (int(v) for v in rng.uniform(0, 0.7, 2) * side)
        sheet.paste(cut, (left, top), cut)
    return sheet


def collage(rng: np.random.Generator, side: int) -> Image.Image:
    """Shapes with thick outlines and unusual colours, as in comics and signs."""
    sheet = Image.new("RGB", (side, side), tuple(int(v) for v in colour(rng)))
    draw = ImageDraw.Draw(sheet)
    for _ in range(int(rng.integers(1, 9))):
        turns = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 14))))
        reach, at = rng.uniform(0.06, 0.5) * side, rng.uniform(0, side, 2)
        points = [(at[0] + reach * np.cos(t), at[1] + reach * np.sin(t)) for t in turns]
        draw.polygon(points, fill=_bright(rng), outline=(0, 0, 0), width=int(rng.integers(1, 8)))
    return sheet


DRAWINGS = {
    "scribble": scribble,
    "flat": flat,
    "mosaic": mosaic,
    "pattern": pattern,
    "lines": lines,
    "other style": other_style,
    "collage": collage,
}
