"""Lines as SVG, in colours that can be read on a light and on a dark page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 420, 300  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 64, 48
INKS = ("#2a7fd6", "#d97a1c", "#309e44")
GREY = "#808080"


@dataclass(frozen=True)
class Panel:
    """Lines over one axis, both from zero."""

    across: str
    up: str
    places: Sequence[float]
    lines: dict[str, Sequence[float]]


def draw(panels: Sequence[Panel]) -> str:
    """Draw panels side by side."""
    width = WIDTH * len(panels)
    size = f'viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12" fill="{GREY}">']
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate({number * WIDTH} 0)">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(panel: Panel) -> list[str]:
    far, high = _round(max(panel.places)), _round(max(max(line) for line in panel.lines.values()))
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts: list[str] = []
    for step in range(5):
        x, y = _across(far * step / 4, far), _up(high * step / 4, high)
        parts += [
            f'<line x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GREY}" stroke-opacity="0.3"/>',
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{high * step / 4:g}</text>',
            f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{far * step / 4:g}</text>',
        ]
    parts.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{panel.across}</text>')
    parts.append(f'<text x="{LEFT}" y="16">{panel.up}</text>')
    for number, (name, line) in enumerate(panel.lines.items()):
        points = [(_across(x, far), _up(y, high)) for x, y in zip(panel.places, line, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        ink = INKS[number]
        parts.append(f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{ink}"/>' for x, y in points]
        parts.append(f'<text x="{LEFT}" y="{36 + 16 * number}" fill="{ink}">{name}</text>')
    return parts


def _across(value: float, far: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * value / far


def _up(value: float, high: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / high


def _round(value: float) -> float:
    """Find the next number up that four steps lead to nicely."""
    unit = 10.0 ** math.floor(math.log10(value))
    return next(unit * step for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if unit * step >= value)
