"""The page source of the explorer: one .html, one .css and several .js files in the order in which they stand."""

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
SCRIPTS = (
    "decode.js",  # message -> typed arrays
    "regions.js",  # outlines, and which region is under the pointer
    "heatmap.js",  # scores -> colours
    "words.js",  # model tokens -> words
    "tokens.js",  # the answer: chips, selection, keys
    "readout.js",  # numbers -> sentence
    "reasons.js",  # tab: why this token
    "matrix.js",  # tab: whole answer
    "palette.js",  # the preview: a colour and a number for each region
    "export.js",  # tab: export, and the PNG
    "stage.js",  # the picture, its regions and the legend
    "drawing.js",  # regions drawn by hand
    "editing.js",  # regions split and merged
    "further.js",  # what can be done with a result: sharpen it, cut the picture anew
    "explorer.js",  # mountExplorer(root, {onSelect, onDraw, onEdit, ...})
)


@cache
def html() -> str:
    """Read the elements, which hold no data yet."""
    return (HERE / "explorer.html").read_text(encoding="utf-8")


@cache
def css() -> str:
    """Read the styles; all of them are inside `.explorer`."""
    return (HERE / "explorer.css").read_text(encoding="utf-8")


@cache
def js() -> str:
    """Join the scripts into `const mountExplorer = ...`; no other name of theirs is seen outside.

    `mountExplorer(root, {onSelect, onDraw, onEdit, ...})` takes the element that holds the explorer and gives back
    `{update(message)}`.
    """
    joined = "\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return f'const mountExplorer = (() => {{\n"use strict";\n{joined}\nreturn mountExplorer;\n}})();'
