"""The explorer's HTML, CSS and JavaScript, and one self-contained HTML file that shows a view."""

import json
from functools import cache
from pathlib import Path

from mmattr_app.explorer.view import View, message

HERE = Path(__file__).parent
SCRIPTS = (
    "decode.js",  # message -> typed arrays
    "regions.js",  # outlines, and which region is under the pointer
    "certainty.js",  # standard errors -> which scores are sure
    "heatmap.js",  # scores -> colours
    "pixels.js",  # maps over pixels -> colours
    "words.js",  # model tokens -> words
    "tokens.js",  # the answer: chips, selection, keys
    "places.js",  # where regions are, in words
    "readout.js",  # numbers -> sentence
    "links.js",  # lines between regions that act together
    "asked.js",  # the question, whose words may be players
    "shares.js",  # how much comes from the picture, the question, the answer's own words
    "contrast.js",  # "Why not this?": another text in place of the words
    "reasons.js",  # tab: why this word
    "words-tab.js",  # tab: all words, with a small map of each
    "trust-curves.js",  # curves beside those of random orders, as SVG and as a table
    "trust-pair.js",  # the maps of two occluders side by side
    "trust-tab.js",  # tab: can I trust it?
    "compare-charts.js",  # figures of several maps as a sentence, tables and charts
    "compare-choice.js",  # which maps are compared
    "compare-tab.js",  # tab: compare maps
    "palette.js",  # the preview: a colour and a number for each region
    "export.js",  # tab: export, and the PNG
    "marks.js",  # the numbers of the regions that the sentence names
    "tints.js",  # the colours of the words of the answer
    "pane.js",  # a picture, its map and its regions
    "stage.js",  # the pictures in rows, and the legend
    "drawing.js",  # regions drawn by hand
    "editing.js",  # regions split and merged
    "guide.js",  # a tour of three steps
    "notice.js",  # a notice above the answer, and the way back from a preview
    "predict.js",  # predict first: the map is hidden until regions are marked
    "present.js",  # for a projector
    "seen.js",  # reports what a person has seen of a result, for a lesson and a class
    "further.js",  # what can be done with a result: sharpen it, edit the regions
    "explorer.js",  # mountExplorer(root, {onSelect, onDraw, onEdit, ...})
)
STYLES = ("explorer.css", "album.css", "trust.css", "compare.css", "present.css")

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>mmattr: which part of the picture made the model say that word?</title>
<style>
body { margin: 0; background: #f2f5f4; }
body.dark { background: #0e1312; }
body > .explorer { max-width: 1240px; margin: 0 auto; padding: 24px 32px; box-sizing: border-box; }
@media (max-width: 720px) { body > .explorer { padding: 14px 16px; } }
%(css)s
</style>
</head>
<body>
%(html)s
<script type="application/json" id="message">%(message)s</script>
%(result)s<script>
%(js)s
const night = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.body.classList.toggle("dark", night.matches);
night.addEventListener("change", follow);
follow();
window.explorer = mountExplorer(document.body, {});
window.explorer.update(JSON.parse(document.getElementById("message").textContent));
</script>
</body>
</html>
"""


@cache
def html() -> str:
    """Give the HTML of the explorer, without data."""
    return (HERE / "explorer.html").read_text(encoding="utf-8")


@cache
def css() -> str:
    """Give the styles; all of them apply only inside `.explorer`."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in STYLES)


@cache
def js() -> str:
    """Join the scripts into one that defines `mountExplorer` and no other name.

    `mountExplorer(root, {onSelect, onDraw, onEdit, ...})` takes the element that holds the explorer, and functions that
    it calls when a person does something. It returns an object with `update(message)` and more (see explorer.js).
    """
    lines = (line for name in SCRIPTS for line in (HERE / name).read_text(encoding="utf-8").splitlines())
    joined = "\n".join(line for line in lines if not line.lstrip().startswith("//"))  # a tenth of it is comments
    return f'const mountExplorer = (() => {{\n"use strict";\n{joined}\nreturn mountExplorer;\n}})();'


def page(view: View, result: str = "") -> str:
    """Write one HTML file that shows a view; texts of the model and of people are in it as data, never as HTML.

    `result` is the whole result as JSON. The page does not use it; it is there so that mmattr can read the result from
    the file again. The sizes of further pictures are stored with it.
    """
    carried = {"result": result, "further": _further(view)} if result else {}
    blocks = "".join(
        f'<script type="application/json" id="{name}">{_escape(data)}</script>\n' for name, data in carried.items()
    )
    data = _escape(json.dumps(message(view)))
    return PAGE % {"css": css(), "html": html(), "js": js(), "message": data, "result": blocks}


def _further(view: View) -> str:
    """List the sizes of the pictures after the first one, height first; the message has the pictures themselves."""
    pictures = view.asked.pictures[1:] if view.asked else ()
    return json.dumps([{"size": one.shape[:2]} for one in pictures])


def _escape(data: str) -> str:
    """Escape "<" in JSON, so that it cannot end the script element that holds it."""
    return data.replace("<", "\\u003c")
