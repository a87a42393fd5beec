"""MuFidelity: whether subsets with higher scores cost the words more when hidden (Bhatt et al. 2020, as in Xplique)."""

import numpy as np

from mmattr_app.arithmetic import curves
from mmattr_app.arithmetic.agreement import rank_correlation
from mmattr_app.arithmetic.sampling import random_subsets
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores


def mu_fidelity(game: Game, scores: Scores) -> float:
    """Give the rank correlation, over random subsets, between the sum of scores and the log-probability that is lost.

    Zero if one of the two is the same for every subset.
    """
    hidden = random_subsets(game.players.count)
    predicted = np.round(hidden @ curves.score(game, scores), 9)  # sums of equal scores in another order stay equal
    return rank_correlation(predicted, curves.losses(game, hidden))
