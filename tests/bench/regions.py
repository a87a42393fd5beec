"""How well regions fit what is drawn, and what coarse to fine saves and costs; Markdown on standard output."""

import argparse
import os
import time
from typing import TypeAlias

import numpy as np

from mmattr_app import pipeline
from mmattr_app.demo.scenes import Scene, scene
from mmattr_app.pipeline import Listener, Plan
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters.sam2.generation import is_local
from mmattr_app.segmenters.sam2.options import Options
from mmattr_app.workers.inline import InlineWorker
from tests.bench.pointing import caption, share_of_regions, words_of
from tests.bench.resuming import for_each_seed, forget, lone_worker, revision
from tests.games import explain_regions

CUTS = ("grid:8x8", "slic:64", "felzenszwalb:64", "felzenszwalb:48")
FULL, FINER = "grid:16x16", ("grid:8x8", "grid:5x5", "refine:5-16")
ENOUGH = 0.25  # of the top region's area must lie on what the word names

# Of one way to cut: the masks paid, and for each noun and each colour word how much of its top region lies on it.
Row: TypeAlias = tuple[int, list[float], list[float]]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=200, help="seeds 0 to this number, for the fit (%(default)s)")
    parser.add_argument("--pointing", type=int, default=200, help="the same, for coarse to fine (%(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first seed of coarse to fine (%(default)s)")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="for coarse to fine (%(default)s)")
    parser.add_argument("--fresh", action="store_true", help="forget the kept lines first")
    options = parser.parse_args()
    if options.fresh:
        forget()
    if options.scenes:
        tell_fit(pipeline.open_worker("demo", device="cpu"), [scene(seed, 512) for seed in range(options.scenes)])
    if options.pointing:
        tell_coarse_to_fine(range(options.first, options.first + options.pointing), options.processes)


def tell_fit(worker: InlineWorker, scenes: list[Scene]) -> None:
    """Print the mean overlap (intersection over union) of each object with the region that fits it best."""
    cuts = [*CUTS, *(["sam2", "sam2:keep"] if is_local(Options.read("", "cpu").source) else [])]
    print(
        f"{len(scenes)} scenes.\n\n| regions | made | mean IoU of the best region | seconds each |\n|---|---|---|---|"
    )
    for regions in cuts:
        started = time.monotonic()
        found = [pipeline.segment(one.image, regions, worker) for one in scenes]
        seconds = (time.monotonic() - started) / len(scenes)
        fits = [fit(cut, drawn.mask) for cut, one in zip(found, scenes, strict=True) for drawn in one.objects]
        made = np.mean([cut.regions for cut in found])
        print(f"| {regions} | {made:.0f} | {np.mean(fits):.3f} | {seconds:.2f} |", flush=True)


def fit(cut: Segmentation, pixels: np.ndarray) -> float:
    """Give the overlap of an object with its best region."""
    inside = np.array([np.count_nonzero(cut.mask(region) & pixels) for region in range(cut.regions)])
    return float((inside / (cut.areas + np.count_nonzero(pixels) - inside)).max())


def tell_coarse_to_fine(seeds: range, processes: int) -> None:
    """Print the masks paid and the pointing accuracy of each way, on scenes that are captioned right."""
    name = f"regions-{revision('demo')}-{'-'.join(FINER).replace(':', '')}"
    played = [rows for rows in for_each_seed(name, play, seeds, processes) if rows]
    print(f"\n{len(played)} scenes captioned right, seeds {seeds.start} to {seeds.stop - 1}.\n")
    print("| regions | masks | share | nouns | colour words | area inside: nouns | colours |")
    print("|---|---|---|---|---|---|---|")
    dear = np.mean([rows[FULL][0] for rows in played])
    for regions in (FULL, *FINER):
        masks = np.mean([rows[regions][0] for rows in played])
        words = [np.concatenate([rows[regions][kind] for rows in played]) for kind in (1, 2)]
        figures = [*(np.mean(word >= ENOUGH) for word in words), *(word.mean() for word in words)]
        print(f"| {regions} | {masks:.0f} | {masks / dear:.2f} | {' | '.join(f'{figure:.3f}' for figure in figures)} |")
    print()
    tell_change(FINER[-1], played)


def tell_change(regions: str, played: list[dict[str, Row]]) -> None:
    """Print how many words' hits are lost and gained against the full grid."""
    for kind, word in ((1, "nouns"), (2, "colour words")):
        full, finer = (np.concatenate([rows[way][kind] for rows in played]) >= ENOUGH for way in (FULL, regions))
        lost, gained = np.count_nonzero(full & ~finer), np.count_nonzero(finer & ~full)
        print(f"{regions} loses {lost} hits and gains {gained} among {len(full)} {word}.")


def play(seed: int) -> dict[str, Row]:
    """Explain one scene in every way; nothing if the model does not caption it right."""
    if (captioned := caption(seed)) is None:
        return {}
    (drawn, answer), worker = captioned, lone_worker("demo")
    rows: dict[str, Row] = {}
    memo = {}  # a cell of two grids is paid once here, and counted for both
    for regions in (FULL, *FINER):
        asked: list[int] = []
        listener = Listener(on_result=lambda _, progress, asked=asked: asked.append(progress.done))
        grid, plan = pipeline.read_refined(regions, Plan("ablation"))
        cut = pipeline.segment(drawn.image, grid)
        result = explain_regions(worker, answer, cut, plan, memo=memo, listener=listener)
        shares = {name: share_of_regions(result.segmentation, pixels) for name, pixels in drawn.masks.items()}
        inside: dict[str, list[float]] = {"noun": [], "colour": []}
        for kind, tokens, masks in words_of(drawn, answer):
            top = result.scores.values[:, tokens].sum(axis=1).argmax()
            inside[kind].append(float(sum(shares[mask][top] for mask in masks)))
        rows[regions] = asked[-1], inside["noun"], inside["colour"]
    return rows


if __name__ == "__main__":
    main()
