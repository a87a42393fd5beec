"""How faithful each method's maps are, what they cost and how steady they are; Markdown on standard output.

A word's top region should lie on what it names, and so should its support; showing regions in the map's order should
bring the word back sooner than hiding them takes it away (insertion minus deletion); another seed should give the same.
"""

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from mmattr_app import pipeline
from mmattr_app.contracts import Game, Worker
from mmattr_app.domain import Attribution, Curve, Scores, Task
from mmattr_app.methods import METHODS
from mmattr_app.metrics import METRICS
from mmattr_app.metrics.energy import energy
from mmattr_app.metrics.pointing import pointing
from mmattr_app.pipeline import Listener, Plan
from mmattr_app.studies import checks
from tests.bench.bootstrap import interval
from tests.bench.cases import probe_of
from tests.bench.named import Folder, Scenes, Word
from tests.bench.pareto import Point, page
from tests.bench.pointing import HIT, share_of_regions
from tests.bench.resuming import for_each_seed, lone_worker, revision
from tests.games import explain_regions

EAGLE = """EAGLE's protocol (arXiv:2509.22496) needs COCO val2017 (images.cocodataset.org/zips/val2017.zip), the lists
datasets/*-coco-caption.json of github.com/RuoyuChen10/EAGLE, of which the file names and captions make --prompts, and
llava-hf/llava-1.5-7b-hf or Qwen/Qwen2.5-VL-7B-Instruct. It cuts about 64 superpixels (SLICO) and hides with black:

  python -m tests.bench.faithfulness --model llava-hf/llava-1.5-7b-hf --images val2017 --prompts captions.tsv
      --regions slic:64 --occluder black --processes 1

with "Describe the image in one factual English sentence of no more than 20 words. Do not include information that is
not clearly visible." in each line of captions.tsv: FILE, tab, that prompt, tab, the model's caption. It has insertion
.597 and deletion .455 for LLaVA-1.5, .701 and .460 for Qwen2.5-VL, of its own search."""

FINE, COARSE, RANDOM = "grid:16x16", "grid:8x8", "random order"
HALF = 0.5  # of the top score, from which on a region is strong
BUDGETS = (16, 32, 64, 128)
WAYS: dict[str, tuple[str, Plan]] = {
    **{f"smooth, {budget} masks": (FINE, Plan("smooth", budget=budget)) for budget in BUDGETS},
    **{f"surrogate, {budget} masks": (COARSE, Plan("surrogate", budget=budget)) for budget in BUDGETS},
    "ablation, 8x8": (COARSE, Plan("ablation")),
    "ablation, 16x16": (FINE, Plan("ablation")),
    "coarse to fine": (FINE, Plan("coarse-to-fine")),
}
WAYS |= {name: (COARSE, Plan(name)) for name in METHODS if name not in {plan.method for _, plan in WAYS.values()}}
WAYS[RANDOM] = (FINE, Plan("smooth", budget=8))  # of which only the regions are taken

FIGURES = ("hit", "inside", "energy", "drawn", "insertion", "deletion", "difference", "stability")
Row: TypeAlias = dict[str, Any]  # the kind of word, and each figure; nan where it is not known


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for each kind of word."""
    options = _parser().parse_args(arguments)
    source = Folder(options.images, options.prompts, options.masks) if options.images else Scenes()
    count = min(options.scenes, len(source.lines())) if isinstance(source, Folder) else options.scenes
    numbers = range(options.first, count if isinstance(source, Folder) else options.first + count)
    weights = revision(options.model)
    played: dict[str, list[Row]] = {}
    for way in options.only or WAYS:
        regions, plan = WAYS[way]
        regions, plan = options.regions or regions, replace(plan, occluder=options.occluder)
        for curves in (True, False):
            some = [number for number in numbers if curves == (number - options.first < options.curves)]
            work = partial(play, way=way, regions=regions, plan=plan, source=source, model=options.model, curves=curves)
            name = "-".join(("faithfulness", source.name, weights, way, regions, plan.occluder, str(curves)))
            found = for_each_seed(name.replace(" ", "-").replace(":", "-"), work, some, options.processes)
            played.setdefault(way, []).extend(one for one in found if one)
    for kind in sorted({row["kind"] for found in played.values() for one in found for row in one["rows"]}):
        tell(kind, played)
    if options.plot:
        points = [point(way, found) for way, found in played.items() if way != RANDOM]
        options.plot.write_text(
            page(f"How faithful maps are: {options.model} on {source.name}", points), encoding="utf-8"
        )


def _parser() -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, epilog=EAGLE.replace("%", "%%"), formatter_class=form)
    parser.add_argument("--scenes", type=int, default=300, help="how many scenes, or lines of --prompts (%(default)s)")
    parser.add_argument("--curves", type=int, default=100, help="of these have curves and stability (%(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first seed, or line (%(default)s)")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--model", default="demo", help="a name of the catalogue, a hub id or a folder (%(default)s)")
    parser.add_argument("--images", type=Path, help="a folder of pictures, instead of scenes; needs --prompts")
    parser.add_argument("--prompts", type=Path, help="a file of lines: FILE, tab, PROMPT, and maybe tab, ANSWER")
    parser.add_argument("--masks", type=Path, help="a folder with FILE without its ending/WORD.png")
    parser.add_argument("--regions", help="cut every picture so (each way its own grid)")
    parser.add_argument("--occluder", default="mean", help="(%(default)s)")
    parser.add_argument("--only", nargs="+", choices=WAYS, metavar="WAY", help=f"some of: {'; '.join(WAYS)}")
    parser.add_argument("--plot", type=Path, help="an HTML file for seconds against faithfulness")
    return parser


def tell(kind: str, played: dict[str, list[Row]]) -> None:
    """Print a table: means with their 90% intervals, over pictures drawn anew."""
    print(f"\n{kind}, {max(map(len, played.values()))} pictures.\n")
    print(f"| map | {' | '.join(FIGURES)} | masks | seconds |\n|{'---|' * (len(FIGURES) + 3)}")
    for way, found in played.items():
        rows = [[row for row in one["rows"] if row["kind"] == kind] for one in found]
        means = [interval([[row[figure] for row in some] for some in rows]) for figure in FIGURES]
        cells = ["" if np.isnan(mean) else f"{mean:.3f} ({low:.3f} to {high:.3f})" for mean, low, high in means]
        masks, seconds = (np.mean([one[name] for one in found]) for name in ("masks", "seconds"))
        print(f"| {way} | {' | '.join(cells)} | {masks:.0f} | {seconds:.2f} |", flush=True)


def point(way: str, found: list[Row]) -> Point:
    """Give a way's place in the chart."""
    mean = interval([[row["difference"] for row in one["rows"]] for one in found])
    return Point(way, float(np.mean([one["seconds"] for one in found])), *mean)


def play(
    number: int, *, way: str, regions: str, plan: Plan, source: Scenes | Folder, model: str, curves: bool
) -> Row | None:
    """Explain one picture in one way; nothing if the model does not caption it right."""
    worker = lone_worker(model)
    if (loaded := source.load(number, worker)) is None:
        return None
    answer, words = loaded
    cut = pipeline.segment(answer.question.image, regions, worker)
    masks, seconds, rows = 0, 0.0, list[Row]()
    selections = [tuple(word.tokens) for word in words] if METHODS[plan.method].scope == "selection" else [None]
    results: list[Attribution] = []
    for selection in selections:
        asked = [0]
        listener = Listener(on_result=lambda _, progress, asked=asked: asked.append(progress.done))
        started = time.monotonic()
        results.append(explain_regions(worker, answer, cut, plan, selection=selection, listener=listener))
        seconds += time.monotonic() - started
        masks += asked[-1]
    if way == RANDOM:
        values = np.random.default_rng(number).standard_normal(results[0].scores.values.shape)
        results, masks, seconds = [replace(results[0], scores=Scores(values.astype(np.float32)))], 0, 0.0
    again = (
        checks.other_seed(results[0], 1).explain(worker) if curves and selections == [None] and way != RANDOM else []
    )
    for place, word in enumerate(words):
        result = results[place % len(results)]
        rows.append(judge(worker, result, word, curves=curves))
        if again:
            rows[-1]["stability"] = checks.agreement(result, again[0], word.tokens).correlation
    return {"rows": rows, "masks": masks / len(selections), "seconds": seconds / len(selections)}


def judge(worker: Worker, result: Attribution, word: Word, *, curves: bool) -> Row:
    """Judge the map of one word."""
    game = Game(probe_of(worker, Task(result.answer, result.players)), result.players, tuple(word.tokens))
    row: Row = dict.fromkeys(FIGURES, float("nan")) | {"kind": word.kind}
    if word.inside is not None:
        inside = share_of_regions(result.segmentation, word.inside)
        top = pointing(game, result.scores, inside)
        row |= {"hit": float(top >= HIT), "inside": top, "energy": energy(game, result.scores, inside)}
        row["drawn"] = energy(game, drawn(result.scores, word.tokens), inside)
    if curves:
        for name in ("insertion", "deletion"):
            curve = METRICS[name].run(game, result.scores)
            assert isinstance(curve, Curve)
            row[name] = curve.area
        row["difference"] = row["insertion"] - row["deletion"]
    return row


def drawn(scores: Scores, tokens: list[int]) -> Scores:
    """Take out what the page does not draw: what is not surely other than zero."""
    if scores.errors is None:
        return scores
    return replace(scores, values=np.where(scores.surely_not_zero(tokens)[:, None], scores.values, 0))


if __name__ == "__main__":
    main()
