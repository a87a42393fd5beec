"""Random masks for methods to ask about."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Keeps

LENGTH = 2.0  # length scale of the smooth field, in mean sizes of a player: shorter hides a bit of every object, longer
# blurs the map
FEWEST_MASKS = 8  # fewer masks say nothing about more than a few players
MASKS_A_PLAYER, LEAST_DEFAULT = 4, 64  # the default budget: masks for each player, and masks at least
SHARES = (
    0.4,
    0.6,
)  # range of the share of visible players; if it were always 0.5, the sum of all effects would be lost

SUBSETS = 100  # random subsets that metrics hide
HIDDEN = 0.2  # share of the players in such a subset (Xplique)


def smooth_halves(places: NDArray[np.float64], number: int, rng: np.random.Generator) -> Keeps:
    """Draw masks that keep about half of the players: those where a smooth random field is high.

    The field is Gaussian with covariance exp(-d^2 / 2 LENGTH^2), where d is the distance between two players.
    """
    values, vectors = np.linalg.eigh(np.exp(-squared_distances(places) / (2 * LENGTH**2)))
    field = (rng.standard_normal((number, len(places))) * np.sqrt(np.maximum(values, 0))) @ vectors.T
    ranks = field.argsort(axis=1).argsort(axis=1)
    return ranks >= len(places) * rng.uniform(*SHARES, (number, 1))


def smooth_halves_of_kinds(
    places: NDArray[np.float64], kinds: Sequence[str], number: int, rng: np.random.Generator
) -> Keeps:
    """Draw masks that hide about half of the players of one kind and none of the others; the kinds take turns.

    A question with half of its words hidden is a different question, whose replies would say nothing of the picture.
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
    """Give the budget, or a default number of masks that grows with the players."""
    return max(FEWEST_MASKS, budget or max(MASKS_A_PLAYER * players, LEAST_DEFAULT))


def random_halves(players: int, number: int, seed: int) -> Keeps:
    """Draw `number` masks that show each player with probability 1/2; all masks if there are no more than that."""
    if 2 ** min(players, 30) <= number:
        return every_mask(players)
    return np.random.default_rng(seed).random((number, players)) < 0.5


def random_subsets(players: int) -> Keeps:
    """Draw SUBSETS subsets of the players, all of one size, the same ones each time: [subsets, players]."""
    ranks = np.random.default_rng(0).random((SUBSETS, players)).argsort(axis=1).argsort(axis=1)
    return ranks < max(round(HIDDEN * players), 1)


def every_mask(players: int) -> Keeps:
    """List all 2^players masks: bit i of a mask's number shows player i, so the first mask shows none."""
    return np.array([[mask >> player & 1 for player in range(players)] for mask in range(2**players)], bool)


def in_order(order: NDArray[np.intp]) -> Keeps:
    """Show one player more in each mask, in this order, from none to all: [players + 1, players]."""
    return order.argsort() < np.arange(len(order) + 1)[:, None]


def squared_distances(places: NDArray[np.float64]) -> NDArray[np.float64]:  # [players, players]
    """Give the squared distance between any two players."""
    return ((places[:, None] - places[None]) ** 2).sum(axis=-1)
