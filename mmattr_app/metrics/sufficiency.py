"""Sufficiency: what the words lose when only the best tenth of the picture is left (ERASER)."""

import numpy as np

from mmattr_app.arithmetic import curves
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores

SHARE = 0.1  # share of the picture's area that stays visible


def sufficiency(game: Game, scores: Scores) -> float:
    """Give the mean probability with everything visible minus that with the best players only; 0 is best."""
    order = curves.best_first(game, scores)
    best = max(curves.count_of(game.players, order, SHARE), 1)
    replies = game.probe(curves.show_first(order, np.array([game.players.count, best])))
    everything, part = np.exp(replies[:, curves.columns(game)].astype(np.float64)).mean(axis=1)
    return float(everything - part)
