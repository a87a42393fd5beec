"""Infidelity: how far the scores of hidden players are from what the words lose (Yeh et al. 2019, as Captum has it)."""

from mmattr_app.arithmetic import curves
from mmattr_app.arithmetic.sampling import random_subsets
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores


def infidelity(game: Game, scores: Scores) -> float:
    """Give the mean square of the difference, over random subsets, in nats squared.

    Scores are first scaled so that it is as small as can be (Captum's `normalize=True`): their unit does not matter.
    """
    hidden = random_subsets(game.players.count)
    lost = curves.losses(game, hidden)
    promised = hidden @ curves.score(game, scores)
    power = (promised**2).sum()
    scale = (promised * lost).sum() / power if power else 1.0
    return float(((scale * promised - lost) ** 2).mean())
