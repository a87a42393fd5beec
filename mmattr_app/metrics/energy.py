"""The energy-based pointing game (Score-CAM): the share of the support on the object, where the object is known."""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.curves import score
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores


def energy(game: Game, scores: Scores, inside: NDArray[np.float64]) -> float:
    """Give the share of the positive scores, weighted by area, that lies on the object; NaN if none is positive.

    `inside` [players] is the share of each player that lies on the object.
    """
    heat = np.maximum(score(game, scores), 0) * game.players.weights()
    return float((heat * inside).sum() / heat.sum()) if heat.any() else float("nan")
