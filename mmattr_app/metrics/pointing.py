"""The pointing game, where it is known what the words name: how much of the best player is on it."""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.curves import score
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores


def pointing(game: Game, scores: Scores, inside: NDArray[np.float64]) -> float:
    """Give the share of the best player that lies inside; `inside` has that share for each player."""
    return float(inside[score(game, scores).argmax()])
