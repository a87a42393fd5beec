"""The pointing game on scenes whose answer key is known: a word's top region should lie on what it names."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.domain import Answer, Attribution, Question, Segmentation
from mmattr_app.pipeline import Plan
from mmattr_app.scenes import COLOURS, KINDS, Scene

GRID = "grid:8x8"
HIT = 0.25  # of the top region's area must lie in the word's masks
RUNS = {
    "ablation, white": Plan("ablation", "white"),
    "ablation, mean": Plan("ablation", "mean"),
    "ablation, blur": Plan("ablation", "blur"),
    "surrogate (64 masks), mean": Plan("surrogate", "mean"),
}


@dataclass
class Tally:
    """What came of one way of pointing: for nouns and colour words, share inside and energy inside."""

    inside: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    energy: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def row(self, word: str) -> tuple[float, float, float]:
        """Hits, mean share of the top region's area, energy inside."""
        inside = np.array(self.inside[word])
        return float((inside >= HIT).mean()), float(inside.mean()), float(np.mean(self.energy[word] or [np.nan]))


def play(worker: Worker, scene: Scene, prompt: str, tallies: dict[str, Tally]) -> bool:
    """Play all RUNS and the two guesses on one scene, if the model captions it right."""
    answer = pipeline.ask(worker, Question(scene.image, prompt))
    if answer.text.strip() != scene.caption:
        return False
    cut = pipeline.segment(scene.image, GRID)
    shares = {mask: share_of_regions(cut, pixels) for mask, pixels in scene.masks.items()}
    named = list(words(scene, answer))
    for name, plan in RUNS.items():
        result = pipeline.explain(worker, answer, cut, plan)
        for kind, tokens, masks in named:
            _count(tallies[name], kind, result, tokens, _together(shares, masks))
    largest = max((o.name for o in scene.objects), key=lambda mask: scene.masks[mask].sum())
    for kind, _, masks in named:
        inside = _together(shares, masks)
        tallies["largest object"].inside[kind].append(float(inside[shares[largest].argmax()]))
        tallies["chance"].inside[kind].extend(inside.tolist())
    return True


def share_of_regions(cut: Segmentation, pixels: NDArray[np.bool_]) -> NDArray[np.float64]:  # [regions]
    """Say how much of each region's area the pixels cover."""
    assert cut.labels is not None, "a grid has labels"
    return np.bincount(cut.labels[pixels], minlength=cut.regions) / cut.areas


def _together(shares: dict[str, NDArray[np.float64]], masks: tuple[str, ...]) -> NDArray[np.float64]:
    return np.clip(np.sum([shares[mask] for mask in masks], axis=0), 0, 1)


def tokens_of(answer: Answer, start: int, end: int) -> list[int]:
    """Find the tokens that spell text[start:end]."""
    ends = np.cumsum([len(piece) for piece in answer.tokens])
    starts = ends - [len(piece) for piece in answer.tokens]
    return np.flatnonzero((starts < end) & (ends > start)).tolist()


def words(scene: Scene, answer: Answer) -> Iterator[tuple[str, list[int], tuple[str, ...]]]:
    lead = len(answer.text) - len(answer.text.lstrip())
    for mark in scene.questions[0].marks:
        word = scene.caption[mark.start : mark.end]
        kind = "noun" if word in KINDS else "colour" if word in COLOURS else ""
        if kind:
            yield kind, tokens_of(answer, mark.start + lead, mark.end + lead), mark.masks


def _count(tally: Tally, kind: str, result: Attribution, tokens: list[int], inside: NDArray[np.float64]) -> None:
    scores = result.scores.values[:, tokens].sum(axis=1)
    support = np.maximum(scores, 0)
    tally.inside[kind].append(float(inside[scores.argmax()]))
    if support.sum() > 0:
        tally.energy[kind].append(float((support * inside).sum() / support.sum()))
