"""Five textured backdrops with many variants each; a variant looks the same at every size."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from mmattr_app.demo.scenes.paints import RGB

VARIANTS = 40
_FINER = 2


@lru_cache(maxsize=512)
def backdrop(name: str, variant: int, size: int) -> Image.Image:
    rng = np.random.default_rng([variant, *name.encode()])
    side = size * _FINER
    picture = BACKDROPS[name](rng, side).resize((size, size), Image.Resampling.BOX)
    return _textured(picture, rng)


def _textured(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Add uneven brightness as of paper: noise on fixed grids, so that it does not depend on the size."""
    size = picture.size
    cloudy = np.zeros(size[::-1], np.float32)
    for cells, strength in ((8, 4.0), (24, 3.0), (64, 3.0)):
        noise = Image.fromarray(rng.normal(0, strength, (cells, cells)).astype(np.float32))
        cloudy += np.asarray(noise.resize(size, Image.Resampling.BICUBIC))
    return Image.fromarray((np.asarray(picture, np.float32) + cloudy[..., None]).clip(0, 255).astype(np.uint8))


class _Sheet:
    """A picture to draw on; coordinates are fractions of its side."""

    def __init__(self, rng: np.random.Generator, side: int, top: RGB, bottom: RGB) -> None:
        share = np.linspace(0, 1, side, dtype=np.float32)[:, None, None]
        column = np.asarray(top, np.float32) * (1 - share) + np.asarray(bottom, np.float32) * share
        self.picture = Image.fromarray(np.broadcast_to(column, (side, side, 3)).round().astype(np.uint8))
        self.rng, self.side, self.draw = rng, side, ImageDraw.Draw(self.picture)

    def box(self, x0: float, y0: float, x1: float, y1: float, *, colour: RGB) -> None:
        self.draw.rectangle([v * self.side for v in (x0, y0, x1, y1)], fill=colour)

    def ridge(self, height: float, swing: float, colour: RGB) -> None:
        """Draw a wavy horizon and everything under it."""
        x = np.linspace(0, 1, 49)
        first, second = (swing / k * np.sin(2 * np.pi * (k * x * 0.8 + self.rng.random())) for k in (1, 2))
        points = [(a * self.side, b * self.side) for a, b in zip(x, height + first + second, strict=True)]
        self.draw.polygon([*points, (self.side, self.side), (0, self.side)], fill=colour)

    def dashes(self, where: tuple[float, float], count: int, dash: tuple[float, float], colour: RGB) -> None:
        """Draw short strokes (grass, ripples, pebbles) between two heights."""
        width = max(1, round(self.side * 0.006))
        xs, ys, grows = (self.rng.uniform(low, high, count) for low, high in ((0, 1), where, (0.6, 1.4)))
        for x, y, grow in zip(xs, ys, grows, strict=True):
            line = (x, y, x + dash[0] * grow, y + dash[1] * grow)
            self.draw.line([v * self.side for v in line], fill=colour, width=width)

    def stars(self, count: int, lowest: float) -> None:
        xs, ys, radii = (self.rng.uniform(low, high, count) for low, high in ((0, 1), (0, lowest), (0.002, 0.005)))
        for x, y, r in zip(xs, ys, radii, strict=True):
            self.draw.ellipse([self.side * v for v in (x - r, y - r, x + r, y + r)], fill=(232, 232, 208))

    def clouds(self, heights: tuple[float, float]) -> None:
        veil = Image.new("L", self.picture.size, 0)
        draw = ImageDraw.Draw(veil)
        for x, y in zip(self.rng.random(3), self.rng.uniform(*heights, 3), strict=True):
            for k in range(5):
                middle, r = x + (k - 2) * 0.05, 0.06 - 0.013 * abs(k - 2)
                puff = (middle - 1.5 * r, y - r * 0.8, middle + 1.5 * r, y + r * 0.6)
                draw.ellipse([self.side * v for v in puff], fill=120)
        self.picture.paste((255, 255, 255), mask=veil.filter(ImageFilter.GaussianBlur(self.side * 0.008)))


def _near(rng: np.random.Generator, colour: RGB, by: int = 8) -> RGB:
    red, green, blue = (int(part + rng.integers(-by, by + 1)) for part in colour)
    return red, green, blue


def _darker(colour: RGB, by: int) -> RGB:
    return colour[0] - by, colour[1] - by, colour[2] - by


def _plain(rng: np.random.Generator, side: int) -> Image.Image:
    tones: tuple[RGB, ...] = ((240, 232, 214), (218, 230, 236), (236, 220, 222), (222, 234, 218), (226, 222, 238))
    colour = _near(rng, tones[int(rng.integers(len(tones)))], 6)
    return _Sheet(rng, side, colour, _near(rng, colour, 6)).picture


def _meadow(rng: np.random.Generator, side: int) -> Image.Image:
    sheet = _Sheet(rng, side, _near(rng, (146, 204, 240)), _near(rng, (216, 238, 248)))
    sheet.clouds((0.06, 0.3))
    horizon = rng.uniform(0.4, 0.55)
    sheet.ridge(horizon - 0.06, 0.03, _near(rng, (150, 196, 160)))
    sheet.ridge(horizon, 0.03, _near(rng, (150, 205, 112)))
    sheet.ridge(horizon + 0.2, 0.03, _near(rng, (134, 194, 96)))
    sheet.dashes((horizon + 0.1, 1), 90, (0.004, -0.02), (108, 172, 84))
    return sheet.picture


def _beach(rng: np.random.Generator, side: int) -> Image.Image:
    sheet = _Sheet(rng, side, _near(rng, (128, 206, 240)), _near(rng, (226, 244, 246)))
    sheet.clouds((0.05, 0.2))
    horizon = rng.uniform(0.32, 0.42)
    shore = horizon + rng.uniform(0.2, 0.28)
    sheet.box(0, horizon, 1, 1, colour=_near(rng, (62, 168, 198)))
    sheet.dashes((horizon + 0.02, shore - 0.03), 26, (0.05, 0), (150, 214, 228))
    sheet.ridge(shore - 0.02, 0.02, (240, 250, 250))
    sheet.ridge(shore + 0.01, 0.02, _near(rng, (242, 220, 166)))
    sheet.dashes((shore + 0.06, 1), 70, (0.006, 0.002), (216, 188, 132))
    return sheet.picture


def _night(rng: np.random.Generator, side: int) -> Image.Image:
    sheet = _Sheet(rng, side, _near(rng, (22, 26, 66), 6), _near(rng, (84, 84, 140)))
    horizon = rng.uniform(0.66, 0.76)
    sheet.stars(60, horizon)
    sheet.ridge(horizon, 0.04, _near(rng, (58, 66, 106), 6))
    sheet.ridge(horizon + 0.12, 0.03, _near(rng, (44, 56, 86), 6))
    return sheet.picture


def _room(rng: np.random.Generator, side: int) -> Image.Image:
    walls: tuple[RGB, ...] = ((238, 222, 196), (208, 222, 214), (230, 208, 204), (206, 214, 230))
    wall = _near(rng, walls[int(rng.integers(len(walls)))], 6)
    sheet = _Sheet(rng, side, wall, wall)
    floor, stripe = rng.uniform(0.6, 0.7), 1 / int(rng.integers(9, 13))
    for k in range(14):
        sheet.box(k * stripe, 0, (k + 0.5) * stripe, 1, colour=_darker(wall, 10))
    boards = _near(rng, (196, 156, 114))
    sheet.box(0, floor, 1, 1, colour=boards)
    sheet.box(0, floor - 0.035, 1, floor, colour=(250, 246, 238))
    for x in np.linspace(-1, 2, 16):
        board = (x, 1, 0.5 + (x - 0.5) * 0.6, floor)
        sheet.draw.line([v * side for v in board], fill=_darker(boards, 26), width=max(1, side // 160))
    return sheet.picture


BACKDROPS: dict[str, Callable[[np.random.Generator, int], Image.Image]] = {
    "plain": _plain,
    "meadow": _meadow,
    "beach": _beach,
    "night": _night,
    "room": _room,
}
