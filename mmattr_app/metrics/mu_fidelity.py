"""MuFidelity: whether the scores of hidden players rank what the words lose (Bhatt et al. 2020, as in Xplique)."""

import numpy as np

from mmattr_app.arithmetic import curves
from mmattr_app.arithmetic.agreement import rank_correlation
from mmattr_app.arithmetic.sampling import random_subsets
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores


def mu_fidelity(game: Game, scores: Scores) -> float:
    """Give the rank correlation, over random subsets, of their scores' sum and of the log-probability that is lost.

    Zero where either is the same for every subset.
    """
    hidden = random_subsets(game.players.count)
    promised = np.round(hidden @ curves.score(game, scores), 9)  # equal sums in another order are equal
    return rank_correlation(promised, curves.losses(game, hidden))
