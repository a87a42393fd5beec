"""Kernel SHAP: Shapley values by least squares, from masks in pairs, each with its complement.

phi = argmin sum_m k(m) (v(m) - v(none) - m'phi)^2 under sum phi = v(all) - v(none), where v is the log-probability of a
token and k(m) = (n - 1) / (C(n, |m|) |m| (n - |m|)) is the Shapley kernel (Lundberg and Lee, A Unified Approach to
Interpreting Model Predictions, 2017; pairs: Covert and Lee, Improving KernelSHAP, 2021).

Sizes |m| are drawn with probability ~ 1 / (|m| (n - |m|)), so that all drawn masks have the same weight, as in Captum's
KernelShap. Captum draws no pairs, and approximates the constraint by weights of 1e6; here it is exact.
"""

from math import comb

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import sketch_effects
from mmattr_app.arithmetic.sampling import every_mask, usual_masks
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores

Matrix = NDArray[np.float64]


def masks(players: int, budget: int | None, seed: int) -> Keeps:
    """Show none, then as many pairs of masks as the budget allows; all masks if there are no more than the budget."""
    number = usual_masks(players, budget)
    if 2 ** min(players, 30) - 1 <= number:
        return every_mask(players)[:-1]  # the last one shows all
    rng, sizes = np.random.default_rng(seed), np.arange(1, players)
    chances = 1 / (sizes * (players - sizes))
    drawn = rng.choice(sizes, ((number - 1) // 2, 1), p=chances / chances.sum())
    keeps = rng.random((len(drawn), players)).argsort(axis=1).argsort(axis=1) < drawn
    return np.vstack([np.zeros((1, players), bool), np.stack([keeps, ~keeps], axis=1).reshape(-1, players)])


def kernelshap(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score the players so that their scores add up to the gain by all of them, and fit the masks best."""
    count = game.players.count
    keeps = masks(count, budget, seed)
    none, values = np.split(game.probe(keeps).astype(np.float64), [1])
    total = game.probe(np.ones((1, count), bool)) - none
    every = len(keeps) == 2 ** min(count, 30) - 1
    weights = _kernel(keeps[1:]) if every else np.ones(len(keeps) - 1)
    return Scores(fit(keeps[1:], values - none, total, weights).astype(np.float32))


def fit(keeps: Keeps, values: Matrix, total: Matrix, weights: Matrix) -> Matrix:  # [players, tokens]
    """Solve the constrained least squares: equal shares of the total, plus differences that add up to zero."""
    shown, roots = keeps.mean(axis=1, keepdims=True), np.sqrt(weights)[:, None]
    players: Matrix = roots * (keeps - shown)
    rest: Matrix = roots * (values - shown * total)
    moved = np.linalg.lstsq(players, rest, rcond=None)[0]  # the solution of least norm, which adds up to zero
    return total / keeps.shape[1] + moved.astype(np.float64)


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Give mean effects until all masks are asked."""
    del players, full
    return sketch_effects(keeps, logprobs)


def _kernel(keeps: Keeps) -> Matrix:
    count = keeps.shape[1]
    return np.array([(count - 1) / (comb(count, size) * size * (count - size)) for size in keeps.sum(axis=1).tolist()])
