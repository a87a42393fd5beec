"""The LASSO surrogate on games that it should solve."""

import re
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from mmattr_app.methods.surrogate import _fit, datamodelling_score, masks, surrogate
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


def test_its_quality_is_the_rank_correlation_of_what_it_predicts_for_masks_held_out() -> None:
    rng = np.random.default_rng(0)
    weights = np.zeros((12, 1))
    weights[[2, 7], 0] = 3, 2
    keeps = rng.random((64, 12)) < 0.5
    fits = datamodelling_score(keeps, keeps @ weights)
    noise = datamodelling_score(keeps, rng.normal(size=(64, 1)))
    assert fits > 0.95
    assert abs(noise) < 0.35
    scores = surrogate(LogitGame(weights.tolist()).game, budget=64, seed=1)
    assert re.fullmatch(r"Linear datamodelling score: (0\.9\d|1\.00) \(1 is best\), on masks held out\.", scores.says)


def test_what_is_held_out_is_not_fitted() -> None:
    rng = np.random.default_rng(1)
    keeps, logits = rng.random((16, 4)) < 0.5, rng.normal(size=(16, 1))
    score = datamodelling_score(keeps, logits)
    by_hand = np.empty(16)
    for part in range(4):
        known = np.arange(16) % 4 != part
        middle = keeps[known].mean(axis=0)
        by_hand[~known] = logits[known].mean() + (keeps[~known] - middle) @ _fit(keeps[known], logits[known])[:, 0]
    found: Any = spearmanr(by_hand, logits[:, 0])
    assert score == pytest.approx(found.statistic)
