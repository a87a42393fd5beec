"""SmoothGrad (Smilkov et al. 2017): the mean absolute gradient at the picture with noise added."""

import numpy as np

from mmattr_app.arithmetic.pixel_maps import full_pictures, noisy, score_regions_for_span, sum_up
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.spans import columns
from mmattr_app.white_box import Line

DEFAULT_PASSES = 32
NOISE = 0.15  # standard deviation, as a share of the range of the picture's values


def masks(players: int, budget: int | None, seed: int) -> int:
    """Count the passes: the budget."""
    del players, seed
    return budget or DEFAULT_PASSES


def smoothgrad(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by its pixels' absolute gradients: how much small changes there change the token, up or down."""
    passes, rng = masks(game.players.count, budget, seed), np.random.default_rng(seed)
    pictures = full_pictures(game.players)
    lines = (Line(pictures, noisy(pictures, NOISE, rng), [1.0], [1 / passes], sizes=True) for _ in range(passes))
    return score_regions_for_span(game, sum_up(game.open.gradients(line, [columns(game)]).maps for line in lines))
