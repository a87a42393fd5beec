"""The LASSO surrogate on games that it should solve."""

import numpy as np

from mmattr_app.methods.surrogate import masks, surrogate
from tests.games import LogitGame


def test_a_sparse_game_gives_back_its_weights_but_for_the_shrinking() -> None:
    weights = np.zeros((40, 2))
    weights[[4, 9], 0] = 3, 2
    weights[30, 1] = -4
    scores = surrogate(LogitGame(weights.tolist()).game, budget=64, seed=1)
    assert np.abs(scores.values - weights).max() < 1.0
    assert (np.abs(scores.values)[weights == 0] < 0.35).all()


def test_a_budget_too_small_to_say_anything_is_raised() -> None:
    assert masks(100, 3, 0).shape == (8, 100)
    assert masks(100, None, 0).shape == (64, 100)
