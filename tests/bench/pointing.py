"""The pointing game on scenes whose answer key is known: a word's top region should lie on what it names."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.demo.scenes import COLOURS, KINDS, Scene, scene
from mmattr_app.domain import Answer, Question
from mmattr_app.pipeline import Plan
from mmattr_app.segmentation import Segmentation
from tests.bench.resuming import for_each_seed, lone_worker, revision
from tests.games import explain_regions

PROMPT = "Describe the picture."
GRID = "grid:8x8"
HIT = 0.25  # of the top region's area must lie in the word's masks
RUNS = {
    "ablation, white": Plan("ablation", "white"),
    "ablation, mean": Plan("ablation", "mean"),
    "ablation, blur": Plan("ablation", "blur"),
    "surrogate (64 masks), mean": Plan("surrogate", "mean"),
}
GUESSES = ("largest object", "chance")

# Way to point, noun or colour, share of hits, share of the top region's area inside, energy inside (nan: none).
Row = tuple[str, str, float, float, float]


def tell_pointing(count: int, processes: int) -> None:
    """Print the pointing game of every way to point."""
    played = [rows for rows in for_each_seed(f"pointing-{revision('demo')}", play, range(count), processes) if rows]
    print(f"\nPointing game, {GRID}, {len(played)} scenes captioned right out of {count}.\n")
    print("| way to point | nouns | colour words | area inside: nouns | colours | energy inside: nouns | colours |")
    print("|---|---|---|---|---|---|---|")
    for way in (*RUNS, *GUESSES):
        nouns, colours = (
            np.array([row[2:] for rows in played for row in rows if row[:2] == [way, word]], float)
            for word in ("noun", "colour")
        )
        values = [mean(table[:, column]) for column in range(3) for table in (nouns, colours)]
        print(f"| {way} | " + " | ".join("" if np.isnan(value) else f"{value:.2f}" for value in values) + " |")


def mean(values: NDArray[np.float64]) -> float:
    """Leave out what is not a number."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def caption(seed: int) -> tuple[Scene, Answer] | None:
    """Let the demo model caption a scene; None where it is not right in every character."""
    drawn = scene(seed, 512)
    answer = pipeline.ask(lone_worker("demo"), Question((drawn.image,), PROMPT))
    return (drawn, answer) if answer.text.strip() == drawn.caption else None


def play(seed: int) -> list[Row]:
    """Play all RUNS and the guesses on one scene; nothing if the model does not caption it right."""
    if (captioned := caption(seed)) is None:
        return []
    (drawn, answer), worker = captioned, lone_worker("demo")
    cut = pipeline.segment(drawn.image, GRID)
    shares = {mask: share_of_regions(cut, pixels) for mask, pixels in drawn.masks.items()}
    largest = shares[max((o.name for o in drawn.objects), key=lambda mask: drawn.masks[mask].sum())]
    words = [(kind, tokens, _together(shares, masks)) for kind, tokens, masks in words_of(drawn, answer)]
    rows = _runs(worker, answer, cut, words)
    for kind, _, inside in words:
        guess = float(inside[largest.argmax()])
        rows.append(("largest object", kind, float(guess >= HIT), guess, np.nan))
        rows.append(("chance", kind, float((inside >= HIT).mean()), float(inside.mean()), np.nan))
    return rows


def _runs(
    worker: Worker, answer: Answer, cut: Segmentation, words: list[tuple[str, list[int], NDArray[np.float64]]]
) -> list[Row]:
    rows: list[Row] = []
    memo = {}
    for name, plan in RUNS.items():
        values = explain_regions(worker, answer, cut, plan, memo=memo).scores.values
        for kind, tokens, inside in words:
            scores = values[:, tokens].sum(axis=1)
            support = np.maximum(scores, 0)
            energy = float((support * inside).sum() / support.sum()) if support.sum() > 0 else np.nan
            top = float(inside[scores.argmax()])
            rows.append((name, kind, float(top >= HIT), top, energy))
    return rows


def share_of_regions(cut: Segmentation, pixels: NDArray[np.bool_]) -> NDArray[np.float64]:  # [regions]
    """Say how much of each region's area the pixels cover."""
    return np.bincount(cut.atoms[pixels], minlength=cut.regions) / cut.areas


def _together(shares: dict[str, NDArray[np.float64]], masks: tuple[str, ...]) -> NDArray[np.float64]:
    return np.clip(np.sum([shares[mask] for mask in masks], axis=0), 0, 1)


def tokens_of(answer: Answer, start: int, end: int) -> list[int]:
    """Find the tokens that spell text[start:end]."""
    ends = np.cumsum([len(piece) for piece in answer.tokens])
    starts = ends - [len(piece) for piece in answer.tokens]
    return np.flatnonzero((starts < end) & (ends > start)).tolist()


def words_of(drawn: Scene, answer: Answer) -> Iterator[tuple[str, list[int], tuple[str, ...]]]:
    lead = len(answer.text) - len(answer.text.lstrip())
    for mark in drawn.questions[0].marks:
        word = drawn.caption[mark.start : mark.end]
        kind = "noun" if word in KINDS else "colour" if word in COLOURS else ""
        if kind:
            yield kind, tokens_of(answer, mark.start + lead, mark.end + lead), mark.masks
