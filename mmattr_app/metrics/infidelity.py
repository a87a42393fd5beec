"""Infidelity: how far the scores of hidden players are from what the words lose (Yeh et al. 2019, as in Captum)."""

from mmattr_app.arithmetic import curves
from mmattr_app.arithmetic.sampling import random_subsets
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores


def infidelity(game: Game, scores: Scores) -> float:
    """Give the mean squared difference over random subsets of players, in nats squared.

    Scores are first scaled to make it as small as possible (Captum's `normalize=True`), so their unit does not matter.
    """
    hidden = random_subsets(game.players.count)
    lost = curves.losses(game, hidden)
    predicted = hidden @ curves.score(game, scores)
    power = (predicted**2).sum()
    scale = (predicted * lost).sum() / power if power else 1.0  # least squares
    return float(((scale * predicted - lost) ** 2).mean())
