"""Jensen-Shannon divergence: how much hiding a player changes the whole distribution of the next word (ARC-JSD, 2025).

score[r, t] = JSD(P_t(all visible), P_t(all but r)) in bits: 0 if nothing changes, 1 if no word is likely in both. It
sees when other words change while the token's own probability stays the same. It has no sign.
"""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.white_box import Distributions

AT_ONCE = 64  # masks whose distributions are in memory at once


def masks(players: int, budget: int | None, seed: int) -> int:
    """Count the masks: each player hidden once, everything visible, and two that find the likeliest words."""
    del budget, seed
    return players + 3


def jsd(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by how much the distribution at each token changes when it is hidden."""
    del budget, seed
    count = game.players.count
    full = game.distribution(np.ones((1, count), bool))
    without = ~np.eye(count, dtype=bool)
    blocks = [without[first : first + AT_ONCE] for first in range(0, count, AT_ONCE)]
    values = np.concatenate([divergence(game.distribution(block), full) for block in blocks])
    return Scores(values.astype(np.float32))


def divergence(first: Distributions, second: Distributions) -> NDArray[np.float64]:
    """Give the Jensen-Shannon divergence, in bits, of log-probabilities [..., words]: [...]."""
    probabilities = [np.exp(logs.astype(np.float64)) for logs in np.broadcast_arrays(first, second)]
    middle = (probabilities[0] + probabilities[1]) / 2
    safe = np.where(middle > 0, middle, 1)
    parts = [one * np.log2(np.where(one > 0, one, safe) / safe) for one in probabilities]
    return np.maximum((parts[0] + parts[1]).sum(axis=-1) / 2, 0)
