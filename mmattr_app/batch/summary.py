"""Summary of a batch: a table as CSV, and a gallery as one HTML file that loads nothing from elsewhere."""

import csv
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from mmattr_app.batch.running import Outcome
from mmattr_app.results.exports import write_whole

COLUMNS: tuple[str, ...] = (
    "number", "image", "prompt", "model", "regions", "method", "answer", "reliance", "best_share", "entropy",
    "share_picture", "share_question", "share_own_words", "place", "file", "problem",
)  # fmt: skip
BARS = 10  # bars of a chart
WIDE, HIGH = 300, 120  # width and height of a chart in pixels

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>mmattr: {count} questions</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 24px auto; max-width: 1400px; padding: 0 16px; color: #13201c; }}
.charts, .results {{ display: flex; flex-wrap: wrap; gap: 24px; align-items: flex-start; }}
figure {{ margin: 0; width: 320px; }}
figure img {{ max-width: 100%; }}
.prompt, .how {{ color: #4b5954; }}
.problem {{ color: #a01818; }}
</style>
</head>
<body>
<h1>{count} questions</h1>
<p>{done} answered, {failed} failed.</p>
<div class="charts">{charts}</div>
<div class="results">{results}</div>
<p>Orange supports the answer, blue argues against it; each map has its own scale, and nothing is drawn where it is not
sure.</p>
</body>
</html>
"""

# Title, unit, field of Figures, and whether its values are between 0 and 1.
CHARTS: tuple[tuple[str, str, str, bool], ...] = (
    ("Reliance", "nats a token loses without the picture", "reliance", False),
    ("Best region's share", "of the whole support", "best_share", True),
    ("Local or global", "entropy of the support: 0 is one region, 1 is all alike", "entropy", True),
    ("From the picture", "share of the answer", "share_picture", True),
    ("From the question", "share of the answer", "share_question", True),
    ("From its own words", "share of the answer", "share_own_words", True),
)


def write_summary(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Write summary.csv and index.html, each as a whole or not at all."""
    for name, content in (("summary.csv", to_csv(outcomes)), ("index.html", to_page(outcomes))):
        write_whole(folder / name, lambda path, content=content: path.write_text(content, encoding="utf-8"))


def to_csv(outcomes: Sequence[Outcome]) -> str:
    """Write the CSV with a row for each question, in order."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for outcome in outcomes:
        figures = {} if outcome.figures is None else vars(outcome.figures)
        writer.writerow({**vars(outcome.row), **figures, "answer": outcome.answer, "file": outcome.file})
    return text.getvalue()


def to_page(outcomes: Sequence[Outcome]) -> str:
    """Write the gallery as HTML; texts of people and models are escaped."""
    found = [outcome.figures for outcome in outcomes if outcome.figures]
    charts = [
        draw_chart(title, unit, values, to_one=to_one)
        for title, unit, name, to_one in CHARTS
        if (values := [value for one in found if (value := getattr(one, name)) is not None])
    ]
    return PAGE.format(
        count=len(outcomes),
        done=len(found),
        failed=len(outcomes) - len(found),
        charts="".join(charts),
        results="".join(map(_card, outcomes)),
    )


def draw_chart(title: str, unit: str, values: Sequence[float], *, to_one: bool) -> str:
    """Draw a histogram of the values as SVG; `to_one`: the axis goes from 0 to 1."""
    low, high = (0.0, 1.0) if to_one else (min(0.0, *values), max(1e-9, *values))
    counts, _ = np.histogram(values, BARS, (low, high))
    step, tall = WIDE / BARS, HIGH / max(1, int(counts.max()))
    bars = "".join(
        f'<rect x="{bar * step + 1:g}" y="{HIGH - count * tall:g}" width="{step - 2:g}" height="{count * tall:g}" '
        f'fill="#c24a02"><title>{count}</title></rect>'
        for bar, count in enumerate(counts.tolist())
    )
    says = f"{title}: median {np.median(values):.2f}, from {min(values):.2f} to {max(values):.2f}"
    return (
        f'<figure><svg viewBox="0 0 {WIDE} {HIGH + 22}" role="img" aria-label="{escape(says)}">{bars}'
        f'<line x1="0" x2="{WIDE}" y1="{HIGH}" y2="{HIGH}" stroke="#4b5954"/>'
        f'<text y="{HIGH + 16}" font-size="12">{low:.2f}</text>'
        f'<text x="{WIDE}" y="{HIGH + 16}" font-size="12" text-anchor="end">{high:.2f}</text></svg>'
        f"<figcaption><b>{escape(says)}</b><br>{escape(unit)}</figcaption></figure>"
    )


def _card(outcome: Outcome) -> str:
    row, figures = outcome.row, outcome.figures
    picture = f'<img alt="map of the answer to question {row.number}" src="{outcome.map}">' if outcome.map else ""
    says = f'<p class="problem">{escape(row.problem)}</p>'
    if figures:
        where = f" ({figures.place})" if figures.place else ""
        says = (
            f"<p>{escape(outcome.answer)}</p>"
            f'<p class="how">{escape(row.model)}, {escape(row.method)}: reliance {figures.reliance:.2f}, best region '
            f"{figures.best_share:.0%}{escape(where)}, entropy {figures.entropy:.2f}</p>"
        )
    asked = f'<p class="prompt">{row.number}. {escape(row.image)} {escape(row.prompt)}</p>'
    return f"<figure>{picture}<figcaption>{asked}{says}</figcaption></figure>"
