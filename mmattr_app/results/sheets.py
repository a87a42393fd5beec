"""A map as a sheet to show or to print: words, question, sentence, picture, legend and how it was made, as PNG or SVG.

Both draw the same items at the same places.
"""

import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mmattr_app.domain import UNITS, Attribution
from mmattr_app.results.heatmaps import Heat, Layer, colours, find_layer, find_pictured, ink, lay_over, soften
from mmattr_app.sentences import describe, name, picture_shares

WIDTH, EDGE, HIGHEST = 1200, 48, 1000  # pixels: of the sheet, around all, and of the pictures at most
GAP, SAYING = 16, 44  # pixels between pictures, and for what is said below one of several
INK, QUIET, GROUND = "#13201c", "#4b5954", "#f2f5f4"
LEGEND = 14  # pixels that it is high


@dataclass(frozen=True)
class Line:
    """A line of text."""

    text: str
    left: float
    top: float
    size: int
    colour: str = INK
    anchor: str = "left"  # what of the line stands at `left`: left, middle or right


@dataclass(frozen=True, eq=False)
class Placed:
    """A picture with its map, and where it is."""

    picture: Image.Image  # with little colour, as large as it is drawn
    heat: Image.Image | None  # the colours over it, as fine as the picture was, or a small map; None: it has no map
    smooth: bool  # whether these are drawn without edges
    at: tuple[int, int]  # left, top


@dataclass(frozen=True, eq=False)
class Sheet:
    """Everything that is drawn, and where."""

    height: int
    lines: tuple[Line, ...]
    pictures: tuple[Placed, ...]
    legend_at: int  # top


def make_sheet(result: Attribution, tokens: Sequence[int]) -> Sheet:
    """Lay out the map of some tokens; what is not surely above or below zero is not painted."""
    layer, inner = find_layer(result, tokens), WIDTH - 2 * EDGE
    titles = [(name(result, tokens), 34, INK), (result.answer.question.prompt, 20, QUIET)]
    titles += [(result.answer.text, 20, INK), (describe(result, tokens), 20, INK)]
    lines, top = list[Line](), EDGE
    for text, size, colour in titles:
        wrapped = list(wrap(text, size, inner))
        lines += [Line(part, EDGE, top + row * size * 1.5, size, colour) for row, part in enumerate(wrapped)]
        top += round(len(wrapped) * size * 1.5) + (8 if wrapped else 0)
    pictures, below, bottom = _place(result, tokens, top + 8)
    lines += below
    legend_at = bottom + 24
    ends = zip(_ends(layer, UNITS[result.reads]), ("left", "middle", "right"), strict=True)
    lines += [
        Line(text, EDGE + inner * part / 2, legend_at + LEGEND + 6, 18, QUIET, anchor)
        for part, (text, anchor) in enumerate(ends)
    ]
    foot = legend_at + LEGEND + 44
    made = list(wrap(tell_how(result), 18, inner))
    lines += [Line(text, EDGE, foot + row * 27, 18, QUIET) for row, text in enumerate(made)]
    return Sheet(foot + 27 * len(made) + EDGE, tuple(lines), tuple(pictures), legend_at)


def _place(result: Attribution, tokens: Sequence[int], top: int) -> tuple[list[Placed], list[Line], int]:
    """Put the pictures in rows of one height, of several each with its share below; and say where they end."""
    images = result.answer.question.pictures
    high, said = find_height([image.shape[1] / image.shape[0] for image in images]), picture_shares(result, tokens)
    several = len(images) > 1
    placed, lines = list[Placed](), list[Line]()
    for row in _rows([max(1, round(high * image.shape[1] / image.shape[0])) for image in images]):
        left = (WIDTH - sum(wide for _, wide in row) - GAP * (len(row) - 1)) // 2
        for number, wide in row:
            placed.append(_painted(result, tokens, number, (wide, max(1, round(high))), (left, top)))
            if several:
                share = f": {said[number]}" if number in said else ""
                lines.append(Line(f"Picture {number + 1}{share}", left, top + high + 6, 20))
            left += wide + GAP
        top += max(1, round(high)) + (SAYING if several else 0)
    return placed, lines, top


def _painted(
    result: Attribution, tokens: Sequence[int], number: int, size: tuple[int, int], at: tuple[int, int]
) -> Placed:
    """Paint one picture's map; a picture of which no region plays stays as it is."""
    image = result.answer.question.pictures[number]
    if find_pictured(result, number) is None:
        return Placed(Image.fromarray(image).resize(size), None, False, at)
    layer = find_layer(result, tokens, number)
    return Placed(Image.fromarray(soften(image)).resize(size), Image.fromarray(ink(*layer)), layer.smooth, at)


def find_height(aspects: Sequence[float]) -> float:
    """Find the height at which pictures of these widths over heights fill rows best."""
    inner, saying, best = WIDTH - 2 * EDGE, SAYING if len(aspects) > 1 else 0, 0.0
    for columns in range(1, len(aspects) + 1):
        rows = [aspects[start : start + columns] for start in range(0, len(aspects), columns)]
        across = min((inner - GAP * (len(row) - 1)) / sum(row) for row in rows)
        best = max(best, min(across, HIGHEST / len(rows) - saying))
    return best


def _rows(widths: Sequence[int]) -> list[list[tuple[int, int]]]:
    """Fill rows with pictures of these widths: the number and the width of each."""
    rows = list[list[tuple[int, int]]]()
    for number, wide in enumerate(widths):
        used = sum(other + GAP for _, other in rows[-1]) if rows else WIDTH
        if used + wide > WIDTH - 2 * EDGE + 2:  # pixels that rounding adds
            rows.append([])
        rows[-1].append((number, wide))
    return rows


def _ends(layer: Layer, unit: str) -> tuple[str, str, str]:
    """Say what stands at the ends of the legend; what one pixel has is no number to read."""
    if layer.smooth:
        return "-", "0", "+"
    return f"-{layer.scale:.2f}", "0", f"+{layer.scale:.2f} {unit}".strip()


def tell_how(result: Attribution) -> str:
    """Say how a map was made, so that it can be made again, and how to read it."""
    answer, cut = result.answer, result.players.segmentation
    budget = "" if result.budget is None else f", {result.budget} masks"
    regions = f"{cut.made_by}, hidden by {result.occluder}, " if cut else ""
    bare = ", nothing is drawn where it is not sure" if not result.scores.pixels else ""
    return (
        f"{answer.model}, {answer.precision}; {result.method}{budget}, {regions}seed {result.seed}. Orange supports "
        f"the words, blue argues against them{bare}."
    )


def wrap(text: str, size: int, width: float) -> Iterator[str]:
    """Break a text into lines of this width; a word longer than a line is broken too."""
    font, line = ImageFont.load_default(size), ""
    for word in text.split():
        rest = word
        while rest:
            longer = f"{line} {rest}".strip()
            if font.getlength(longer) <= width:
                line, rest = longer, ""
            elif line:
                yield line
                line = ""
            else:
                fits = next(end for end in range(len(rest), 0, -1) if end == 1 or font.getlength(rest[:end]) <= width)
                yield rest[:fits]
                rest = rest[fits:]
    if line:
        yield line


def draw_png(sheet: Sheet) -> Image.Image:
    """Draw a sheet with the font that Pillow brings; letters that it lacks, such as Chinese ones, are boxes."""
    page = Image.new("RGB", (WIDTH, sheet.height), GROUND)
    for one in sheet.pictures:
        painted = one.picture if one.heat is None else lay_over(one.picture, one.heat, one.smooth)
        page.paste(painted, one.at)
    page.paste(_legend(), (EDGE, sheet.legend_at))
    draw = ImageDraw.Draw(page)
    anchors = {"left": "la", "middle": "ma", "right": "ra"}
    for line in sheet.lines:
        font = ImageFont.load_default(line.size)
        draw.text((line.left, line.top), line.text, line.colour, font, anchors[line.anchor])
    return page


def draw_svg(sheet: Sheet) -> str:
    """Draw a sheet as text that a drawing program can change; picture and map are in it, nothing is fetched."""
    anchors = {"left": "start", "middle": "middle", "right": "end"}
    texts = [
        f'<text x="{line.left:g}" y="{line.top + 0.8 * line.size:g}" font-size="{line.size}" fill="{line.colour}" '
        f'text-anchor="{anchors[line.anchor]}">{_printable(line.text)}</text>'
        for line in sheet.lines
    ]
    legend = f'x="{EDGE}" y="{sheet.legend_at}" width="{WIDTH - 2 * EDGE}" height="{LEGEND}"'
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{sheet.height}" '
                f'viewBox="0 0 {WIDTH} {sheet.height}" font-family="IBM Plex Sans, system-ui, sans-serif">'
            ),
            f'<rect width="100%" height="100%" fill="{GROUND}"/>',
            *(image for one in sheet.pictures for image in _svg_images(one)),
            f'<image {legend} preserveAspectRatio="none" href="{to_url(_legend(), "PNG")}"/>',
            *texts,
            "</svg>\n",
        ]
    )


def _svg_images(one: Placed) -> list[str]:
    """Write a picture, and its map over it."""
    (left, top), (wide, high) = one.at, one.picture.size
    box = f'x="{left}" y="{top}" width="{wide}" height="{high}" preserveAspectRatio="none"'
    picture = f'<image {box} href="{to_url(one.picture, "JPEG")}"/>'
    if one.heat is None:
        return [picture]
    rendering = "auto" if one.smooth else "pixelated"
    return [picture, f'<image {box} style="image-rendering: {rendering}" href="{to_url(one.heat, "PNG")}"/>']


def to_url(image: Image.Image, kind: str) -> str:
    """Give a picture as a data URL."""
    file = io.BytesIO()
    image.save(file, kind, quality=88)
    return f"data:image/{kind.lower()};base64," + base64.b64encode(file.getvalue()).decode()


def _legend() -> Image.Image:
    share: Heat = np.linspace(-1, 1, WIDTH - 2 * EDGE, dtype=np.float32)
    return Image.fromarray(np.tile(colours(share).round().astype(np.uint8)[None], (LEGEND, 1, 1)))


def _printable(text: str) -> str:
    """Escape a text for XML, in which control characters must not stand at all."""
    return escape("".join(char if char.isprintable() else " " for char in text))
