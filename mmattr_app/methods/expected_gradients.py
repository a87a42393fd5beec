"""Expected gradients (Erion et al. 2021): integrated gradients over several baselines, at random points."""

import numpy as np

from mmattr_app.arithmetic.pixel_maps import baselines, full_pictures, score_regions_for_span, sum_up
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.spans import columns
from mmattr_app.white_box import Line

DEFAULT_PASSES = 64


def masks(players: int, budget: int | None, seed: int) -> int:
    """Count the passes: the budget."""
    del players, seed
    return budget or DEFAULT_PASSES


def expected_gradients(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by the mean of its pixels' (picture - baseline) times gradient, over baselines and points.

    The baselines take turns. The line from a baseline to the picture is divided into equal parts, one for each pass,
    with a random point in each part (stratified sampling), so that few passes are enough.
    """
    passes, rng = masks(game.players.count, budget, seed), np.random.default_rng(seed)
    pictures = full_pictures(game.players)
    known = baselines(game.players, rng)
    shares = (rng.permutation(passes) + rng.random(passes)) / passes
    lines = (
        Line(known[number % len(known)], pictures, [float(share)], [1 / passes]) for number, share in enumerate(shares)
    )
    maps = sum_up(game.open.gradients(line, [columns(game)]).maps for line in lines)
    return score_regions_for_span(game, maps, says=f"{passes} passes over {len(known)} baselines.")
