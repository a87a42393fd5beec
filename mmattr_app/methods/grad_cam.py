"""Grad-CAM (Selvaraju et al. 2017) on what the vision tower gives the language model."""

import numpy as np

from mmattr_app.arithmetic.pixel_maps import score_regions
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.open_models import Floats


def activation_map(features: Floats, gradient: Floats) -> Floats:
    """Weigh each feature by its mean gradient over the picture, and keep where the sum is positive: [positions]."""
    return np.maximum(features @ gradient.mean(axis=0), 0)


def grad_cam(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by how much its features are those that raise the token."""
    del budget, seed
    return score_regions(game, game.open.spread(game.open.features(activation_map).picture))
