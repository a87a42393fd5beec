"""Screens and documents: windows with text, charts, pages, noise, and nothing at all."""

import numpy as np
from PIL import Image, ImageDraw

from mmattr_app.demo.scenes.strange.fields import cloud, colour, picture, ramp, tinted


def _any(rng: np.random.Generator) -> tuple[int, int, int]:
    """Draw white, black, grey or any colour."""
    choices = (
        (255, 255, 255),
        (245, 246, 248),
        (30, 30, 36),
        (0, 0, 0),
        tuple(int(v) for v in rng.integers(0, 256, 3)),
    )
    red, green, blue = choices[int(rng.integers(len(choices)))]
    return red, green, blue


def _text(rng: np.random.Generator, draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float]) -> None:
    """Lines of dashes as long as words."""
    left, top, right, bottom = box
    step, ink = rng.uniform(3, 9), _any(rng)
    for y in np.arange(top, bottom, step):
        x, end = left, left + (right - left) * rng.uniform(0.3, 1)
        while x < end:
            word = rng.uniform(3, 16)
            draw.rectangle((x, y, min(end, x + word), y + max(1, step * 0.4)), fill=ink)
            x += word + rng.uniform(1, 4)


def windows(rng: np.random.Generator, side: int) -> Image.Image:
    """Lay windows with bars, text, buttons and pictures over one another."""
    sheet = Image.new("RGB", (side, side), _any(rng))
    draw = ImageDraw.Draw(sheet)
    for _ in range(int(rng.integers(1, 6))):
        left, top = rng.uniform(-0.1, 0.6, 2) * side
        right, bottom = (left, top) + rng.uniform(0.25, 1, 2) * side
        draw.rectangle((left, top, right, bottom), fill=_any(rng), outline=_any(rng))
        draw.rectangle((left, top, right, top + rng.uniform(4, 12)), fill=_any(rng))
        _text(rng, draw, (left + 4, top + 14, right - 4, bottom - 6))
        for _ in range(int(rng.integers(0, 4))):
            x, y = rng.uniform(left, right), rng.uniform(top, bottom)
            draw.rounded_rectangle((x, y, x + rng.uniform(6, 40), y + rng.uniform(4, 24)), 3, fill=_any(rng))
    return sheet


def page(rng: np.random.Generator, side: int) -> Image.Image:
    """Paper with lines, columns or squares, or nothing on it."""
    sheet = picture(np.full((side, side, 3), rng.uniform(215, 255)) + ramp(rng, side)[..., None] * rng.uniform(0, 12))
    draw, kind = ImageDraw.Draw(sheet), rng.random()
    if kind < 0.3:
        return sheet
    step = rng.uniform(5, 16)
    if kind < 0.6:
        for at in np.arange(0, side, step):
            draw.line((0, at, side, at), fill=(190, 200, 225))
            if kind < 0.45:
                draw.line((at, 0, at, side), fill=(190, 200, 225))
    for left in (0.06,) if kind < 0.8 else (0.05, 0.55):
        _text(rng, draw, (left * side, rng.uniform(0.03, 0.4) * side, (left + 0.4) * side, side * rng.uniform(0.5, 1)))
    return sheet


def chart(rng: np.random.Generator, side: int) -> Image.Image:
    """Bars, lines, dots or a map of values."""
    if rng.random() < 0.25:
        cells = int(rng.integers(2, 14))
        values = np.kron(rng.normal(size=(cells, cells)), np.ones((side // cells + 1,) * 2))[:side, :side]
        return picture(tinted(rng, values))
    sheet = Image.new("RGB", (side, side), _any(rng))
    draw, count, ink = ImageDraw.Draw(sheet), int(rng.integers(3, 14)), _any(rng)
    xs, ys = np.linspace(0.1, 0.9, count) * side, rng.uniform(0.1, 0.85, count) * side
    draw.line((0.08 * side, 0.05 * side, 0.08 * side, 0.9 * side, 0.95 * side, 0.9 * side), fill=ink)
    kind = rng.integers(3)
    if kind == 0:
        for x, y in zip(xs, ys, strict=True):
            draw.rectangle((x, y, x + 0.5 * side / count, 0.9 * side), fill=_any(rng))
    elif kind == 1:
        draw.line([(x, y) for x, y in zip(xs, ys, strict=True)], fill=_any(rng), width=int(rng.integers(1, 4)))
    else:
        for x, y in rng.uniform(0.1, 0.9, (count * 8, 2)) * side:
            draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=ink)
    _text(rng, draw, (0.1 * side, 0.93 * side, 0.9 * side, 0.97 * side))
    return sheet


def noise(rng: np.random.Generator, side: int) -> Image.Image:
    """White noise, coarse noise, one colour, or a run of colours."""
    kind = rng.random()
    if kind < 0.3:
        return picture(rng.normal(128, rng.uniform(20, 90), (side, side, int(rng.choice((1, 3))))) + np.zeros(3))
    if kind < 0.45:
        cells = int(rng.integers(3, 40))
        small = Image.fromarray(rng.integers(0, 256, (cells, cells, 3)).astype(np.uint8))
        return small.resize((side, side), Image.Resampling(int(rng.choice((0, 2)))))
    if kind < 0.75:
        return Image.new("RGB", (side, side), _any(rng) if rng.random() < 0.6 else tuple(int(v) for v in colour(rng)))
    return picture(tinted(rng, ramp(rng, side) + cloud(rng, side, 2) * rng.choice((0, 0.1))))


SCREENS = {"windows": windows, "page": page, "chart": chart, "noise": noise}
