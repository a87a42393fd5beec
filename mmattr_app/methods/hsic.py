"""HSIC: how far a token and a player, shown at random, are from independent, by the Hilbert-Schmidt criterion.

HSIC(r, t) = tr(K H L H) / N^2 over N masks, with K = 1 + (1/2 - (m_r - m_r')^2), L = exp(-(z - z')^2 / 2 width^2) and
H = I - 1/N, where m_r ~ Bernoulli(1/2) and z is the log-odds of a token (Novello, Fel and Vigouroux, Making Sense of
Dependence, 2022). score = HSIC(r, t) / sqrt(HSIC(r, r) HSIC(t, t)), from 0 (independent) to 1 (Da Veiga, 2015). It has
no sign, and for N masks it is about 1/N where nothing depends on the player.

Kernels and centring are Xplique's, which gives N HSIC(r, t) of the model's own output: a figure that grows with the
number of masks. Its width is the median of the outputs; here it is the median distance of two of them, since log-odds
may well have a median of zero.
"""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import ENOUGH_MASKS, to_logits
from mmattr_app.arithmetic.sampling import random_halves, usual_masks
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores

MOST_MASKS, SKETCHED = 2048, 256  # the work grows with the square of the masks
NO_DISTANCE = 1e-6  # of two log-odds

Matrix = NDArray[np.float64]


def masks(players: int, budget: int | None, seed: int) -> Keeps:
    """Draw as many masks as the budget says, each player visible with probability one half; few are all asked."""
    return random_halves(players, min(usual_masks(players, budget), MOST_MASKS), seed)


def hsic(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Measure how much each token depends on each player."""
    keeps = masks(game.players.count, budget, seed)
    return Scores(dependence(keeps, to_logits(game.probe(keeps), contrast=game.contrast)).astype(np.float32))


def dependence(keeps: Keeps, logits: Matrix) -> Matrix:  # [players, tokens]
    """Compute the scores. A centred K is 2 x x', where x is a player's centred column, which makes the trace 2 x'Lx."""
    shown = keeps - keeps.mean(axis=0)
    squares = np.maximum((shown**2).sum(axis=0), 1e-9)
    scores = np.zeros((keeps.shape[1], logits.shape[1]))
    for token, column in enumerate(logits.T):
        alike = _likeness(column)
        if (length := np.sqrt((alike**2).sum())) > NO_DISTANCE:
            scores[:, token] = (shown * (alike @ shown)).sum(axis=0) / (squares * length)
    return scores


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Do the same with the last masks that were asked so far."""
    del players
    drawn = np.flatnonzero(~keeps.all(axis=1))[-SKETCHED:]
    if len(drawn) < ENOUGH_MASKS:
        return Scores(np.full((keeps.shape[1], len(full)), np.nan, np.float32))
    return Scores(dependence(keeps[drawn], to_logits(logprobs[drawn])).astype(np.float32))


def _likeness(replies: Matrix) -> Matrix:  # [masks, masks]
    """Give the centred Gaussian kernel of one token's replies; zero where they are all the same."""
    distances = np.abs(replies[:, None] - replies)
    far = distances[np.triu_indices(len(replies), 1)]
    if not far.size or far.max() < NO_DISTANCE:
        return np.zeros_like(distances)
    width = max(float(np.median(far)), NO_DISTANCE)
    kernel = np.exp(-(distances**2) / (2 * width**2))
    centred = kernel - kernel.mean(axis=0)
    return centred - centred.mean(axis=1, keepdims=True)
