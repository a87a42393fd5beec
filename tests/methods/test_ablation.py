"""Ablation against its closed form."""

import numpy as np

from mmattr_app.methods.ablation import ablation
from tests.games import LogitGame


def test_the_scores_are_the_closed_form() -> None:
    weights = np.random.default_rng(0).normal(size=(7, 5))
    logits = weights.sum(axis=0) - 1
    expected = np.logaddexp(0, -(logits - weights)) - np.logaddexp(0, -logits)
    scores = ablation(LogitGame(weights.tolist()).game, budget=None, seed=0)
    np.testing.assert_allclose(scores.values, expected, atol=1e-5)
