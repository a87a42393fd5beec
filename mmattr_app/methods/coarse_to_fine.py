"""Coarse to fine: hide a few large groups of players, split those that matter most to each token, go on with the parts.

The top groups of a token are split, not those above a threshold: the loss of a group and those of its parts do not add
up, so no threshold fits two sizes. Where no part comes out on top, the cause is in the whole and in none of them (a
colour shows all over its object), and the split is taken back.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import sensitive
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores

Groups: TypeAlias = NDArray[np.intp]  # [players], the number of each player's group
Columns: TypeAlias = Sequence[int]  # tokens whose log-probabilities are added: one token, or a selection

SHARE = 4  # of the players: one in so many masks is asked
FEWEST = 32  # masks, whatever the number of players: groups of a quarter of the picture say little
FIRST = 0.5  # of the masks, at most, are for the groups to begin with
SELECTION_TOP = 2  # groups that are split at a time for a selection; for all tokens it is one for each
PARTS = 4  # that a group falls into, at most


def masks(players: int, budget: int | None, seed: int) -> int:
    """Give the most masks: a quarter of what hiding each player would take, but not too few."""
    del seed
    return budget or max(FEWEST, players // SHARE - 2)


def coarse_to_fine(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score each group by what the tokens lose when it is hidden, and split the top ones again and again."""
    most, places = masks(game.players.count, budget, seed), game.players.places()
    groups = _first(places, most) if game.start is None else game.start
    full = game.probe(np.ones((1, len(groups)), bool))[0]
    asked = int(groups.max()) + 1
    values = full - game.probe(_without(groups, range(asked)))
    if game.selection is None:
        wanted: list[Columns] = [[token] for token in sensitive(full, game.probe.nothing())]
    else:
        wanted = [game.selection]
    top = 1 if game.selection is None else SELECTION_TOP
    whole = set[int]()  # groups that are not to be split
    while chosen := _top(groups, values, wanted, top, whole)[: (most - asked) // PARTS]:
        tried, parts = _split(groups, places, chosen)
        fresh = np.concatenate([parts[group] for group in chosen])
        losses = dict(zip(fresh.tolist(), full - game.probe(_without(tried, fresh.tolist())), strict=True))
        asked += len(fresh)
        good = [g for g in chosen if _on_top(np.array([losses[p] for p in parts[g]]), values, g, wanted, top)]
        whole |= set(chosen) - set(good)
        groups, kept = _split(groups, places, good)
        values = np.vstack([values, np.zeros((int(groups.max()) + 1 - len(values), values.shape[1]), np.float32)])
        for group in good:
            values[kept[group]] = [losses[part] for part in parts[group]]
    says = f"Approximate: {asked} groups hidden, from coarse to fine; only those that matter most were cut finer."
    return Scores(values, groups=groups, says=says)


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Show for each player the smallest group with it that was hidden so far."""
    del players
    sizes = (~keeps).sum(axis=1)
    newest = np.full(keeps.shape[1], len(keeps))  # the mask that says most of a player; the last row is none
    for mask in np.argsort(-sizes, kind="stable"):
        newest[~keeps[mask]] = mask
    asked, groups = np.unique(newest, return_inverse=True)
    losses: NDArray[np.float32] = np.vstack([full - logprobs, np.full((1, logprobs.shape[1]), np.nan, np.float32)])
    return Scores(losses[asked], groups=groups)


def _first(places: NDArray[np.float64], most: int) -> Groups:
    """Split all again and again, as long as that leaves most of the masks; few enough players start alone."""
    if len(places) <= most:
        return np.arange(len(places))
    groups = np.zeros(len(places), np.intp)
    while True:
        finer, _ = _split(groups, places, range(int(groups.max()) + 1))
        if finer.max() == groups.max() or finer.max() + 1 > max(FIRST * most, 1):
            return groups
        groups = finer


def _split(groups: Groups, places: NDArray[np.float64], chosen: Sequence[int]) -> tuple[Groups, dict[int, list[int]]]:
    """Split these groups about their middles, and list the numbers of their parts: one keeps its group's."""
    finer, parts = groups.copy(), dict[int, list[int]]()
    for group in chosen:
        members = np.flatnonzero(groups == group)
        part = np.unique(_halves(places[members]), axis=0, return_inverse=True)[1].ravel()
        numbers = np.array([group, *(int(finer.max()) + 1 + np.arange(part.max()))])
        finer[members] = numbers[part]
        parts[group] = numbers.tolist()
    return finer, parts


def _halves(places: NDArray[np.float64]) -> NDArray[np.bool_]:  # [players, dimensions]
    """Say which players lie in the second half; what is long is cut across only."""
    extents = np.ptp(places, axis=0) + 1
    middle = np.median(places, axis=0)
    second = places > middle + 1e-9
    second[:, ~second.any(axis=0)] = (places >= middle)[:, ~second.any(axis=0)]
    return second & (2 * extents > extents.max())


def _without(groups: Groups, numbers: Sequence[int]) -> Keeps:
    return groups != np.array(numbers)[:, None]


def _top(
    groups: Groups, values: NDArray[np.float32], wanted: Sequence[Columns], top: int, whole: set[int]
) -> list[int]:
    """List the groups to split next: the first choices for all tokens, then their second choices."""
    best = [_best(values, columns, top) for columns in wanted]
    chosen = dict.fromkeys(int(group) for choices in np.transpose(best) for group in choices)
    sizes = np.bincount(groups)
    return [group for group in chosen if group not in whole and sizes[group] > 1]


def _best(values: NDArray[np.float32], columns: Columns, top: int) -> list[int]:
    return np.argsort(-values[:, list(columns)].sum(axis=1), kind="stable")[:top].tolist()


def _on_top(
    parts: NDArray[np.float32], values: NDArray[np.float32], group: int, wanted: Sequence[Columns], top: int
) -> bool:
    """Say whether a part says more than every other group, for all tokens that had this one split."""
    others = np.delete(values, group, axis=0)
    return all(
        parts[:, list(columns)].sum(axis=1).max() >= others[:, list(columns)].sum(axis=1).max(initial=-np.inf)
        for columns in wanted
        if group in _best(values, columns, top)
    )
