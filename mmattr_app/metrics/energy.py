"""The energy-based pointing game (Score-CAM), where it is known what the words name: how much support is on it."""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.curves import score
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores


def energy(game: Game, scores: Scores, inside: NDArray[np.float64]) -> float:
    """Give the share of the positive scores, each times its player's area, that lies inside; nan where none is."""
    heat = np.maximum(score(game, scores), 0) * game.players.weights()
    return float((heat * inside).sum() / heat.sum()) if heat.any() else float("nan")
