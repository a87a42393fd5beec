"""How well reliance on the picture finds wrong words, on scenes whose answer key is known; Markdown on standard output.

Reliance is the log-probability that a word loses without the picture; a word said without looking should have little of
it. Wrong words are those that the model says of a scene where they are not true, and true ones that were exchanged for
others of their kind. AUC is the chance that a wrong word has less than a right one: 0.5 is chance, 1 finds all.
"""

import argparse
import os
from functools import partial
from typing import TypeAlias

import numpy as np
from sklearn.metrics import roc_auc_score

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.demo.scenes import COLOURS, KINDS, Scene, scene
from mmattr_app.domain import Answer, Question, Task
from mmattr_app.players.regions import Regions
from tests.bench.cases import probe_of
from tests.bench.pointing import PROMPT, tokens_of
from tests.bench.resuming import for_each_seed, lone_worker, revision

Row: TypeAlias = tuple[str, bool, float, float]  # said or exchanged; wrong; reliance in nats, log-probability
SIGNS = {"reliance": 2, "the word's own probability": 3}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=300, help="seeds 0 to this number (%(default)s)")
    parser.add_argument("--model", default="demo")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    name = f"hallucination-{revision(options.model)}"
    found = for_each_seed(name, partial(play, model=options.model), range(options.scenes), options.processes)
    rows = [row for rows in found for row in rows]
    print("| words | right | wrong | AUC of " + " | AUC of ".join(SIGNS) + " |\n|---|---|---|---|---|")
    for way in ("said", "exchanged"):
        wrong = np.array([row[1] for row in rows if row[0] == way])
        aucs = [_auc(wrong, [-row[column] for row in rows if row[0] == way]) for column in SIGNS.values()]
        print(f"| {way} | {(~wrong).sum()} | {wrong.sum()} | {' | '.join(f'{auc:.3f}' for auc in aucs)} |")


def _auc(wrong: np.ndarray, sign: list[float]) -> float:
    return float(roc_auc_score(wrong, sign)) if wrong.any() and not wrong.all() else float("nan")


def play(seed: int, *, model: str) -> list[Row]:
    """Judge the words of the model's own caption, and of the true one with one noun exchanged."""
    drawn, worker = scene(seed, 512), lone_worker(model)
    question = Question((drawn.image,), PROMPT)
    said = pipeline.ask(worker, question)
    exchanged = pipeline.ask(worker, question, exchange(drawn.caption, np.random.default_rng(seed)))
    return [*_rows("said", said, drawn, worker), *_rows("exchanged", exchanged, drawn, worker)]


def exchange(caption: str, rng: np.random.Generator) -> str:
    """Put another kind of thing in the place of one that the caption names."""
    words = caption.replace(",", " ,").replace(".", " .").split(" ")
    nouns = [place for place, word in enumerate(words) if word in KINDS]
    others = [kind for kind in KINDS if kind not in words]
    if nouns:
        words[int(rng.choice(nouns))] = str(rng.choice(others))
    return " ".join(words).replace(" ,", ",").replace(" .", ".")


def judge(drawn: Scene, text: str) -> list[tuple[int, int, bool]]:
    """Find the nouns and the colours before them, and say which are true of no object: start, end, wrong."""
    objects = [(thing.colour, thing.looks) for thing in drawn.objects]
    found: list[tuple[int, int, bool]] = []
    start, colour = 0, ""
    for word in text.split(" "):
        bare, end = word.strip(",."), start + len(word.strip(",."))
        if bare in KINDS:
            found.append((start, end, bare not in {kind for _, kind in objects}))
            if colour and not found[-1][2]:  # of a thing that is not there no colour is wrong
                found.append((start - len(colour) - 1, start - 1, (colour, bare) not in objects))
        colour = bare if bare in COLOURS else ""
        start += len(word) + 1
    return found


def _rows(way: str, answer: Answer, drawn: Scene, worker: Worker) -> list[Row]:
    players = Regions(answer.question, pipeline.segment(drawn.image, "grid:1x1"), "mean")
    probe = probe_of(worker, Task(answer, players))
    full, blank = probe(np.ones((1, 1), bool))[0], probe.nothing()
    rows: list[Row] = []
    for start, end, wrong in judge(drawn, answer.text):
        tokens = tokens_of(answer, start, end)
        rows.append((way, wrong, float((full - blank)[tokens].sum()), float(full[tokens].sum())))
    return rows


if __name__ == "__main__":
    main()
