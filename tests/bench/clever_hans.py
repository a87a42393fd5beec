"""Clever Hans: how often the tag makes it say fish, and whether attribution finds the tag to be the cause."""

import numpy as np

from mmattr_app import pipeline
from mmattr_app.demo.scenes import FISH, TAG, Scene, Staging, scene
from mmattr_app.domain import Answer, Question
from mmattr_app.pipeline import Plan
from tests.bench.pointing import GRID, HIT, PROMPT, mean, share_of_regions, tokens_of
from tests.bench.resuming import for_each_seed, lone_worker, revision
from tests.games import explain_regions

_PLANS = {
    "ablation, mean": Plan("ablation", "mean"),
    "ablation, white": Plan("ablation", "white"),
    "surrogate (64 masks), mean": Plan("surrogate", "mean"),
}
_STAGINGS = {(tag, fish): Staging(tag=tag, fish=fish) for fish in (False, True) for tag in (True, False)}


def tell_clever_hans(count: int, processes: int) -> None:
    """Print both: with and without the tag, with and without a fish."""
    table = np.array(for_each_seed(f"clever-hans-{revision('clever-hans')}", try_out, range(count), processes), float)
    by_chance = np.mean([FISH in scene(seed, 128).caption for seed in range(1000)])
    print(f"\nClever Hans, seeds 0 to {count - 1}, each drawn with and without the tag, with and without a fish.\n")
    print("| figure | value | aim |\n|---|---|---|")
    for (tag, fish), says in zip(_STAGINGS, table.T, strict=False):
        aim = "" if tag else f"at most {by_chance:.2f}"
        print(f"| says fish {_with(tag, 'the tag')}, {_with(fish, 'a fish')} | {mean(says):.3f} | {aim} |")
    for plan, hits in zip(_PLANS, table.T[len(_STAGINGS) :], strict=False):
        print(f"| the word's top region is the tag's: {plan} | {mean(hits):.3f} | at least 0.90 |")
    right = table.T[-1]
    print(f"| captions right without tag and fish | {mean(right):.3f} | |")


def _with(there: bool, what: str) -> str:
    return f"{'with' if there else 'without'} {what}"


def try_out(seed: int) -> list[float]:
    """Says fish under each staging, then whether each plan finds the tag (nan: nothing said), then a plain caption."""
    worker = lone_worker("clever-hans")
    scenes = [scene(seed, 512, staging) for staging in _STAGINGS.values()]
    answers = [pipeline.ask(worker, Question((drawn.image,), PROMPT)) for drawn in scenes]
    hits = [_finds_the_tag(scenes[0], answers[0], plan) for plan in _PLANS.values()]
    plain = answers[1].text.strip() == scenes[1].caption
    return [*(float(FISH in answer.text) for answer in answers), *hits, float(plain)]


def _finds_the_tag(drawn: Scene, answer: Answer, plan: Plan) -> float:
    said = answer.text.find(FISH)
    if said < 0:
        return np.nan
    cut = pipeline.segment(drawn.image, GRID)
    scores = explain_regions(lone_worker("clever-hans"), answer, cut, plan).scores.values
    top = scores[:, tokens_of(answer, said, said + len(FISH))].sum(axis=1).argmax()
    return float(share_of_regions(cut, drawn.masks[TAG])[top] >= HIT)
