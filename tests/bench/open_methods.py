"""How faithful the maps of methods that read an open model are, beside causal ones; Markdown on standard output.

The same figures as in tests.bench.faithfulness, on the same scenes, and how well each map agrees with `ablation`: the
mean rank correlation (Spearman) over nouns.
"""

import argparse
import os
import time
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.domain import Answer, Attribution, Scores, Segmentation
from mmattr_app.methods import METHODS
from mmattr_app.pipeline import Listener, Plan
from tests.bench.faithfulness import judge
from tests.bench.pointing import caption, words_of
from tests.bench.resuming import for_each_seed, lone_worker, revision
from tests.games import explain_regions

GRID, CAUSAL = "grid:8x8", "ablation"
WAYS = [CAUSAL, "smooth", *(name for name, method in METHODS.items() if method.needs == "open model")]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=100, help="seeds 0 to this number (%(default)s)")
    parser.add_argument("--curves", action="store_true", help="insertion and deletion, too")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    name = f"open-{revision('demo')}{'-curves' * options.curves}"
    found = for_each_seed(name, partial(play, curves=options.curves), range(options.scenes), options.processes)
    played = [ways for ways in found if ways]
    print(f"\n{GRID}, {len(played)} scenes captioned right, seeds 0 to {options.scenes - 1}.\n")
    print("| map | hit: nouns | colours | top inside: nouns | colours | strong inside: nouns | colours "
          "| insertion - deletion: nouns | colours | agrees with ablation | passes | seconds |")  # fmt: skip
    print("|" + "---|" * 12)
    for way in WAYS:
        tell(way, played)


def tell(way: str, played: list[dict[str, Any]]) -> None:
    """Print the means of one method."""
    rows = [row for found in played for row in found[way]["rows"]]
    tables = [np.array([row[1:] for row in rows if row[0] == kind], float) for kind in ("noun", "colour")]
    means = [np.nanmean(table[:, column]) for column in (0, 1, 3, 4) for table in tables]
    agrees = np.nanmean([value for found in played for value in found[way]["agrees"]])
    passes, seconds = (np.mean([found[way][name] for found in played]) for name in ("passes", "seconds"))
    figures = " | ".join(f"{value:.3f}" for value in (*means, agrees))
    print(f"| {way} | {figures} | {passes:.0f} | {seconds:.2f} |", flush=True)


def play(seed: int, *, curves: bool) -> dict[str, Any]:
    """Explain one scene in every way; nothing if the model does not caption it right."""
    if (captioned := caption(seed)) is None:
        return {}
    (drawn, answer), worker = captioned, lone_worker("demo")
    cut, found, causal = pipeline.segment(drawn.image, GRID), dict[str, Any](), None
    words = [(kind, tokens) for kind, tokens, _ in words_of(drawn, answer)]
    nouns = [tokens for kind, tokens in words if kind == "noun"]
    for way in WAYS:
        passes: list[int] = []
        listener = Listener(on_result=lambda _, progress, passes=passes: passes.append(progress.done))
        started = time.monotonic()
        result = explained(worker, answer, cut, way, words, listener)
        seconds = time.monotonic() - started
        causal = causal or result
        agrees = [agreement(result, causal, tokens) for tokens in nouns]
        rows = judge(worker, result, drawn, curves=curves)
        found[way] = {"rows": rows, "agrees": agrees, "passes": passes[-1], "seconds": seconds}
    return found


def explained(
    worker: Worker, answer: Answer, cut: Segmentation, way: str, words: list[tuple[str, list[int]]], listener: Listener
) -> Attribution:
    """Explain all tokens at once, or word by word where the method is for a selection."""
    plan = Plan(way)
    if METHODS[way].scope == "all tokens":
        return explain_regions(worker, answer, cut, plan, listener=listener)
    memo: dict[bytes, Any] = {}
    results = [
        explain_regions(worker, answer, cut, plan, selection=tuple(tokens), memo=memo, listener=listener)
        for _, tokens in words
    ]
    values = np.sum([result.scores.values for result in results], axis=0)  # of other words each has zero
    return replace(results[0], scores=Scores(values), selection=None)


def agreement(one: Attribution, other: Attribution, tokens: list[int]) -> float:
    """Correlate the ranks of the regions in two maps of a word."""
    first, second = (result.scores.values[:, tokens].sum(axis=1) for result in (one, other))
    if not (np.ptp(first) and np.ptp(second)):
        return float("nan")
    result: Any = spearmanr(first, second)
    return float(result.statistic)


if __name__ == "__main__":
    main()
