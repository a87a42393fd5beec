"""How much of the colour that the demo model says comes from the picture, and how much from the question.

`python -m tests.bench.shares --scenes 100` asks about scenes in which there is one boat, say: once without naming its
colour, and once with it in the question. Shares are those of the token that is the colour.
"""

import argparse
from dataclasses import dataclass, replace

import numpy as np

from mmattr_app import pipeline
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Answer, Question
from mmattr_app.pipeline import Plan
from mmattr_app.probe import Memo
from mmattr_app.shares import Shares
from mmattr_app.workers.inline import InlineWorker

GAMES = {"two kinds": ("regions", "words"), "three kinds": ("regions", "words", "answer")}


@dataclass(frozen=True)
class Case:
    """One scene and one question about a thing in it."""

    named: bool  # the colour stands in the question
    game: str
    shares: np.ndarray  # [kinds]
    signed: np.ndarray  # [kinds], nats
    joint: float


def ask(worker: InlineWorker, image: np.ndarray, thing: str, colour: str, *, named: bool) -> list[Case]:
    """Ask for the colour of a thing; no case where the answer does not tell it."""
    question = Question((image,), f"What colour is the {colour + ' ' if named else ''}{thing}?", max_tokens=12)
    answer = pipeline.ask(worker, question)
    tokens = [place for place, token in enumerate(answer.tokens) if token.strip().lower() == colour]
    if not tokens:
        return []
    memo: Memo = {}
    cases: list[Case] = []
    for game, players in GAMES.items():
        shares = measure(worker, answer, players, memo)
        token = tokens[0]
        signed = shares.values[:, token]
        cases.append(Case(named, game, shares.of([token]), signed, float(shares.joint[token])))
    return cases


def measure(worker: InlineWorker, answer: Answer, players: tuple[str, ...], memo: Memo) -> Shares:
    """Hide the whole picture, all words of the question, and all its own words."""
    plan = replace(Plan("ablation"), players=players)
    cuts = pipeline.segment_all(answer.question, plan, "grid:1x1")
    playing = pipeline.find_players(answer.question, cuts, plan, answer)
    assert playing
    shares = pipeline.explain(worker, answer, playing, plan, memo=memo).shares
    assert shares
    return shares


def main() -> None:
    """Print a row for each game and each way to ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--model", default="demo")
    options = parser.parse_args()
    worker = pipeline.open_worker(options.model)
    cases: list[Case] = []
    asked = {True: 0, False: 0}
    for seed in range(options.scenes):
        drawn = scene(seed, 256)
        kinds = [thing.kind for thing in drawn.objects]
        thing = next((thing for thing in drawn.objects if kinds.count(thing.kind) == 1), None)
        if thing is None:
            continue
        for named in (False, True):
            found = ask(worker, drawn.image, thing.kind, thing.colour, named=named)
            asked[named] += bool(found)
            cases += found
    print(f"answers with the colour: {asked[False]} without it in the question, {asked[True]} with it")
    print("| kinds | colour in the question | picture | question | own words | nats of each | only together |")
    print("|---|---|---|---|---|---|---|")
    for game in GAMES:
        for named in (False, True):
            rows = [case for case in cases if (case.game, case.named) == (game, named)]
            if not rows:
                continue
            shares, signed = (np.mean([getattr(row, name) for row in rows], axis=0) for name in ("shares", "signed"))
            told = [f"{share:.2f}" for share in shares] + [""] * (3 - len(shares))
            joint = np.mean([row.joint for row in rows])
            nats = " ".join(f"{value:+.2f}" for value in signed)
            print(f"| {game} | {'yes' if named else 'no'} | {' | '.join(told)} | {nats} | {joint:+.2f} |")


if __name__ == "__main__":
    main()
