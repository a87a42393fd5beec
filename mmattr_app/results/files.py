"""Write a result as a file whose ending says its kind, and read it back from the kinds that hold all of it."""

import base64
import io
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from PIL import Image

from mmattr_app.domain import Attribution, Pixels
from mmattr_app.errors import AppError
from mmattr_app.explorer import View, page
from mmattr_app.results import exports, reading
from mmattr_app.results.sheets import draw_png, draw_svg, make_sheet
from mmattr_app.results.tables import to_csv

Tokens: TypeAlias = Sequence[int]  # numbers of the tokens that PNG and SVG show, and that HTML shows first

TAG = '<script type="application/json" id="{}">'  # starts a block of data in a page
DRAWN = (".html", ".png", ".svg")  # these need the picture if its regions play


def write(result: Attribution, path: Path, tokens: Tokens | None = None) -> None:
    """Write the file of the kind that its ending says, as a whole or not at all.

    A PNG or SVG shows the map of `tokens`; without it, of all tokens that the result explains.
    """
    exports.check_target(path, WRITERS)
    if path.suffix in DRAWN:
        _check_picture(result)
    every = result.chosen
    exports.write_whole(path, lambda unfinished: WRITERS[path.suffix](result, unfinished, tokens or every))


def read(path: Path, *pictures: Pixels) -> Attribution:
    """Read a JSON, NPZ or HTML file back; JSON and NPZ hold no pictures, which may be given or left out."""
    if path.suffix not in READERS:
        raise AppError(f"{path.name} cannot be read back; name a file that ends in {', '.join(READERS)}.")
    if not path.is_file():
        raise AppError(f"There is no file {path}; check its path.")
    try:
        result = READERS[path.suffix](path, *pictures)
    except AppError as error:
        raise AppError(f"{path.name} cannot be read. {error}") from None
    except Exception as error:  # a file from anywhere fails in a dozen ways
        raise AppError(f"{path.name} is damaged, or no result that mmattr wrote; write or fetch it again.") from error
    cut = result.players.segmentation
    if pictures and cut and pictures[0].shape[:2] != cut.shape:
        raise AppError(f"{path.name} is about a picture {cut.shape[1]} wide and {cut.shape[0]} high; give that one.")
    return result


def _check_picture(result: Attribution) -> None:
    if result.players.segmentation and not result.answer.question.pictures:
        raise AppError(
            "There is no picture to draw the map on; give it when the file is read, or write JSON, NPZ or CSV."
        )


def to_html(result: Attribution, tokens: Tokens | None = None) -> str:
    """Write one HTML page that shows the result and holds all of its data, so that it can be read back."""
    _check_picture(result)
    first = "".join(result.answer.tokens[token] for token in tokens) if tokens else ""
    every = tokens is None or len(tokens) == len(result.answer.tokens)
    view = View("done", attribution=result, first_word="" if every else first.strip())
    return page(view, result=exports.to_json(result))


def _read_html(path: Path, *pictures: Pixels) -> Attribution:
    """Read the result from a page; its pictures are those given, or else those of the page (JPEG, so not exact)."""
    text = path.read_text(encoding="utf-8")
    held = {kind: _block(text, kind) for kind in ("result", "message")}
    size, message = json.loads(held["result"])["meta"]["picture_size"], json.loads(held["message"])
    if not pictures and size and message["picture"]:
        carried = _block(text, "further") if TAG.format("further") in text else "[]"  # earlier pages have none
        further: list[dict[str, Any]] = json.loads(carried)  # early ones with pictures that the page did not show
        shown: list[dict[str, Any]] = message.get("further", [])
        urls = [one["picture"]["url"] for one in shown] if shown else [one["url"] for one in further]
        sizes = [one["size"] for one in further]
        pictures = tuple(map(_decode, [message["picture"]["url"], *urls], [size, *sizes]))
    return reading.from_json(held["result"], *pictures)


def _decode(url: str, size: Sequence[int]) -> Pixels:
    """Read a JPEG from a data URL, and resize it to a height and a width."""
    file = io.BytesIO(base64.b64decode(url.partition(",")[2]))
    with Image.open(file, formats=["JPEG"]) as picture:
        return np.asarray(picture.convert("RGB").resize((size[1], size[0])))


def _block(text: str, kind: str) -> str:
    found = re.search(rf"{TAG.format(kind)}(.*?)</script>", text, re.DOTALL)
    if found is None:
        raise AppError("It holds no result; pages of earlier versions show one only. Export it again.")
    return found[1]


WRITERS: dict[str, Callable[[Attribution, Path, Tokens], object]] = {
    ".json": lambda result, path, _: exports.WRITERS[".json"](result, path),
    ".npz": lambda result, path, _: exports.WRITERS[".npz"](result, path),
    ".html": lambda result, path, tokens: path.write_text(to_html(result, tokens), encoding="utf-8"),
    ".png": lambda result, path, tokens: draw_png(make_sheet(result, tokens)).save(path),
    ".svg": lambda result, path, tokens: path.write_text(draw_svg(make_sheet(result, tokens)), encoding="utf-8"),
    ".csv": lambda result, path, _: path.write_text(to_csv(result), encoding="utf-8"),
}

READERS: dict[str, Callable[..., Attribution]] = {
    ".json": reading.read_json,
    ".npz": reading.read_npz,
    ".html": _read_html,
}
