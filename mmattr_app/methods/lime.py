"""LIME: a ridge regression of the tokens' log-odds on the visible players; masks that show more players weigh more.

w = argmin sum_m k(m) (z(m) - b - m'w)^2 + |w|^2, where z is the log-odds of a token, m_r ~ Bernoulli(1/2), and
k(m) = exp(-d^2 / 2 width^2) with d = 1 - cos(m, all visible) = 1 - sqrt(share of players shown) (Ribeiro, Singh and
Guestrin, "Why Should I Trust You?", 2016).

As in Captum's Lime: Bernoulli(1/2) masks, cosine distance, width 1. Captum measures the distance between pictures; here
it is the distance between masks (the same if each player is one input of value 1). Captum's default is LASSO with
penalty .01; ridge with penalty 1 is the LIME package's, whose width for pictures is .25.
"""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import sketch_effects, to_logits
from mmattr_app.arithmetic.sampling import random_halves, usual_masks
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores

WIDTH = 1.0  # width of the kernel
PENALTY = 1.0  # penalty of the ridge regression

Matrix = NDArray[np.float64]


def masks(players: int, budget: int | None, seed: int) -> Keeps:
    """Draw `budget` masks that show each player with probability 1/2; all masks if there are no more."""
    return random_halves(players, usual_masks(players, budget), seed)


def lime(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by its weight in the regression."""
    keeps = masks(game.players.count, budget, seed)
    return Scores(fit(keeps, to_logits(game.probe(keeps), contrast=game.contrast)).astype(np.float32))


def fit(keeps: Keeps, logits: Matrix) -> Matrix:  # [players, tokens]
    """Solve the weighted ridge regression; the intercept is not penalised."""
    distances = 1 - np.sqrt(keeps.mean(axis=1))
    weights = np.exp(-(distances**2) / (2 * WIDTH**2))
    shares = weights / weights.sum()
    shown: Matrix = keeps - shares @ keeps
    weighted: Matrix = shown.T * weights
    target: Matrix = logits - shares @ logits
    fitted = np.linalg.solve(weighted @ shown + PENALTY * np.eye(keeps.shape[1]), weighted @ target)
    return fitted.astype(np.float64)


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Give mean effects until all masks are asked."""
    del players, full
    return sketch_effects(keeps, to_logits(logprobs))
