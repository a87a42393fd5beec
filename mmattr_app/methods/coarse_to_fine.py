"""Coarse to fine: hide a few large groups of players, split the ones that matter most to each token, and repeat.

The top groups of a token are split, not all above a threshold: the losses of a group's parts do not add up to the
group's own, so no threshold fits groups of two sizes. If no part is the new top group, the token needs the whole group
(as a colour shows all over its object), and the split is undone.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import find_sensitive
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores

Groups: TypeAlias = NDArray[np.intp]  # [players], the number of each player's group
Columns: TypeAlias = Sequence[int]  # tokens whose log-probabilities are summed: one token, or a selection

SHARE = 4  # the default budget is the number of players divided by this
FEWEST = 32  # masks of the default budget, at least: groups of a quarter of the picture say little
FIRST = 0.5  # share of the masks, at most, for the first groups
SELECTION_TOP = 2  # groups that are split at a time for a selection; for all tokens, one for each token
PARTS = 4  # parts of a group, at most


def masks(players: int, budget: int | None, seed: int) -> int:
    """Give the most masks: the budget, or a quarter of the masks that ablation takes, but not too few."""
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
        wanted: list[Columns] = [[token] for token in find_sensitive(full, game.probe.nothing())]
    else:
        wanted = [game.selection]
    top = 1 if game.selection is None else SELECTION_TOP
    whole = set[int]()  # groups whose split was undone: they are not split again
    while chosen := _top(groups, values, wanted, top, whole)[: (most - asked) // PARTS]:
        tried, parts = _split(groups, places, chosen)
        new = np.concatenate([parts[group] for group in chosen])
        losses = dict(zip(new.tolist(), full - game.probe(_without(tried, new.tolist())), strict=True))
        asked += len(new)
        good = [g for g in chosen if _on_top(np.array([losses[p] for p in parts[g]]), values, g, wanted, top)]
        whole |= set(chosen) - set(good)
        groups, kept = _split(groups, places, good)
        values = np.vstack([values, np.zeros((int(groups.max()) + 1 - len(values), values.shape[1]), np.float32)])
        for group in good:
            values[kept[group]] = [losses[part] for part in parts[group]]
    says = f"Approximate: {asked} groups hidden, from coarse to fine; only those that matter most were cut finer."
    return Scores(values, groups=groups, says=says)


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Give each player the loss of the smallest group with it that was hidden so far."""
    del players
    sizes = (~keeps).sum(axis=1)
    smallest = np.full(keeps.shape[1], len(keeps))  # [players], the mask that hid the smallest group; the last is none
    for mask in np.argsort(-sizes, kind="stable"):
        smallest[~keeps[mask]] = mask
    asked, groups = np.unique(smallest, return_inverse=True)
    losses: NDArray[np.float32] = np.vstack([full - logprobs, np.full((1, logprobs.shape[1]), np.nan, np.float32)])
    return Scores(losses[asked], groups=groups)


def _first(places: NDArray[np.float64], most: int) -> Groups:
    """Split all players into groups of about equal size, few enough to leave masks for splits.

    If the budget is enough to hide each player, each is a group.
    """
    if len(places) <= most:
        return np.arange(len(places))
    groups = np.zeros(len(places), np.intp)
    while True:
        finer, _ = _split(groups, places, range(int(groups.max()) + 1))
        if finer.max() == groups.max() or finer.max() + 1 > max(FIRST * most, 1):
            return groups
        groups = finer


def _split(groups: Groups, places: NDArray[np.float64], chosen: Sequence[int]) -> tuple[Groups, dict[int, list[int]]]:
    """Split these groups in the middle, and list the numbers of each one's parts: one part keeps the group's number."""
    finer, parts = groups.copy(), dict[int, list[int]]()
    for group in chosen:
        members = np.flatnonzero(groups == group)
        part = np.unique(_halves(places[members]), axis=0, return_inverse=True)[1].ravel()
        numbers = np.array([group, *(int(finer.max()) + 1 + np.arange(part.max()))])
        finer[members] = numbers[part]
        parts[group] = numbers.tolist()
    return finer, parts


def _halves(places: NDArray[np.float64]) -> NDArray[np.bool_]:  # [players, dimensions]
    """Say for each dimension which players lie in the second half; along a short dimension none does, it is not cut."""
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
    """List the groups to split next: the best groups for the tokens, then the second-best ones, and so on."""
    best = [_best(values, columns, top) for columns in wanted]
    chosen = dict.fromkeys(int(group) for choices in np.transpose(best) for group in choices)
    sizes = np.bincount(groups)
    return [group for group in chosen if group not in whole and sizes[group] > 1]


def _best(values: NDArray[np.float32], columns: Columns, top: int) -> list[int]:
    return np.argsort(-values[:, list(columns)].sum(axis=1), kind="stable")[:top].tolist()


def _on_top(
    parts: NDArray[np.float32], values: NDArray[np.float32], group: int, wanted: Sequence[Columns], top: int
) -> bool:
    """Say whether a part of this group has a larger loss than every other group, for all tokens it was split for."""
    others = np.delete(values, group, axis=0)
    return all(
        parts[:, list(columns)].sum(axis=1).max() >= others[:, list(columns)].sum(axis=1).max(initial=-np.inf)
        for columns in wanted
        if group in _best(values, columns, top)
    )
