"""Grad-CAM (Selvaraju et al. 2017) on the features that the vision tower passes to the language model."""

import numpy as np

from mmattr_app.arithmetic.pixel_maps import score_regions
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.white_box import Floats


def activation_map(features: Floats, gradient: Floats) -> Floats:
    """Weight each feature by its mean gradient over all pictures, sum, and set negative sums to 0: [positions]."""
    return np.maximum(features @ gradient.mean(axis=0), 0)


def grad_cam(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by its features, weighted by how much they raise the token."""
    del budget, seed
    return score_regions(game, game.open.spread(game.open.features(activation_map).picture))
