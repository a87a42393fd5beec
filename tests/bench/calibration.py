"""Whether smooth's errors are right, on scenes; Markdown on standard output.

The default run is held against ten times as many drawn masks: how often its intervals hold their scores, and how often
a top that it calls sure is theirs. Only words that need the picture count.
"""

import argparse
import os
from typing import TypeAlias

import numpy as np

from mmattr_app import pipeline
from mmattr_app.arithmetic.choosing import are_apart
from mmattr_app.arithmetic.fitting import find_sensitive, fit_weights, to_logits
from mmattr_app.arithmetic.sampling import smooth_halves
from mmattr_app.domain import INTERVAL, Task
from mmattr_app.methods.smooth import DEFAULT_MASKS
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.settings import settings
from tests.bench.cases import probe_of
from tests.bench.faithfulness import FINE, HALF
from tests.bench.pointing import caption
from tests.bench.resuming import for_each_seed, lone_worker, revision
from tests.games import explain_regions

MANY = 10 * DEFAULT_MASKS

# Share of intervals that hold, of all regions and of those over half the top; tokens whose top is called sure, and of
# these, those whose top lies elsewhere; tokens
Row: TypeAlias = tuple[float, float, int, int, int]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=100, help="seeds 0 to this number (%(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (%(default)s)")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.scenes)
    rows = [row for row in for_each_seed(f"calibration-{revision('demo')}", play, seeds, options.processes) if row]
    everywhere, strong, sure, wrong, tokens = np.array(rows).T
    print(f"\n{len(rows)} scenes captioned right, {int(tokens.sum())} tokens that need the picture.\n")
    print("| | share |\n|---|---|")
    print(f"| 90% intervals that hold, all regions | {everywhere.mean():.3f} |")
    print(f"| 90% intervals that hold, regions over half the top | {strong.mean():.3f} |")
    print(f"| tokens whose top is called sure | {sure.sum() / tokens.sum():.3f} |")
    print(f"| tops called sure that are where {MANY} masks have them | {1 - wrong.sum() / max(sure.sum(), 1):.3f} |")


def play(seed: int) -> Row | tuple[()]:
    """Compare on one scene; nothing if the model does not caption it right."""
    if (captioned := caption(seed)) is None:
        return ()
    (drawn, answer), worker = captioned, lone_worker("demo")
    players = Regions(answer.question, pipeline.segment(drawn.image, FINE), "mean")
    places = players.places()
    result = explain_regions(worker, answer, players.segmentation, Plan("smooth"))
    needy = find_sensitive(result.logprob_full, result.logprob_blank)
    keeps = smooth_halves(places, MANY, np.random.default_rng(seed + 1))
    truth = fit_weights(places, keeps, to_logits(probe_of(worker, Task(answer, players))(keeps)), needy).mean[:, needy]
    found = result.scores.values[:, needy]
    errors = np.stack([error for token in needy if (error := result.scores.error([token])) is not None], axis=1)
    held = np.abs(found - truth) < INTERVAL * errors
    strong = found > HALF * found.max(axis=0)
    away = are_apart(places[found.argmax(axis=0)], places[truth.argmax(axis=0)])
    assert result.scores.doubts is not None
    sure = result.scores.doubts[needy] <= settings().wrong_top / 100
    return float(held.mean()), float(held[strong].mean()), int(sure.sum()), int((sure & away).sum()), len(needy)


if __name__ == "__main__":
    main()
