"""Gradient SHAP (Lundberg and Lee 2017, as in Captum): expected gradients at the picture with noise added."""

import numpy as np

from mmattr_app.arithmetic.pixel_maps import baselines, full_pictures, noisy, score_regions_for_span, sum_up
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.spans import columns
from mmattr_app.white_box import Line

DEFAULT_PASSES = 64
NOISE = 0.05  # standard deviation, as a share of the range of the picture's values


def masks(players: int, budget: int | None, seed: int) -> int:
    """Count the passes: the budget."""
    del players, seed
    return budget or DEFAULT_PASSES


def gradient_shap(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by the mean of its pixels' (noisy picture - baseline) times gradient, at random points."""
    passes, rng = masks(game.players.count, budget, seed), np.random.default_rng(seed)
    pictures = full_pictures(game.players)
    known = baselines(game.players, rng)

    def draw() -> Line:
        end = noisy(pictures, NOISE, rng)
        return Line(known[rng.integers(len(known))], end, [float(rng.random())], [1 / passes])

    maps = sum_up(game.open.gradients(draw(), [columns(game)]).maps for _ in range(passes))
    return score_regions_for_span(game, maps, says=f"{passes} passes over {len(known)} baselines.")
