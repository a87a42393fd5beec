"""How well regions fit what is drawn, and what coarse to fine saves and costs; Markdown on standard output."""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Question, Segmentation
from mmattr_app.pipeline import Listener, Plan
from mmattr_app.scenes import Scene, scene
from mmattr_app.segmenters.sam2.generation import at_hand
from mmattr_app.segmenters.sam2.wish import Wish
from mmattr_app.workers.inline import InlineWorker
from tests.bench.pointing import share_of_regions, words_of

PROMPT = "Describe the picture."
CUTS = ("grid:8x8", "slic:64", "felzenszwalb:64", "felzenszwalb:48")
FULL, FINER = "grid:16x16", ("grid:8x8", "refine:4-16")
ENOUGH = 0.25  # of the top region's area must lie on what the word names


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=200, help="seeds 0 to this number, for the fit (%(default)s)")
    parser.add_argument("--pointing", type=int, default=200, help="the same, for coarse to fine (%(default)s)")
    options = parser.parse_args()
    worker = pipeline.open_worker("demo", device="cpu")
    if options.scenes:
        tell_fit(worker, [scene(seed, 512) for seed in range(options.scenes)])
    if options.pointing:
        tell_coarse_to_fine(worker, [scene(seed, 512) for seed in range(options.pointing)])


def tell_fit(worker: InlineWorker, scenes: list[Scene]) -> None:
    """Print the mean overlap (intersection over union) of each object with the region that fits it best."""
    cuts = [*CUTS, *(["sam2", "sam2:keep"] if at_hand(Wish.read("", "cpu").source) else [])]
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


def tell_coarse_to_fine(worker: InlineWorker, scenes: Iterable[Scene]) -> None:
    """Print the masks paid and the pointing accuracy of each way, on scenes that are captioned right."""
    rows: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    played = 0
    for one in scenes:
        answer = pipeline.ask(worker, Question(one.image, PROMPT))
        if answer.text.strip() != one.caption:
            continue
        played += 1
        for regions in (FULL, *FINER):
            paid: list[int] = []
            listener = Listener(on_chunk=lambda keeps, _, paid=paid: paid.append(len(keeps)))
            cut = pipeline.segment(one.image, regions)
            result = pipeline.explain(worker, answer, cut, Plan(), listener=listener)
            rows[regions]["masks"].append(sum(paid))
            point(one, result, rows[regions])
    print(
        f"\n{played} scenes captioned right.\n\n| regions | masks | share | nouns | colour words | area inside: nouns |"
    )
    print("|---|---|---|---|---|---|")
    for regions, row in rows.items():
        masks, full = np.mean(row["masks"]), np.mean(rows[FULL]["masks"])
        hits = [np.mean(np.array(row[kind]) >= ENOUGH) for kind in ("noun", "colour")]
        inside = np.mean(row["noun"])
        print(f"| {regions} | {masks:.0f} | {masks / full:.2f} | {hits[0]:.3f} | {hits[1]:.3f} | {inside:.3f} |")


def point(one: Scene, result: Attribution, row: dict[str, list[float]]) -> None:
    """Note for each noun and colour word how much of its top region lies on what it names."""
    shares = {name: share_of_regions(result.segmentation, pixels) for name, pixels in one.masks.items()}
    for kind, tokens, masks in words_of(one, result.answer):
        top = result.scores.values[:, tokens].sum(axis=1).argmax()
        row[kind].append(float(sum(shares[mask][top] for mask in masks)))


if __name__ == "__main__":
    main()
