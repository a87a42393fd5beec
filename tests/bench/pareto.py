"""Seconds against faithfulness, as a page with a Plotly chart; its camera button saves a PNG."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tests.documents import ROOT

PLOTLY = ROOT / "mmattr_app" / "ui" / "plotly" / "plotly-cartesian.min.js"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<script>{plotly}</script><h1>{title}</h1><div id="chart" style="height:85vh"></div>
<script>Plotly.newPlot("chart", {traces}, {layout}, {{responsive: true}});</script></html>
"""


@dataclass(frozen=True)
class Point:
    """A method: what it costs and how good it is, with an interval."""

    name: str
    seconds: float
    value: float
    low: float
    high: float


def front(points: Sequence[Point]) -> list[Point]:
    """List those that nothing is both quicker and better than, the quickest first."""
    best: list[Point] = []
    for point in sorted(points, key=lambda point: (point.seconds, -point.value)):
        if not best or point.value > best[-1].value:
            best.append(point)
    return best


def page(title: str, points: Sequence[Point]) -> str:
    """Write the page; the front is a line."""
    line = front(points)
    dots = {
        "x": [point.seconds for point in points],
        "y": [point.value for point in points],
        "text": [f"  {point.name}" for point in points],
        "mode": "markers+text",
        "textposition": "middle right",
        "cliponaxis": False,
        "name": "methods, with 90% intervals",
        "error_y": {
            "array": [point.high - point.value for point in points],
            "arrayminus": [point.value - point.low for point in points],
        },
    }
    edge = {
        "x": [point.seconds for point in line],
        "y": [point.value for point in line],
        "mode": "lines",
        "name": "nothing is quicker and better",
    }
    layout = {
        "xaxis": {"title": {"text": "seconds a map"}, "type": "log"},
        "yaxis": {"title": {"text": "insertion minus deletion"}},
        "legend": {"orientation": "h", "y": -0.25},
        "margin": {"t": 20, "r": 140},
    }
    return PAGE.format(
        title=title,
        plotly=PLOTLY.read_text(encoding="utf-8"),
        traces=json.dumps([dots, edge]),
        layout=json.dumps(layout),
    )
