"""Degrade a picture as cameras and apps do: crop, resize, compress, photograph it off a screen."""

import io

import numpy as np
from PIL import Image, ImageFilter

_NEAREST, _BILINEAR, _BICUBIC = Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC


def photographed(
    picture: Image.Image, owner: np.ndarray, rng: np.random.Generator, outside: int
) -> tuple[Image.Image, np.ndarray, float]:
    """Degrade a square picture at random; give also the new owner of each pixel, and by how much areas have grown.

    `owner` [height, width] is the number of each pixel's object; pixels beside a screen get `outside`.
    """
    draw, scale = rng.random(), 1.0
    if draw < 0.3:
        picture, owner, scale = _cropped(picture, owner, rng)
    elif draw < 0.65:
        picture, owner, scale = _off_a_screen(picture, owner, rng, outside)
    return degraded(picture, rng), owner, scale


def degraded(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Resize, blur, tint, grain or compress a picture at random, without moving anything in it."""
    size = picture.size
    if rng.random() < 0.4:
        side = (max(16, int(size[0] * rng.uniform(0.5, 0.9))), max(16, int(size[1] * rng.uniform(0.5, 0.9))))
        picture = picture.resize(side, _BILINEAR).resize(size, _BICUBIC)
    if rng.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(size[0] / 128 * float(rng.uniform(0.2, 0.9))))
    if rng.random() < 0.5:
        picture = _toned(picture, rng)
    if rng.random() < 0.6:
        picture = compressed(picture, int(rng.integers(40, 92)))
    return picture


def compressed(picture: Image.Image, quality: int) -> Image.Image:
    """Save a picture as a JPEG and read it again."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def _toned(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Change exposure and tint, and add light from one side, grain and the moire stripes of a screen."""
    width, height = picture.size
    light, tint = rng.uniform(-22, 22), rng.uniform(-9, 9, 3)
    values = np.asarray(picture, np.float32) * rng.uniform(0.82, 1.12) + light + tint
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    turn = rng.uniform(0, 2 * np.pi)
    values += (rng.uniform(0, 24) * (np.cos(turn) * x + np.sin(turn) * y))[..., None]
    if rng.random() < 0.5:
        wave = rng.uniform(8, 60) * (np.cos(turn) * x - np.sin(turn) * y) + rng.uniform(0, 6) * x * y
        values += (rng.uniform(1, 7) * np.sin(2 * np.pi * wave))[..., None]
    values += rng.normal(0, rng.uniform(0, 7), values.shape)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _cropped(
    picture: Image.Image, owner: np.ndarray, rng: np.random.Generator
) -> tuple[Image.Image, np.ndarray, float]:
    """Crop a window of at least half the area, and stretch it to the square again."""
    size = picture.width
    area = rng.uniform(0.5, 0.95)
    wide = rng.uniform(area, 1)
    width, height = round(size * wide), round(size * area / wide)
    left, top = (round(float(rng.random()) * (size - edge)) for edge in (width, height))
    box = (left, top, left + width, top + height)
    rows, columns = (start + np.arange(size) * edge // size for start, edge in ((top, height), (left, width)))
    return picture.crop(box).resize((size, size), _BICUBIC), owner[np.ix_(rows, columns)], size**2 / (width * height)


def _off_a_screen(
    picture: Image.Image, owner: np.ndarray, rng: np.random.Generator, outside: int
) -> tuple[Image.Image, np.ndarray, float]:
    """Show the picture on a tilted screen that fills most of the photograph, with its frame and the room around."""
    size = picture.width
    corners = np.array([(0, 0), (0, size), (size, size), (size, 0)], float)
    away = rng.uniform(-0.02, 0.12) * size + rng.uniform(-0.05, 0.05, (4, 2)) * size
    seen = corners + np.where(corners == 0, away, -away)
    coefficients = _perspective(seen, corners)
    room = Image.new("RGB", picture.size, tuple(int(v) for v in rng.integers(10, 235, 3)))
    frame = Image.new("RGB", picture.size, (int(rng.integers(5, 60)),) * 3)
    inside = Image.new("L", picture.size, 255)
    shown, covers = (
        layer.transform(picture.size, Image.Transform.PERSPECTIVE, coefficients, way)
        for layer, way in ((picture, _BICUBIC), (inside, _NEAREST))
    )
    rim = covers.filter(ImageFilter.MaxFilter(2 * max(1, round(size * rng.uniform(0.01, 0.03))) + 1))
    whole = Image.composite(shown, Image.composite(frame, room, rim), covers)
    positive = Image.fromarray((owner - outside).astype(np.uint8))  # `outside` is the lowest of all owners
    moved = positive.transform(picture.size, Image.Transform.PERSPECTIVE, coefficients, _NEAREST)
    owners = np.asarray(moved).astype(np.int8) + np.int8(outside)
    return whole, owners, float((np.asarray(covers) > 0).mean())


def _perspective(seen: np.ndarray, corners: np.ndarray) -> list[float]:
    """Solve for Pillow's eight coefficients of the perspective from the photograph to the screen."""
    rows, values = [], []
    for (x, y), (u, v) in zip(seen, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.linalg.solve(np.array(rows), np.array(values)).tolist()
