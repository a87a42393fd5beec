"""How good the demo model is, and whether attribution finds the cause that we know; Markdown on standard output."""

import argparse
import time
from collections import defaultdict
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

from mmattr_app import pipeline
from mmattr_app.domain import Question
from mmattr_app.models import MODELS
from mmattr_app.models.demo.evaluation import Pair, answers, figures
from mmattr_app.pipeline import Plan
from mmattr_app.scenes import FIRST_TRAINING_SEED, scene
from tests.bench.pointing import GRID, RUNS, Tally, play

AIMS = {
    "caption": 0.95,
    "kind recall": 0.99,
    "kind precision": 0.99,
    "caption colour": 0.99,
    "colour": 0.99,
    "caption position": 0.97,
    "where": 0.97,
    "is there, no": 0.95,
}
OTHERS = 12  # questions beside the caption, drawn for each scene
PROMPT = "Describe the picture."


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=1000, help="seeds 0 to this number (%(default)s)")
    parser.add_argument("--pointing", type=int, default=1000, help="scenes for the pointing game (%(default)s)")
    options = parser.parse_args()
    assert max(options.scenes, options.pointing) <= FIRST_TRAINING_SEED
    started = time.monotonic()
    tell_speed()
    if options.scenes:
        tell_answers(options.scenes)
    if options.pointing:
        tell_pointing(options.pointing)
    print(f"\n{time.monotonic() - started:.0f} s.")


def tell_speed() -> None:
    """Print how long a person waits for a first answer and for a map."""
    worker = pipeline.open_worker("demo", device="cpu")
    question = Question(scene(0, 512).image, PROMPT)
    cut = pipeline.segment(question.image, GRID)
    pipeline.ask(worker, question)  # warms up
    started = time.monotonic()
    answer = pipeline.ask(worker, question)
    answered = time.monotonic()
    pipeline.explain(worker, answer, cut, Plan())
    print(f"An answer in {answered - started:.2f} s, {cut.regions} regions in {time.monotonic() - answered:.2f} s.\n")


def tell_answers(count: int) -> None:
    """Print the share of exact answers for each question type."""
    model: Any = AutoModelForImageTextToText.from_pretrained(MODELS["demo"].source, dtype=torch.float32)
    processor: Any = AutoProcessor.from_pretrained(MODELS["demo"].source)
    pairs: list[Pair] = []
    for seed in range(count):
        drawn = scene(seed, 512)
        others = np.random.default_rng(seed).permutation(len(drawn.questions) - 1)[:OTHERS] + 1
        pairs += [(drawn.image, drawn.questions[index]) for index in (0, *others)]
    table = figures(pairs, answers(model.eval(), processor, pairs))
    print(f"{len(pairs)} questions about {count} scenes.\n\n| figure | right | aim |\n|---|---|---|")
    for name, value in table.items():
        print(f"| {name} | {value:.3f} | {AIMS.get(name, 0.9):.2f} |")


def tell_pointing(count: int) -> None:
    """Print the pointing game of every way to point."""
    worker = pipeline.open_worker("demo", device="cpu")
    tallies: dict[str, Tally] = defaultdict(Tally)
    played = sum(play(worker, scene(seed, 512), PROMPT, tallies) for seed in range(count))
    print(f"\nPointing game, {GRID}, {played} scenes captioned right out of {count}.\n")
    print("| way to point | nouns | colour words | area inside: nouns | colours | energy inside: nouns | colours |")
    print("|---|---|---|---|---|---|---|")
    for name in [*RUNS, "largest object", "chance"]:
        (noun, noun_area, noun_energy), (colour, colour_area, colour_energy) = map(
            tallies[name].row, ("noun", "colour")
        )
        figures_ = (noun, colour, noun_area, colour_area, noun_energy, colour_energy)
        print(f"| {name} | " + " | ".join("" if np.isnan(value) else f"{value:.2f}" for value in figures_) + " |")


if __name__ == "__main__":
    main()
