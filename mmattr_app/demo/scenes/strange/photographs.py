"""What photographs look like from afar: textures, leaves over leaves, landscapes, close things before a blur."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from mmattr_app.demo.scenes.strange.fields import cloud, colour, grained, picture, ramp, tinted


def texture(rng: np.random.Generator, side: int) -> Image.Image:
    """Clouds of three independent colours, or one cloud through a palette."""
    power = rng.uniform(0.5, 2)
    if rng.random() < 0.6:
        return picture(grained(rng, tinted(rng, cloud(rng, side, power))))
    layers = np.stack([cloud(rng, side, power) for _ in range(3)], -1) @ (np.eye(3) + rng.uniform(0, 1.5, (3, 3)))
    return picture(grained(rng, layers * rng.uniform(12, 45) + colour(rng)))


def leaves(rng: np.random.Generator, side: int) -> Image.Image:
    """Shapes of all sizes over one another, each shaded and with a texture of its own."""
    values = tinted(rng, cloud(rng, side, 1.2))
    palette = [colour(rng) for _ in range(int(rng.integers(3, 9)))]
    for radius in np.sort(side * 0.45 * rng.power(0.55, int(rng.integers(15, 90))))[::-1] + 2:
        mask = np.asarray(_blob(rng, side, radius), np.float32)[..., None] / 255
        paint = palette[int(rng.integers(len(palette)))] + rng.normal(0, 12, 3) + ramp(rng, side)[..., None] * 30
        values = values * (1 - mask) + paint * mask
    values += (cloud(rng, side, rng.uniform(0.6, 1.4)) * rng.uniform(2, 16))[..., None]
    return _focused(rng, picture(grained(rng, values)))


def _blob(rng: np.random.Generator, side: int, radius: float) -> Image.Image:
    mask = Image.new("L", (side, side))
    turns = np.sort(rng.uniform(0, 2 * np.pi, int(rng.choice((3, 4, 5, 12, 24)))))
    reach = radius * rng.uniform(0.75, 1.15, len(turns)) * rng.uniform(0.4, 1)
    middle, long = rng.uniform(0, side, 2), np.exp(rng.uniform(-0.7, 0.7))
    points = [
        (middle[0] + r * long * np.cos(t), middle[1] + r / long * np.sin(t)) for r, t in zip(reach, turns, strict=True)
    ]
    ImageDraw.Draw(mask).polygon(points, fill=255)
    return mask.filter(ImageFilter.GaussianBlur(float(rng.choice((0.6, 1, 3)))))


def _focused(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Sharp at one place, blurred elsewhere, now and then."""
    if rng.random() < 0.6:
        return image
    blurred = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(2, 6))))
    return Image.composite(image, blurred, _blob(rng, image.width, image.width * 0.35))


def landscape(rng: np.random.Generator, side: int) -> Image.Image:
    """Sky, and ridges that come nearer, each with its own texture; or water, or a wall and a floor."""
    values = tinted(rng, cloud(rng, side, 1.8) * 0.5 + ramp(rng, side))
    rows = np.arange(side)[:, None]
    for height in np.sort(rng.uniform(0.15, 0.95, int(rng.integers(1, 5)))):
        rough = np.cumsum(rng.normal(0, 1, side)) * rng.choice((0, 0.3, 1)) * side / 128
        ground = tinted(rng, cloud(rng, side, rng.uniform(0.5, 1.3)) + ramp(rng, side) * 0.5)
        values = np.where((rows > height * side + rough)[..., None], ground, values)
    return picture(grained(rng, values))


def close_up(rng: np.random.Generator, side: int) -> Image.Image:
    """One large thing of rings and rays before a blurred ground: a blossom, an eye, a cup, a face, a lamp."""
    ground = tinted(rng, cloud(rng, side, rng.uniform(1.4, 2.2)))
    middle, reach = rng.uniform(-0.4, 0.4, 2), rng.uniform(0.3, 1.1)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    stretch = np.exp(rng.uniform(-0.4, 0.4))
    radius = np.hypot((x - middle[0]) * stretch, (y - middle[1]) / stretch) / reach
    turn = np.arctan2(y - middle[1], x - middle[0])
    rays = rng.uniform(0, 0.35) * np.sin(turn * int(rng.integers(2, 16)) + rng.uniform(0, 6))
    rings = np.sin(radius * rng.uniform(2, 18) + rays * 6) * rng.uniform(0, 1)
    thing = tinted(rng, rings + rays + 1.2 * radius - 1 + cloud(rng, side, 1) * rng.uniform(0, 0.6))
    soft = 1 / (1 + np.exp((radius + rays * 0.6 - 0.9) * rng.uniform(8, 60)))
    values = ground * (1 - soft[..., None]) + thing * soft[..., None]
    return picture(grained(rng, values))


def fur(rng: np.random.Generator, side: int) -> Image.Image:
    """Fine strokes that follow a flow, over large soft patches: fur, grass, hair, bark."""
    flow = cloud(rng, side, 2) * rng.uniform(0.3, 2)
    strokes, steps = rng.normal(0, 1, (side, side)), int(rng.integers(4, 12))
    y, x = np.mgrid[:side, :side]
    total = np.zeros((side, side))
    for step in range(steps):
        away = step * rng.uniform(0.7, 1)
        total += strokes[(y + away * np.sin(flow)).astype(int) % side, (x + away * np.cos(flow)).astype(int) % side]
    patches = tinted(rng, cloud(rng, side, rng.uniform(1.5, 2.2)) * 1.5)
    return _focused(rng, picture(grained(rng, patches + (total / steps**0.5 * rng.uniform(8, 30))[..., None])))


def lights(rng: np.random.Generator, side: int) -> Image.Image:
    """Soft discs on a dark ground: lamps at night, stars through a telescope, cells under a microscope."""
    values = tinted(rng, cloud(rng, side, 2)) * rng.uniform(0.1, 1)
    y, x = np.mgrid[:side, :side]
    for _ in range(int(rng.integers(2, 40))):
        radius, at = side * 0.3 * float(rng.power(0.4)) + 1, rng.uniform(0, side, 2)
        disc = 1 / (1 + np.exp((np.hypot(x - at[0], y - at[1]) - radius) * rng.uniform(0.2, 2)))
        values += disc[..., None] * (colour(rng) - 60) * rng.uniform(0.2, 0.9)
    return picture(grained(rng, values))


def built(rng: np.random.Generator, side: int) -> Image.Image:
    """Rows of windows, bricks, boards or tiles, lit unevenly and seen at an angle."""
    y, x = np.mgrid[0 : 1 : side * 1j, 0 : 1 : side * 1j]
    turn = rng.choice((0, rng.uniform(-0.6, 0.6)))
    down, along = y * np.cos(turn) + x * np.sin(turn), x * np.cos(turn) - y * np.sin(turn)
    rows, columns, gap = rng.uniform(2, 16), rng.uniform(2, 16), rng.uniform(0.05, 0.5)
    row = np.floor(down * rows)
    shifted = along * columns * (1 + rng.uniform(-0.4, 0.4) * down) + rng.choice((0, 0.5)) * (row % 2)
    open_ = ((down * rows) % 1 > gap) & (shifted % 1 > gap)
    tones = rng.normal(0, rng.uniform(0, 25), (64, 64))[row.astype(int) % 64, np.floor(shifted).astype(int) % 64]
    wall = tinted(rng, cloud(rng, side, 1.2) + ramp(rng, side))
    values = np.where(open_[..., None], colour(rng) + tones[..., None], wall) + ramp(rng, side)[..., None] * 25
    values += (cloud(rng, side, 1) * rng.uniform(2, 14))[..., None]
    return picture(grained(rng, values))


PHOTOGRAPHS = {
    "texture": texture,
    "leaves": leaves,
    "more leaves": leaves,
    "landscape": landscape,
    "close-up": close_up,
    "fur": fur,
    "lights": lights,
    "built": built,
}
