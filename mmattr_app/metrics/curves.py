"""Insertion and deletion: the mean probability of the words while the best players are shown, or hidden, one by one.

As EAGLE and LiMA report them: against the share of the picture that is shown or hidden, in steps of about equal shares.
Players are ranked with their sign, those first that support the words most.
"""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Game
from mmattr_app.domain import Curve, LogProbs, Scores

STEPS = 20


def insertion(game: Game, scores: Scores) -> Curve:
    """Show the best players first, from nothing visible on."""
    ranks = _ranks(game, scores)
    counts, shares = _steps(game, ranks)
    replies = game.probe(ranks < counts[1:, None])
    return _curve(game, shares, np.vstack([game.probe.nothing(), replies]))


def deletion(game: Game, scores: Scores) -> Curve:
    """Hide the best players first, from everything visible on."""
    ranks = _ranks(game, scores)
    counts, shares = _steps(game, ranks)
    return _curve(game, shares, game.probe(ranks >= counts[:, None]))


def _ranks(game: Game, scores: Scores) -> NDArray[np.intp]:  # [players]
    """Give each player's place, 0 for the one that supports the words most."""
    order = np.argsort(-scores.values[:, _columns(game)].sum(axis=1), kind="stable")
    ranks = np.empty(len(order), np.intp)
    ranks[order] = np.arange(len(order))
    return ranks


def _steps(game: Game, ranks: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Give for each step how many players it takes, and their share of all: from none to all."""
    weights = game.players.weights()
    ranked = np.empty(len(weights))
    ranked[ranks] = weights
    shares = np.append(0, ranked.cumsum() / max(ranked.sum(), 1e-12))
    counts = np.unique(np.searchsorted(shares, np.linspace(0, 1, STEPS + 1) - 1e-9))
    return counts, shares[counts]


def _curve(game: Game, shares: NDArray[np.float64], logprobs: LogProbs) -> Curve:
    values = np.exp(logprobs[:, _columns(game)]).mean(axis=1)
    return Curve(shares.astype(np.float32), values.astype(np.float32))


def _columns(game: Game) -> list[int]:
    return list(range(game.probe.tokens) if game.selection is None else game.selection)
