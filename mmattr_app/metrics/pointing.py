"""The pointing game: the share of the best player on the object that the words name, where the object is known."""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.curves import score
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores


def pointing(game: Game, scores: Scores, inside: NDArray[np.float64]) -> float:
    """Give the share of the best player that lies on the object; `inside` [players] has this share for each player."""
    return float(inside[score(game, scores).argmax()])
