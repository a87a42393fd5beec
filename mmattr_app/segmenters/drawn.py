"""Regions drawn by hand: rectangles, lassos and brush strokes, in fractions of the picture; the rest is background."""

import json
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.label_maps import merged, sliver, with_rest
from mmattr_app.segmentation import Mask, Segmentation

LONGEST = 200_000  # characters of a drawing: some 15,000 points
FORM = (
    'Shapes are a JSON list such as [["rectangle", 0.1, 0.1, 0.5, 0.4], '
    '["lasso", [[0.1, 0.1], [0.5, 0.1], [0.3, 0.6]]], ["brush", 0.03, [[0.2, 0.8], [0.7, 0.9]]]], '
    "in fractions of the picture."
)


def drawn(image: Pixels, settings: str) -> Segmentation:
    """Make a region of each shape, later ones on top, and of each connected piece of the rest."""
    height, width = image.shape[:2]
    labels = np.full((height, width), -1, np.int32)
    shapes = _shapes(settings)
    for number, shape in enumerate(shapes):
        inside = _rasterise(shape, height, width)
        if not inside.any():
            raise AppError(f"Shape {number + 1} lies outside the picture; draw it on the picture.")
        labels[inside] = number
    covered = sorted(set(range(len(shapes))) - set(np.unique(labels).tolist()))
    labels = np.unique(labels, return_inverse=True)[1].reshape(labels.shape) - int((labels < 0).any())
    visible = len(shapes) - len(covered)
    whole = with_rest(labels.astype(np.int32))
    tidy = merged(whole, image, most=whole.size, smallest=sliver(image.shape), fixed=visible)
    return Segmentation.from_labels(f"drawn:{settings}", tidy, says=_says(covered))


def _says(covered: list[int]) -> str:
    if not covered:
        return ""
    return f"Wholly covered by what was drawn later, and so no region: shape {', '.join(str(n + 1) for n in covered)}."


def _shapes(settings: str) -> list[Any]:
    if len(settings) > LONGEST:
        raise AppError(f"The drawing has {len(settings)} characters and the limit is {LONGEST}; draw fewer points.")
    try:
        shapes: Any = json.loads(settings or "[]")
    except (ValueError, RecursionError):
        raise AppError(f"The drawing cannot be read. {FORM}") from None
    if not isinstance(shapes, list):
        raise AppError(f"The drawing cannot be read. {FORM}")
    if not shapes:
        raise AppError("Nothing is drawn yet; draw a rectangle, a lasso or a brush stroke on the picture.")
    return shapes


def _rasterise(shape: Any, height: int, width: int) -> Mask:
    """Give the mask of one shape."""
    canvas = Image.new("1", (width, height))
    pen = ImageDraw.Draw(canvas)
    match shape:
        case ["rectangle", *corners] if _numbers(corners, 4):
            (left, right), (top, bottom) = sorted(corners[0::2]), sorted(corners[1::2])
            mask = np.zeros((height, width), bool)
            rows, columns = _span(top, bottom, height), _span(left, right, width)
            mask[rows, columns] = True
            return mask
        case ["lasso", [_, _, _, *_] as points] if all(_numbers(point, 2) for point in points):
            pen.polygon([(x * width, y * height) for x, y in points], fill=1)
        case ["brush", thickness, [_, *_] as points] if _numbers([thickness], 1) and all(
            _numbers(point, 2) for point in points
        ):
            _brush(pen, [(x * width, y * height) for x, y in points], thickness * max(height, width))
        case _:
            raise AppError(f"A shape of the drawing cannot be read: {json.dumps(shape)[:60]}. {FORM}")
    return np.asarray(canvas, bool)


def _span(start: float, end: float, size: int) -> slice:
    """Give the pixels between two fractions of a side; at least one pixel, if it lies inside the picture."""
    first, last = round(start * size), round(end * size)
    if first == last and 0 <= first < size:
        last += 1
    return slice(min(max(first, 0), size), min(max(last, 0), size))


def _brush(pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], thickness: float) -> None:
    width = max(1, round(thickness))
    pen.line(points, fill=1, width=width)
    for x, y in points:  # round ends and joints
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=1)


def _numbers(values: Any, count: int) -> bool:
    """Say whether these are `count` numbers, none further outside the picture than its own size."""
    return (
        isinstance(values, list)
        and len(values) == count
        and all(type(value) in (int, float) and abs(value) <= 2 for value in values)
    )
