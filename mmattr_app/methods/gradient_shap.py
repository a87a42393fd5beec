"""Gradient SHAP (Lundberg and Lee 2017, as in Captum): expected gradients at the picture with noise added."""

import numpy as np

from mmattr_app.arithmetic.pixel_maps import baselines, full_picture, score_regions_for_span
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
    image = full_picture(game.players).astype(np.float32)
    known = baselines(game.players, rng)
    spread = NOISE * float(image.max() - image.min())
    total = np.zeros((1, 1, 1), np.float32)  # the map
    for _ in range(passes):
        noisy = image + rng.normal(0, spread, image.shape).astype(np.float32)
        line = Line(known[rng.integers(len(known))], noisy, [float(rng.random())], [1 / passes])
        total = total + game.open.gradients(line, [columns(game)]).maps
    return score_regions_for_span(game, total, says=f"{passes} passes over {len(known)} baselines.")
