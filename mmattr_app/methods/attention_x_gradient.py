"""Attention x gradient (Chefer et al. 2021): attention that raises the token's log-probability, through all layers."""

import numpy as np

from mmattr_app.arithmetic.pixel_maps import score_regions
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.white_box import Floats


def relevance(before: Floats | None, attention: Floats, gradient: Floats | None) -> Floats:
    """Go one layer back: the token's row R [1, positions] becomes R + R M, M = mean over heads of max(0, A * dA)."""
    assert before is not None, "a fold with gradients starts with a row"
    assert gradient is not None, "a fold with gradients gets them"
    total = sum(before @ np.maximum(head * change, 0) for head, change in zip(attention, gradient, strict=True))
    return np.asarray(before + total / len(attention))  # head by head, since all of them at once are a large matrix


def attention_x_gradient(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by the relevance of its positions to the token."""
    del budget, seed
    return score_regions(game, game.open.spread(game.open.attentions(relevance, with_gradients=True).picture))
