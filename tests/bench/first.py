"""How soon a growing heatmap is worth a look: the share of the masks until a word's top region so far is right.

Right is, as in the pointing game, a region that lies on what the word names; a word counts when the whole run gets it
right. The same scores in reading order and in a random one tell what asking in a wise order is worth.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Call, Worker
from mmattr_app.domain import Answer, Attribution, Keep
from mmattr_app.pipeline import Plan
from mmattr_app.workers.calls import Scoring
from tests.bench.pointing import GRID, HIT, caption, share_of_regions, words_of
from tests.bench.resuming import lone_worker
from tests.games import explain_regions


def main() -> None:
    """Print a line for each order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=100, help="seeds 0 to this number (%(default)s)")
    options = parser.parse_args()
    shares: dict[str, list[float]] = defaultdict(list)
    for seed in range(options.scenes):
        for order, share in play(seed):
            shares[order].append(share)
    print("| order | words | mean share of the run | median | nine of ten words |\n|---|---|---|---|---|")
    for order, found in shares.items():
        figures = (np.mean(found), np.median(found), np.quantile(found, 0.9))
        print(f"| {order} | {len(found)} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |")


def play(seed: int) -> list[tuple[str, float]]:
    """Tell for each word and order which share of the masks it took."""
    if (captioned := caption(seed)) is None:
        return []
    drawn, answer = captioned
    result, asked = explain(lone_worker("demo"), answer)
    regions = result.segmentation.regions
    others = {"reading order": np.arange(regions), "random": np.random.default_rng(seed).permutation(regions)}
    shares = {name: share_of_regions(result.segmentation, pixels) for name, pixels in drawn.masks.items()}
    found: list[tuple[str, float]] = []
    for _, tokens, masks in words_of(drawn, answer):
        scores = result.scores.values[:, tokens].sum(axis=1)
        right = np.sum([shares[mask] for mask in masks], axis=0) >= HIT
        if right[scores == scores.max()].all():
            found += [(name, until(right, scores, order)) for name, order in {"as asked": asked, **others}.items()]
    return found


def explain(worker: Worker, answer: Answer) -> tuple[Attribution, NDArray[np.int64]]:
    """Hide one region at a time, and note in which order."""
    noting = Noting(worker)
    cut = pipeline.segment(answer.question.image, GRID)
    result = explain_regions(noting, answer, cut, Plan("ablation"))
    hidden = ~np.array(noting.asked)
    return result, hidden[hidden.sum(axis=1) == 1].argmax(axis=1)


class Noting:
    """A worker that notes the masks in the order in which they are asked."""

    def __init__(self, worker: Worker) -> None:
        self._worker, self.lanes, self.chunk = worker, worker.lanes, worker.chunk
        self.asked: list[Keep] = []

    def run(self, call: Call[Any]) -> Iterator[Any]:
        """Note the masks of a scoring call, and run it."""
        if isinstance(call, Scoring) and call.keeps is not None:
            self.asked.extend(call.keeps)
        return self._worker.run(call)

    def asking(self, model: str) -> Worker:
        """Note nothing of another model."""
        return self._worker.asking(model)


def until(right: NDArray[np.bool_], scores: NDArray[np.float32], order: NDArray[np.int64]) -> float:
    """Give the share of the masks, with those of the whole picture and none of it, until the top region stays right."""
    tops = [order[: asked + 1][scores[order[: asked + 1]].argmax()] for asked in range(len(order))]
    wrong = np.flatnonzero(~right[tops])
    first = wrong[-1] + 2 if len(wrong) else 1
    return float((first + 2) / (len(order) + 2))


if __name__ == "__main__":
    main()
