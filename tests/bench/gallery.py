"""Draw the map of one word by every method, as one picture for docs/methods.md: `python -m tests.bench.gallery`.

The scene is the first of the examples, and its word the one that needs the picture most; the same regions play for all.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mmattr_app import pipeline
from mmattr_app.domain import Attribution, LogProbs
from mmattr_app.methods import METHODS
from mmattr_app.plan import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.results.heatmaps import paint_small
from mmattr_app.ui.examples import load_examples

SHEET = Path(__file__).parents[2] / "assets" / "plots" / "methods.jpg"
REGIONS = "grid:6x6"
BUDGETS = {"eagle": 300, "eagle-lazy": 300, "lima": 300}  # of searches that would ask a thousand masks and more
ACROSS, SIDE, TITLE, GAP = 6, 200, 22, 8  # maps in a row; pixels of a map, above it and between two
QUALITY = 86  # of the JPEG


def main(arguments: Sequence[str] | None = None) -> None:
    """Explain by every method, and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=METHODS, default=list(METHODS), help="some of the methods")
    parser.add_argument("--out", type=Path, default=SHEET, help="(%(default)s)")
    options = parser.parse_args(arguments)
    example = load_examples()[0].attribution
    worker = pipeline.open_worker("demo")
    answer = pipeline.ask(worker, example.answer.question, example.answer.text)
    players = Regions(answer.question, pipeline.segment(answer.question.image, REGIONS), "mean")
    selection, memo, maps = word_of(example), dict[bytes, LogProbs](), dict[str, Attribution]()
    for name in options.only:
        print(name, flush=True)
        plan = Plan(name, budget=BUDGETS.get(name))
        maps[name] = pipeline.explain(worker, answer, players, plan, selection=selection, memo=memo)
    sheet(maps, selection).save(options.out, quality=QUALITY, optimize=True)
    print(f"{options.out}: “{answer.said(selection)}”")


def word_of(example: Attribution) -> tuple[int]:
    """Find the token that needs the picture most, of those that are longer than “at” and “the”."""
    needs = [
        need if len(text.strip()) > 3 else -np.inf
        for need, text in zip(example.reliance.tolist(), example.answer.tokens, strict=True)
    ]
    return (int(np.argmax(needs)),)


def sheet(maps: Mapping[str, Attribution], selection: Sequence[int]) -> Image.Image:
    """Put the picture and the maps into rows, each with its name above it."""
    picture = Image.fromarray(next(iter(maps.values())).answer.question.image)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    painted = {"the picture": picture} | {name: paint_small(why, selection, SIDE) for name, why in maps.items()}
    high, wide = picture.height + TITLE + GAP, SIDE + GAP
    made = Image.new("RGB", (ACROSS * wide + GAP, -(-len(painted) // ACROSS) * high + GAP), "white")
    draw, font = ImageDraw.Draw(made), ImageFont.load_default(14)
    for place, (title, one) in enumerate(painted.items()):
        left, top = GAP + place % ACROSS * wide, GAP + place // ACROSS * high
        draw.text((left, top), title, "black", font)
        made.paste(one, (left, top + TITLE))
    return made


if __name__ == "__main__":
    main()
