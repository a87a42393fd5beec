"""How good the demo models are, and whether attribution finds the cause that we know; Markdown on standard output.

What takes long is kept under build/bench, a line a scene; a run that was stopped goes on where it stood.
A model has its own lines, a change of scenes, players or methods has not: then begin with --fresh.
"""

import argparse
import os
import time
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

from mmattr_app import pipeline
from mmattr_app.demo.model.evaluation import Pair, answers, figures
from mmattr_app.demo.scenes import FIRST_TRAINING_SEED, scene
from mmattr_app.domain import Question
from mmattr_app.models import MODELS
from mmattr_app.pipeline import Plan
from tests.bench.clever_hans import tell_clever_hans
from tests.bench.photographs import tell_photographs
from tests.bench.pointing import GRID, PROMPT, tell_pointing
from tests.bench.resuming import forget
from tests.bench.wording import tell_wording
from tests.games import explain_regions

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


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=1000, help="seeds 0 to this number (%(default)s)")
    parser.add_argument("--wording", type=int, default=500, help="scenes for other words (%(default)s)")
    parser.add_argument("--photographs", type=int, default=300, help="variants of each photograph (%(default)s)")
    parser.add_argument("--pointing", type=int, default=1000, help="scenes for the pointing game (%(default)s)")
    parser.add_argument("--hans", type=int, default=300, help="scenes for Clever Hans (%(default)s)")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="for all of these (%(default)s)")
    parser.add_argument("--fresh", action="store_true", help="forget the kept lines first")
    options = parser.parse_args()
    counts = (options.scenes, options.wording, options.photographs, options.pointing, options.hans)
    assert max(counts) <= FIRST_TRAINING_SEED
    if options.fresh:
        forget()
    started = time.monotonic()
    if options.scenes:
        tell_speed()
        tell_answers(options.scenes)
    if options.wording:
        tell_wording(options.wording, options.processes)
    if options.photographs:
        tell_photographs(options.photographs, options.processes)
    if options.pointing:
        tell_pointing(options.pointing, options.processes)
    if options.hans:
        tell_clever_hans(options.hans, options.processes)
    print(f"\n{time.monotonic() - started:.0f} s.")


def tell_speed() -> None:
    """Print how long a person waits for a first answer and for a map."""
    worker = pipeline.open_worker("demo", device="cpu")
    question = Question((scene(0, 512).image,), PROMPT)
    cut = pipeline.segment(question.image, GRID)
    pipeline.ask(worker, question)  # warms up
    started = time.monotonic()
    answer = pipeline.ask(worker, question)
    answered = time.monotonic()
    explain_regions(worker, answer, cut, Plan("ablation"))
    print(f"An answer in {answered - started:.2f} s, {cut.regions} regions in {time.monotonic() - answered:.2f} s.\n")


def tell_answers(count: int) -> None:
    """Print the share of answers for each question type that tell the facts of the key."""
    model: Any = AutoModelForImageTextToText.from_pretrained(MODELS["demo"].source, dtype=torch.float32)
    processor: Any = AutoProcessor.from_pretrained(MODELS["demo"].source)
    pairs: list[Pair] = []
    for seed in range(count):
        drawn = scene(seed, 512)
        for asked, first in ((drawn.questions, 1), (drawn.further, 0)):
            others = np.random.default_rng(seed).permutation(len(asked) - first)[:OTHERS] + first
            pairs += [(drawn.image, asked[index]) for index in (*range(first), *others)]
    table = figures(pairs, answers(model.eval(), processor, pairs))
    print(f"{len(pairs)} questions about {count} scenes.\n\n| figure | right | aim |\n|---|---|---|")
    for name, value in table.items():
        print(f"| {name} | {value:.3f} | {AIMS.get(name, 0.9):.2f} |")


if __name__ == "__main__":
    main()
