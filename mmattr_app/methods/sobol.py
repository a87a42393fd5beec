"""Sobol: the share of a token's variance, under random masks, in which a player has a part (total Sobol index).

S_r = E[(z(m) - z(m with r redrawn))^2] / 2 Var z(m), where z is the log-odds of a token and m_r ~ Bernoulli(1/2):
Jansen's estimator of Sobol's total index (Jansen, Analysis of variance designs for model output, 1999; Fel et al., Look
at the Variance!, 2021). It has no sign. What several players do together is counted for each of them.

Xplique redraws r from a second set of masks, of numbers between 0 and 1. Here a player is either shown or hidden, and
would change in half of the redraws; so r is always flipped and the mean is halved: the same expectation, and less
variance from as many masks. Var is taken over all replies (Xplique: over the first set); it is at least the largest
player's part, so that no index is above 1.
"""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import ENOUGH_MASKS, mean_effects, to_logits
from mmattr_app.arithmetic.sampling import random_halves
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores

DESIGNS, FEWEST_DESIGNS = 8, 2  # random masks in which each player is flipped; Xplique's examples have 32
NO_VARIANCE = 1e-9


def masks(players: int, budget: int | None, seed: int) -> Keeps:
    """Draw as many masks as the budget allows, and flip each player in each; all masks if there are no more."""
    designs = max(FEWEST_DESIGNS, DESIGNS if budget is None else budget // (players + 1))
    drawn = random_halves(players, designs * (players + 1), seed)
    if len(drawn) == 2 ** min(players, 30):
        return drawn
    drawn = drawn[:designs]
    return np.vstack([drawn, (drawn[None] ^ np.eye(players, dtype=bool)[:, None]).reshape(-1, players)])


def sobol(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by its total Sobol index, from 0 to 1."""
    count = game.players.count
    keeps = masks(count, budget, seed)
    logits = to_logits(game.probe(keeps), contrast=game.contrast)
    if len(keeps) == 2 ** min(count, 30):
        flipped = logits[np.arange(len(keeps)) ^ (1 << np.arange(count))[:, None]]
        changes = flipped - logits
    else:
        drawn, flipped = np.split(logits, [len(keeps) // (count + 1)])
        changes = flipped.reshape(count, *drawn.shape) - drawn
    return Scores(_shares((changes**2).mean(axis=1) / 4, logits))


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Give what each player does alone (its first-order index) until all masks are asked."""
    del players
    drawn = ~keeps.all(axis=1)
    if drawn.sum() < ENOUGH_MASKS:
        return Scores(np.full((keeps.shape[1], len(full)), np.nan, np.float32))
    logits = to_logits(logprobs[drawn])
    return Scores(_shares(mean_effects(keeps[drawn], logits) ** 2 / 4, logits))


def _shares(parts: NDArray[np.float64], logits: NDArray[np.float64]) -> NDArray[np.float32]:
    """Divide by the variance of the replies, but by no less than the largest player's part."""
    variances = np.maximum(logits.var(axis=0), parts.max(axis=0))
    return (parts / np.maximum(variances, NO_VARIANCE)).astype(np.float32)
