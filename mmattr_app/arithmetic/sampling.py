"""Random masks for methods to ask about."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Keeps

LENGTH = 2.0  # of a smooth field, in mean sizes of a player: shorter hides every object everywhere, longer blurs
FEWEST_MASKS, MASKS_A_PLAYER, LEAST_DEFAULT = 8, 4, 64  # fewer masks say nothing about more than a few players


SUBSETS = 100  # random ones, by which a map is judged
HIDDEN = 0.2  # share of the players in such a subset (Xplique)

SHARES = (0.4, 0.6)  # of the players that are visible; were it always the half, no mask would tell what all add up to


def smooth_halves(places: NDArray[np.float64], number: int, rng: np.random.Generator) -> Keeps:
    """Draw masks that keep about half of the players: those where a smooth random field is high.

    The field is Gaussian with covariance exp(-d^2 / 2 LENGTH^2), where d is the distance of two players.
    """
    values, vectors = np.linalg.eigh(np.exp(-squared_distances(places) / (2 * LENGTH**2)))
    field = (rng.standard_normal((number, len(places))) * np.sqrt(np.maximum(values, 0))) @ vectors.T
    ranks = field.argsort(axis=1).argsort(axis=1)
    return ranks >= len(places) * rng.uniform(*SHARES, (number, 1))


def smooth_halves_of_kinds(
    places: NDArray[np.float64], kinds: Sequence[str], number: int, rng: np.random.Generator
) -> Keeps:
    """Draw masks that keep about half of the players of one kind and all others, each kind in its turn.

    A question without half of its words is another question, and would say nothing of the picture.
    """
    names = list(dict.fromkeys(kinds))
    if len(names) == 1:
        return smooth_halves(places, number, rng)
    keeps = np.ones((number, len(places)), bool)
    for turn, name in enumerate(names):
        members = np.flatnonzero(np.array(kinds) == name)
        keeps[turn :: len(names), members] = smooth_halves(places[members], len(keeps[turn :: len(names)]), rng)
    return keeps


def usual_masks(players: int, budget: int | None) -> int:
    """Give the budget, or a number of masks that grows with the players, as all that can be told of them does."""
    return max(FEWEST_MASKS, budget or max(MASKS_A_PLAYER * players, LEAST_DEFAULT))


def random_halves(players: int, number: int, seed: int) -> Keeps:
    """Show each player with probability one half; where there are not more masks than that in all, give them all."""
    if 2 ** min(players, 30) <= number:
        return every_mask(players)
    return np.random.default_rng(seed).random((number, players)) < 0.5


def random_subsets(players: int) -> Keeps:
    """Draw SUBSETS subsets of the players, all of one size, the same each time: True is a member."""
    ranks = np.random.default_rng(0).random((SUBSETS, players)).argsort(axis=1).argsort(axis=1)
    return ranks < max(round(HIDDEN * players), 1)


def every_mask(players: int) -> Keeps:
    """List all masks there are, for few players; the first one shows none."""
    return np.array([[mask >> player & 1 for player in range(players)] for mask in range(2**players)], bool)


def squared_distances(places: NDArray[np.float64]) -> NDArray[np.float64]:  # [players, players]
    """Give the square of the distance between any two players."""
    return ((places[:, None] - places[None]) ** 2).sum(axis=-1)
