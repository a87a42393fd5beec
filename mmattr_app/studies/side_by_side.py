"""The maps of a comparison side by side, those of one unit in one scale, as a PNG picture or as one HTML file."""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mmattr_app.domain import UNITS
from mmattr_app.results import heatmaps
from mmattr_app.results.exports import write_whole
from mmattr_app.results.sheets import to_url
from mmattr_app.studies.compared_maps import ComparedMap, Comparison

WIDTH, ROW, TITLE, GAP = 320, 4, 24, 12  # pixels of a map, maps in a row, pixels above a map and between them

APART = (
    "Insertion and deletion hide each map's own regions in its own way: compare them only between maps of the same "
    "model, regions and occluder."
)

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>mmattr: maps compared</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 24px auto; max-width: 1400px; padding: 0 16px; }}
.maps {{ display: flex; flex-wrap: wrap; gap: 16px; }}
figure {{ margin: 0; width: 320px; }}
img {{ width: 100%; }}
table {{ border-collapse: collapse; margin: 20px 0; }}
td, th {{ padding: 4px 12px; border-bottom: 1px solid #ccc; text-align: right; }}
th:first-child {{ text-align: left; }}
</style>
</head>
<body>
<h1>{words}</h1>
<p>{answer}</p>
<div class="maps">{maps}</div>
{tables}
<p>{says}</p>
<p>Orange supports the words, blue argues against them;
maps with one unit have one scale, up to their largest score.</p>
</body>
</html>
"""


def scales_of(maps: Sequence[ComparedMap]) -> list[float]:
    """Give for each map the largest score of all maps with its unit; a map without a unit has its own scale."""
    units = [UNITS[one.attribution.reads] for one in maps]
    tops = [max(float(np.abs(heat).max()) for heat in one.heats) for one in maps]
    largest = {unit: max(top for top, other in zip(tops, units, strict=True) if other == unit) for unit in units}
    return [largest[unit] if unit else top for top, unit in zip(tops, units, strict=True)]


def paint_maps(comparison: Comparison) -> list[Image.Image]:
    """Paint each map over the pictures, small, in its scale; several pictures stand side by side, equally high."""
    images = [Image.fromarray(picture) for picture in comparison.answer.question.pictures]
    high = max(1, round(WIDTH / sum(image.width / image.height for image in images)))
    small = [image.resize((max(1, round(high * image.width / image.height)), high)) for image in images]
    painted = list[Image.Image]()
    for one, scale in zip(comparison.maps, scales_of(comparison.maps), strict=True):
        row, left = Image.new("RGB", (sum(image.width for image in small), high)), 0
        for image, heat in zip(small, one.heats, strict=True):
            fitting = np.asarray(Image.fromarray(heat).resize(image.size, Image.Resampling.NEAREST))
            row.paste(heatmaps.paint(np.asarray(image), fitting, max(scale, 1e-9)), (left, 0))
            left += image.width
        painted.append(row)
    return painted


def to_picture(comparison: Comparison) -> Image.Image:
    """Put the maps into rows, each with its name above it."""
    maps = paint_maps(comparison)
    high, across = maps[0].height + TITLE + GAP, min(ROW, len(maps))
    sheet = Image.new("RGB", (across * (WIDTH + GAP) + GAP, -(-len(maps) // across) * high + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for place, (painted, one) in enumerate(zip(maps, comparison.maps, strict=True)):
        left, top = GAP + place % across * (WIDTH + GAP), GAP + place // across * high
        fitting = min(14, 14 * WIDTH / draw.textlength(one.name, font=ImageFont.load_default(14)))
        draw.text((left, top), one.name, "black", ImageFont.load_default(fitting))
        sheet.paste(painted, (left, top + TITLE))
    return sheet


def to_page(comparison: Comparison) -> str:
    """Write the HTML: the maps, their figures, and how alike they are."""
    answer = comparison.answer
    chosen = comparison.selection or range(len(answer.tokens))
    figures = "".join(
        f'<figure><img alt="map by {escape(one.name)}" src="{to_url(painted, "PNG")}">'
        f"<figcaption>{escape(one.name)}</figcaption></figure>"
        for one, painted in zip(comparison.maps, paint_maps(comparison), strict=True)
    )
    return PAGE.format(
        words=escape("".join(answer.tokens[token] for token in chosen).strip()),
        answer=escape(f"{answer.question.prompt} {answer.text}"),
        maps=figures,
        says=escape(says(comparison)),
        tables="".join(_table(rows) for rows in (figures_of(comparison), correlations_of(comparison))),
    )


def figures_of(comparison: Comparison) -> list[list[str]]:
    """Make the table of what each map is worth and what it cost; the first row has the titles."""
    known = any(one.pointing is not None for one in comparison.maps)
    titles = ["map", "insertion", "deletion", "difference", *(["pointing"] if known else [])]
    rows = [[*titles, "masks asked", "remembered", "seconds"]]
    for one in comparison.maps:
        values = [one.insertion, one.deletion, one.insertion - one.deletion]
        values += [one.pointing or 0.0] if known else []
        costs = [str(one.asked), str(one.remembered), f"{one.seconds:.1f}"]
        rows.append([one.name, *(f"{value:.3f}" for value in values), *costs])
    return rows


def says(comparison: Comparison) -> str:
    """Say what all maps and figures cost together, and whether the figures may be compared."""
    told = f"Asked {comparison.asked} masks; {comparison.saved} more were known already and not asked again."
    apart = "" if comparison.one_measure else APART
    return " ".join(filter(None, (comparison.cuts_say, comparison.usual_says, told, apart)))


def correlations_of(comparison: Comparison) -> list[list[str]]:
    """Make the table of rank correlations; a map that is the same everywhere has none."""
    names = [one.name for one in comparison.maps]
    rows = [["rank correlation", *names]]
    for name, values in zip(names, comparison.correlations.tolist(), strict=True):
        rows.append([name, *("-" if np.isnan(value) else f"{value:.2f}" for value in values)])
    return rows


def _table(rows: list[list[str]]) -> str:
    lines = ["".join(f"<th>{escape(cell)}</th>" for cell in rows[0])]
    lines += [
        f"<th>{escape(row[0])}</th>" + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) for row in rows[1:]
    ]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


WRITERS: dict[str, Callable[[Comparison, Path], object]] = {
    ".png": lambda comparison, path: to_picture(comparison).save(path),
    ".html": lambda comparison, path: path.write_text(to_page(comparison), encoding="utf-8"),
}


def write(comparison: Comparison, path: Path) -> None:
    """Write the file as its name says; it appears whole or not at all."""
    write_whole(path, lambda unfinished: WRITERS[path.suffix](comparison, unfinished))
