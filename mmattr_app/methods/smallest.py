"""Smallest: search for the smallest set of regions that keeps most of the words' probability when it alone is visible.

As in Fong et al., "Understanding Deep Networks via Extremal Perturbations" (2019), but over regions and by a search.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import fit_weights, to_logits
from mmattr_app.arithmetic.sampling import every_mask, smooth_halves
from mmattr_app.contracts import Game
from mmattr_app.domain import Keeps, Scores
from mmattr_app.spans import share_out

KEEPS = 0.9  # share of the words' probability that the set must keep
DEFAULT_MASKS, FEWEST_MASKS = 512, 16
DRAWN = 64  # masks for the first ranking of the players; at most a quarter of all masks
NOTHING = "These words need no region: with all of them hidden they are as likely, or more."
SIZES = 16  # sets of different sizes that are tried at once


def masks(players: int, budget: int | None, seed: int) -> int:
    """Give the most masks: the budget, or all masks if there are no more."""
    del seed
    return min(max(FEWEST_MASKS, budget or DEFAULT_MASKS), 2 ** min(players, 30))


def smallest(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score the regions of the set from 1 downwards, the most needed one first; the other regions get 0."""
    assert game.selection, "this method is for a selection"
    search = _Search(game, masks(game.players.count, budget, seed))
    if search.left >= 2**game.players.count:
        found, how = search.among_all(), "No smaller set does, all were tried."
    else:
        found = search.shrink(search.begin(np.random.default_rng(seed)))
        how = "It can spare none of them." if search.is_minimal else "The masks did not suffice to make it smaller."
    values = np.zeros((game.players.count, 1), np.float32)
    values[found, 0] = np.linspace(1, 0, len(found), endpoint=False)
    return share_out(
        Scores(values, says=f"{search.says(found)} {how}" if found else NOTHING), game.probe.tokens, game.selection
    )


class _Search:
    """Asks which sets of players are enough for the words, within a budget."""

    def __init__(self, game: Game, most: int) -> None:
        self._game, self._count = game, game.players.count
        self._selection, self.left, self.is_minimal = list(game.selection or ()), most, True
        self._weights = game.players.weights()
        self._full = game.probe(np.ones((1, self._count), bool))[0].astype(np.float64)

    def _ask(self, sets: Keeps) -> NDArray[np.float64]:
        """Give the logarithm of the share of the words' probability that each set [sets, players] keeps: [sets]."""
        self.left -= len(sets)
        return (self._game.probe(sets) - self._full)[:, self._selection].astype(np.float64).sum(axis=1)

    def among_all(self) -> list[int]:
        """Try every set, and find the one of smallest area; of equal areas, the one with the highest probability."""
        sets = every_mask(self._count)
        kept = self._ask(sets)
        enough = np.flatnonzero(_is_enough(kept))
        areas = (sets[enough] @ self._weights).round(9)
        best = enough[np.lexsort((-kept[enough], areas))[0]]
        members = np.flatnonzero(sets[best])
        without_one = sets[best] ^ (np.arange(self._count) == members[:, None])
        kept_without = [kept[(sets == smaller).all(axis=1)][0] for smaller in without_one]
        return members[np.argsort(kept_without, kind="stable")].tolist()

    def begin(self, rng: np.random.Generator) -> list[int]:
        """Rank the players by smooth masks, and find by bisection how many of the first ones are enough."""
        places = self._game.players.places()
        keeps = smooth_halves(places, min(DRAWN, self.left // 4), rng)
        self.left -= len(keeps)
        logits = to_logits(self._game.probe(keeps))
        order = np.argsort(-fit_weights(places, keeps, logits, self._selection).of([self._selection]).mean[:, 0])
        ranks, low, high = order.argsort(), -1, self._count  # the first `low` are too few, the first `high` are enough
        while high - low > 1:
            sizes = np.unique(np.linspace(low + 1, high, min(SIZES, high - low), endpoint=False, dtype=int))
            if len(sizes) > self.left:
                break
            enough = sizes[_is_enough(self._ask(ranks < sizes[:, None]))]
            high = int(enough[0]) if len(enough) else high
            low = int(sizes[sizes < high][-1]) if (sizes < high).any() else low
        return order[:high].tolist()

    def shrink(self, found: list[int]) -> list[int]:
        """Remove players as long as the rest is enough, as many at a time as possible."""
        while found:
            if len(found) >= self.left:
                self.is_minimal = False
                break
            kept = self._ask(self._without([[player] for player in found], found))
            found = [found[place] for place in np.argsort(kept, kind="stable")]  # the least needed one comes last
            removable = int(_is_enough(kept).sum())
            if not removable:
                break
            numbers = np.unique(np.geomspace(1, removable, min(SIZES, removable)).astype(int))
            numbers = numbers[: self.left]
            enough = numbers[_is_enough(self._ask(self._without([found[-number:] for number in numbers], found)))]
            found = found[: len(found) - int(enough.max(initial=1))]
        return found

    def _without(self, removed: Sequence[Sequence[int]], found: Sequence[int]) -> Keeps:
        """Give for each entry of `removed` the set `found` without these players."""
        sets = np.zeros((len(removed), self._count), bool)
        sets[:, list(found)] = True
        for keep, players in zip(sets, removed, strict=True):
            keep[list(players)] = False
        return sets

    def says(self, found: Sequence[int]) -> str:
        """Say how small the set is, and which words of the answer it keeps."""
        keep = np.isin(np.arange(self._count), list(found))
        lost = self._game.probe(keep[None])[0] - self._full
        kept, area = np.exp(lost[self._selection].sum()), self._weights[keep].sum()
        survives = _is_enough(lost)
        words = "".join(text if survives[token] else "…" for token, text in enumerate(self._game.texts))
        left = f" It leaves of the answer: {words.strip()!r}." if words else ""
        regions = f"{len(found)} of {self._count} regions, {area:.0%} of the picture,"
        return f"{regions} keep {kept:.0%} of the probability of these words.{left}"


def _is_enough(kept: NDArray[np.floating]) -> NDArray[np.bool_]:
    return kept >= np.log(KEEPS) - 1e-6  # logarithms of shares of the probability
