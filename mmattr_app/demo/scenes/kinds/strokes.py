"""The few strokes every kind is drawn with, on a 100 x 100 sheet whose y runs down."""
# ruff: noqa: PLR0917  (coordinates read best in a row)

import math
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Stroke:
    """A filled outline, or, with a width, an open line with round ends."""

    paint: str
    points: tuple[Point, ...]
    width: float = 0


def poly(paint: str, *points: Point) -> Stroke:
    return Stroke(paint, points)


def line(paint: str, width: float, *points: Point) -> Stroke:
    return Stroke(paint, points, width)


def pie(paint: str, x: float, y: float, rx: float, ry: float, start: float, end: float) -> Stroke:
    """Part of an ellipse, in degrees clockwise from the right."""
    return Stroke(paint, _arc(x, y, rx, ry, start, end))


def arc(paint: str, width: float, x: float, y: float, rx: float, ry: float, start: float, end: float) -> Stroke:
    return Stroke(paint, _arc(x, y, rx, ry, start, end), width)


def oval(paint: str, x: float, y: float, rx: float, ry: float | None = None, turn: float = 0) -> Stroke:
    ring = _arc(0, 0, rx, rx if ry is None else ry, 0, 352)
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return Stroke(paint, tuple((x + a * cos - b * sin, y + a * sin + b * cos) for a, b in ring))


def box(paint: str, x0: float, y0: float, x1: float, y1: float, round_by: float = 0) -> Stroke:
    if not round_by:
        return poly(paint, (x0, y0), (x1, y0), (x1, y1), (x0, y1))
    r = round_by
    corners = ((x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180), (x1 - r, y0 + r, 270))
    return Stroke(paint, tuple(p for x, y, start in corners for p in _arc(x, y, r, r, start, start + 90)))


def blob(paint: str, *points: Point, steps: int = 6) -> Stroke:
    """Fill a closed smooth curve through the points (Catmull-Rom)."""
    n, curve = len(points), []
    for i in range(n):
        a, b, c, d = (points[(i + k) % n] for k in (-1, 0, 1, 2))
        curve += [_between(a, b, c, d, step / steps) for step in range(steps)]
    return Stroke(paint, tuple(curve))


def wheel(x: float, y: float, r: float) -> tuple[Stroke, Stroke]:
    return oval("ink", x, y, r), oval("silver", x, y, r * 0.45)


def eye(x: float, y: float, r: float) -> tuple[Stroke, Stroke]:
    return oval("white", x, y, r), oval("ink", x + r * 0.2, y + r * 0.1, r * 0.6)


def _arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> tuple[Point, ...]:
    count = max(4, round(abs(end - start) / 8))
    angles = (math.radians(start + (end - start) * i / count) for i in range(count + 1))
    return tuple((x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles)


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    def at(p: float, q: float, r: float, s: float) -> float:
        return 0.5 * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t**2 + (3 * q - p - 3 * r + s) * t**3)

    return at(a[0], b[0], c[0], d[0]), at(a[1], b[1], c[1], d[1])
