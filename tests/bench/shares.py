"""How much of a colour that the demo model says comes from the picture, the question and its own earlier words.

`python -m tests.bench.shares --scenes 100` takes one thing of each scene that there is once, a boat, say, and asks what
colour it is, without naming the colour and with it in the question; what the picture shows; and it reads a text that
says the same twice. Shares are those of the token that is the colour, of the second one in that text. "And not another"
are the shares of what makes it this colour rather than another, in the mean over all others that scenes know.
"""

import argparse
import os
from collections.abc import Iterator
from functools import partial
from typing import TypeAlias

import numpy as np

from mmattr_app import pipeline
from mmattr_app.arithmetic.shares import Shares
from mmattr_app.demo.scenes import COLOURS, scene
from mmattr_app.domain import Answer, LogProbs, Question
from mmattr_app.pipeline import Plan
from mmattr_app.workers.inline import InlineWorker
from tests.bench.resuming import for_each_seed, lone_worker, revision

PLAYERS = ("regions", "words", "answer")
ASKED = "What colour is the {}?"
CAPTION = "Describe the picture."
WAYS = ("colour asked", "colour asked, and not another", "colour in the question", "caption", "said before")

# Way; then shares of picture and question, what only both explain and the chance by own words alone, while those stay;
# then shares of picture, question and own words, and what only several explain, where those are hidden, too.
Row: TypeAlias = tuple[str, list[float]]


def main() -> None:
    """Print a line for each way to ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=100, help="seeds 0 to this number (%(default)s)")
    parser.add_argument("--model", default="demo")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    name = f"shares-{revision(options.model)}"
    found = for_each_seed(name, partial(play, model=options.model), range(options.scenes), options.processes)
    rows = [row for rows in found for row in rows]
    print("| | words | picture | question | only both, nats | own words alone | own words hidden, too |")
    print("|---|---|---|---|---|---|---|")
    for way in WAYS:
        figures = np.array([figures for asked, figures in rows if asked == way]).reshape(-1, 8)
        if len(figures):
            picture, question, joint, chance, *all_kinds = figures.mean(axis=0)
            three = ", ".join(f"{share:.2f}" for share in all_kinds[:3])
            alone = "-" if np.isnan(chance) else f"{chance:.0%}"
            print(f"| {way} | {len(figures)} | {picture:.2f} | {question:.2f} | {joint:+.1f} | {alone} | {three} |")


def play(seed: int, *, model: str) -> list[Row]:
    """Ask about one scene; nothing where no thing in it is there once, or where an answer does not tell its colour."""
    drawn, worker = scene(seed, 256), lone_worker(model)
    kinds = [thing.looks for thing in drawn.objects]
    thing = next((thing for thing in drawn.objects if kinds.count(thing.looks) == 1), None)
    if thing is None:
        return []
    named = f"{thing.colour} {thing.looks}"
    asked = {
        "colour asked": pipeline.ask(worker, _question(drawn.image, ASKED.format(thing.looks))),
        "colour in the question": pipeline.ask(worker, _question(drawn.image, ASKED.format(named))),
        "caption": pipeline.ask(worker, _question(drawn.image, CAPTION)),
        "said before": pipeline.ask(worker, _question(drawn.image, CAPTION), f"A {named}, a {named}."),
    }
    rows = [row for way, answer in asked.items() for row in _rows(way, worker, answer, thing.colour)]
    return [*rows, *_rows_of_contrasts(worker, asked["colour asked"], thing.colour)]


def _question(image: np.ndarray, prompt: str) -> Question:
    return Question((image,), prompt, max_tokens=48)


def _rows(way: str, worker: InlineWorker, answer: Answer, colour: str) -> Iterator[Row]:
    places = _places(answer, colour)
    if not places:
        return
    token = places[-1 if way == "said before" else 0]
    shares, full = measure(worker, answer)
    given = shares.given
    assert given
    chance = float(np.exp(full[token] - given.values[:, token].sum()))
    yield way, _figures(shares, token, chance)


def _rows_of_contrasts(worker: InlineWorker, answer: Answer, colour: str) -> Iterator[Row]:
    """Give the mean of the shares against each other colour, said in the same place."""
    plan, memo, figures = Plan("ablation"), dict[bytes, LogProbs](), list[list[float]]()
    cuts = pipeline.segment_all(answer.question, plan, pipeline.WHOLE)
    for token in _places(answer, colour)[:1]:
        for other in COLOURS:
            if other != colour:
                instead = pipeline.ask_instead(worker, answer, (token,), _written_as(answer.tokens[token], other))
                players = pipeline.find_all_players(answer, cuts, plan)
                how = {"selection": (token,), "instead": instead, "memo": memo}
                shares = pipeline.explain(worker, answer, players, plan, **how).shares
                assert shares
                figures.append(_figures(shares, token, np.nan))
        yield "colour asked, and not another", np.mean(figures, axis=0).tolist()


def _places(answer: Answer, colour: str) -> list[int]:
    return [place for place, token in enumerate(answer.tokens) if token.strip().lower() == colour]


def _written_as(said: str, word: str) -> str:
    """Begin a word with a capital where the answer's own word does."""
    return word.capitalize() if said.strip()[0].isupper() else word


def _figures(shares: Shares, token: int, chance: float) -> list[float]:
    """List what a row of the table has; without own words before the token there is nothing to be given."""
    given = shares.given or shares
    own = [] if shares.given else [0.0]
    figures = [*given.of([token]), given.joint[token], chance, *shares.of([token]), *own, shares.joint[token]]
    return [float(figure) for figure in figures]


def measure(worker: InlineWorker, answer: Answer) -> tuple[Shares, np.ndarray]:
    """Hide the whole picture, all words of the question, and all its own words."""
    plan = Plan("ablation", players=PLAYERS)
    cuts = pipeline.segment_all(answer.question, plan, pipeline.WHOLE)
    result = pipeline.explain(worker, answer, pipeline.find_all_players(answer, cuts, plan), plan)
    assert result.shares
    return result.shares, result.logprob_full


if __name__ == "__main__":
    main()
