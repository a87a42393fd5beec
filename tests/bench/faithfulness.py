"""How faithful each method's maps are at equal costs, on scenes whose answer key is known; Markdown on standard output.

A word's top region should lie on what it names, what is drawn should lie inside of it, and showing the regions in the
map's order should bring the word back sooner than hiding them takes it away (insertion minus deletion).
"""

import argparse
import os
import time
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Game, Probe, Worker
from mmattr_app.demo.scenes import Scene
from mmattr_app.domain import INTERVAL, Attribution, Scores, Task
from mmattr_app.metrics import METRICS
from mmattr_app.pipeline import Listener, Plan
from tests.bench.cases import probe_of
from tests.bench.pointing import HIT, caption, share_of_regions, words_of
from tests.bench.resuming import for_each_seed, lone_worker, revision
from tests.games import explain_regions

FINE, COARSE, RANDOM = "grid:16x16", "grid:8x8", "random order"
BUDGETS = (16, 32, 64, 128)
WAYS: dict[str, tuple[str, Plan]] = {
    **{f"smooth, 16x16, {budget} masks": (FINE, Plan("smooth", budget=budget)) for budget in BUDGETS},
    **{f"surrogate, 8x8, {budget} masks": (COARSE, Plan("surrogate", budget=budget)) for budget in BUDGETS},
    "ablation, 8x8, 64 masks": (COARSE, Plan("ablation")),
    "ablation, 16x16, 256 masks": (FINE, Plan("ablation")),
    "coarse to fine, 16x16, 62 masks": (FINE, Plan("coarse-to-fine")),
}
KINDS = ("noun", "colour")
HALF = 0.5  # of the top score, from which on a region is strong

# Kind of word, hit; share inside of the top region, of what is sure, of what is over half the top; insertion minus
# deletion or nan
Row: TypeAlias = tuple[str, float, float, float, float, float]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=300, help="seeds 0 to this number (%(default)s)")
    parser.add_argument("--curves", type=int, default=100, help="of these scenes have curves, too (%(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (%(default)s)")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.scenes)
    curved = set(seeds[: options.curves])
    name = f"faithfulness-{revision('demo')}"
    plain = for_each_seed(
        name, partial(play, curves=False), [seed for seed in seeds if seed not in curved], options.processes
    )
    full = for_each_seed(f"{name}-curves", partial(play, curves=True), sorted(curved), options.processes)
    played = [found for found in (*full, *plain) if found]
    print(f"\n{len(played)} scenes captioned right, seeds {seeds.start} to {seeds.stop - 1}.\n")
    print("| map | hit: nouns | colours | top inside: nouns | colours | sure inside: nouns | colours "
          "| strong inside: nouns | colours | insertion - deletion: nouns | colours | masks | seconds |")  # fmt: skip
    print("|" + "---|" * 13)
    for way in (*WAYS, RANDOM):
        tell(way, played)


def tell(way: str, played: list[dict[str, Any]]) -> None:
    """Print the means of one way."""
    rows = [row for found in played for row in found[way]["rows"]]
    tables = [np.array([row[1:] for row in rows if row[0] == kind], float) for kind in KINDS]
    means = [np.nanmean(table[:, column]) for column in range(5) for table in tables]
    masks, seconds = (np.mean([found[way][name] for found in played]) for name in ("masks", "seconds"))
    print(f"| {way} | {' | '.join(f'{value:.3f}' for value in means)} | {masks:.0f} | {seconds:.2f} |", flush=True)


def play(seed: int, *, curves: bool) -> dict[str, Any]:
    """Explain one scene in every way; nothing if the model does not caption it right."""
    if (captioned := caption(seed)) is None:
        return {}
    (drawn, answer), worker = captioned, lone_worker("demo")
    found: dict[str, Any] = {}
    for way, (grid, plan) in WAYS.items():
        asked: list[int] = []
        started = time.monotonic()
        listener = Listener(on_result=lambda _, progress, asked=asked: asked.append(progress.done))
        result = explain_regions(worker, answer, pipeline.segment(drawn.image, grid), plan, listener=listener)
        seconds = time.monotonic() - started
        found[way] = {"rows": judge(worker, result, drawn, curves=curves), "masks": asked[-1], "seconds": seconds}
    result = explain_regions(worker, answer, pipeline.segment(drawn.image, FINE), Plan("smooth", budget=8))
    values = np.random.default_rng(seed).standard_normal(result.scores.values.shape)
    result = replace(result, scores=Scores(values.astype(np.float32)))
    return found | {RANDOM: {"rows": judge(worker, result, drawn, curves=curves), "masks": 0, "seconds": 0.0}}


def judge(worker: Worker, result: Attribution, drawn: Scene, *, curves: bool) -> list[Row]:
    """Judge the map of each noun and each colour word."""
    covers = {name: share_of_regions(result.segmentation, pixels) for name, pixels in drawn.masks.items()}
    probe = probe_of(worker, Task(result.answer, result.players))  # a mask of two words is asked once
    rows: list[Row] = []
    for kind, tokens, masks in words_of(drawn, result.answer):
        inside = np.clip(np.sum([covers[mask] for mask in masks], axis=0), 0, 1)
        scores = result.scores.values[:, tokens].sum(axis=1)
        error = result.scores.error(tokens)
        sure = scores >= INTERVAL * (0 if error is None else error)
        top = float(inside[scores.argmax()])
        heat, strong = scores * result.segmentation.areas, scores >= HALF * scores.max()
        shares = (_share(heat, sure, inside), _share(heat, strong, inside))
        gap = insertion_minus_deletion(probe, result, tokens) if curves else float("nan")
        rows.append((kind, float(top >= HIT), top, *shares, gap))
    return rows


def _share(heat: NDArray[np.float64], which: NDArray[np.bool_], inside: NDArray[np.float64]) -> float:
    """Give the share of the positive heat in these regions that lies inside."""
    heat = np.where(which, np.maximum(heat, 0), 0)
    return float((heat * inside).sum() / heat.sum()) if heat.any() else float("nan")


def insertion_minus_deletion(probe: Probe, result: Attribution, tokens: list[int]) -> float:
    """Measure both curves for one word."""
    game = Game(probe, result.players, tuple(tokens))
    areas = [METRICS[name].run(game, result.scores) for name in ("insertion", "deletion")]
    return areas[0].area - areas[1].area  # type: ignore[union-attr]


if __name__ == "__main__":
    main()
