"""HSIC: how much a token depends on a player that is shown at random (Hilbert-Schmidt independence criterion).

HSIC(r, t) = tr(K H L H) / N^2 over N masks, with K = 1 + (1/2 - (m_r - m_r')^2), L = exp(-(z - z')^2 / 2 width^2) and
H = I - 1/N, where m_r ~ Bernoulli(1/2) and z is the log-odds of a token (Novello, Fel and Vigouroux, Making Sense of
Dependence, 2022). score = HSIC(r, t) / sqrt(HSIC(r, r) HSIC(t, t)), from 0 (independent) to 1 (Da Veiga, 2015). It has
no sign, and for N masks it is about 1/N for a player that has no effect.

The kernels and the centring are Xplique's. Xplique gives N HSIC(r, t) of the model's own output, which grows with the
number of masks. Its width is the median of the outputs; here it is the median distance between two of them, since the
median of log-odds may be zero.
"""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import ENOUGH_MASKS, to_logits
from mmattr_app.arithmetic.sampling import random_halves, usual_masks
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores

MOST_MASKS, SKETCHED = 2048, 256  # most masks of the map and of a sketch: the work grows with their square
NO_DISTANCE = 1e-6  # log-odds that are no further apart count as equal

Matrix = NDArray[np.float64]


def masks(players: int, budget: int | None, seed: int) -> Keeps:
    """Draw `budget` masks that show each player with probability 1/2; all masks if there are no more."""
    return random_halves(players, min(usual_masks(players, budget), MOST_MASKS), seed)


def hsic(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by how much each token depends on it, from 0 to 1."""
    keeps = masks(game.players.count, budget, seed)
    return Scores(dependence(keeps, to_logits(game.probe(keeps), contrast=game.contrast)).astype(np.float32))


def dependence(keeps: Keeps, logits: Matrix) -> Matrix:  # [players, tokens]
    """Compute the scores. The centred K is 2 x x', where x is a player's centred column, so the trace is 2 x'Lx."""
    shown = keeps - keeps.mean(axis=0)
    squares = np.maximum((shown**2).sum(axis=0), 1e-9)
    scores = np.zeros((keeps.shape[1], logits.shape[1]))
    for token, column in enumerate(logits.T):
        kernel = _centred_kernel(column)
        if (length := np.sqrt((kernel**2).sum())) > NO_DISTANCE:
            scores[:, token] = (shown * (kernel @ shown)).sum(axis=0) / (squares * length)
    return scores


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Compute the scores from the last masks so far."""
    del players
    drawn = np.flatnonzero(~keeps.all(axis=1))[-SKETCHED:]
    if len(drawn) < ENOUGH_MASKS:
        return Scores(np.full((keeps.shape[1], len(full)), np.nan, np.float32))
    return Scores(dependence(keeps[drawn], to_logits(logprobs[drawn])).astype(np.float32))


def _centred_kernel(replies: Matrix) -> Matrix:  # [masks, masks]
    """Give the centred Gaussian kernel L of one token's replies [masks]; zeros if they are all equal."""
    distances = np.abs(replies[:, None] - replies)
    between_two = distances[np.triu_indices(len(replies), 1)]
    if not between_two.size or between_two.max() < NO_DISTANCE:
        return np.zeros_like(distances)
    width = max(float(np.median(between_two)), NO_DISTANCE)
    kernel = np.exp(-(distances**2) / (2 * width**2))
    centred = kernel - kernel.mean(axis=0)
    return centred - centred.mean(axis=1, keepdims=True)
