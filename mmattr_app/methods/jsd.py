"""Jensen-Shannon divergence: how far hiding a player shifts the whole distribution of the next word (ARC-JSD, 2025).

score[r, t] = JSD(P_t(all visible), P_t(all but r)) in bits: 0 where nothing moves, 1 where no word is likely in both.
A word's own probability can stay while its rivals change places, which only this sees; it has no sign.
"""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.open_models import Distributions

AT_ONCE = 64  # masks whose distributions are held


def masks(players: int, budget: int | None, seed: int) -> int:
    """Count them: each player hidden once, everything, and both ends to see which words are likely."""
    del budget, seed
    return players + 3


def jsd(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by how far the distribution at each token moves when it is hidden."""
    del budget, seed
    count = game.players.count
    full = game.distribution(np.ones((1, count), bool))
    without = ~np.eye(count, dtype=bool)
    blocks = [without[first : first + AT_ONCE] for first in range(0, count, AT_ONCE)]
    values = np.concatenate([divergence(game.distribution(block), full) for block in blocks])
    return Scores(values.astype(np.float32))


def divergence(first: Distributions, second: Distributions) -> NDArray[np.float64]:
    """Give the Jensen-Shannon divergence of distributions [..., words] given as log-probabilities, in bits: [...]."""
    probabilities = [np.exp(logs.astype(np.float64)) for logs in np.broadcast_arrays(first, second)]
    middle = (probabilities[0] + probabilities[1]) / 2
    safe = np.where(middle > 0, middle, 1)
    parts = [one * np.log2(np.where(one > 0, one, safe) / safe) for one in probabilities]
    return np.maximum((parts[0] + parts[1]).sum(axis=-1) / 2, 0)
