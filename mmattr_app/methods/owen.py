"""Owen values: Shapley's on a tree of neighbouring players, halved again and again (SHAP's PartitionExplainer).

The value of a group, v(context + group) - v(context), is shared by its halves a and b, each of which comes first in
half of the orders: a gets the mean of v(context + a) - v(context) and v(context + a + b) - v(context + b), and b
likewise. The halves of a share each of the two in the same way. v is the log-probability of a token; the scores add up
to log p(all visible) - log p(none visible) (Owen, Values of Games with a Priori Unions, 1977; Lundberg, SHAP, 2020).

As there, the group that counts most for any token is split next; at the end of the budget players share alike what
their group has. Groups are cut across their longer side, here at the middle player, in SHAP at the middle pixel.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import sketch_effects
from mmattr_app.arithmetic.sampling import usual_masks
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keep, Keeps, LogProbs, Scores

AT_ONCE = 8  # groups that are split at a time, so that their masks go through the model together

Matrix = NDArray[np.float64]
Members = NDArray[np.intp]


@dataclass(order=True)
class _Group:
    """Neighbours, and one context in which they come; the smallest one is split first."""

    rank: float  # how much it counts, negative
    members: Members = field(compare=False)
    context: Keep = field(compare=False)
    low: Matrix = field(compare=False)  # [tokens], log p with the context alone
    high: Matrix = field(compare=False)  # ... and with the members, too
    share: float = field(compare=False)  # of the orders


def masks(players: int, budget: int | None, seed: int) -> int:
    """Give the most masks: the budget, or what the whole tree takes, and the one that shows none."""
    del seed
    return min(usual_masks(players, budget), 1 + _whole_tree(players))


def owen(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Split the group that counts most, down to single players where the budget allows."""
    players, places = game.players.count, game.players.places()
    rest = masks(players, budget, seed) - 1
    low, high = game.probe(np.stack([np.zeros(players, bool), np.ones(players, bool)])).astype(np.float64)
    heap = [_Group(0, np.arange(players), np.zeros(players, bool), low, high, 1)]
    values, sizes = np.zeros((players, len(low))), np.zeros(2)  # of the values of single players, and of groups
    while heap:
        chosen: list[_Group] = []
        while heap and len(chosen) < AT_ONCE:
            group = heapq.heappop(heap)
            if len(group.members) > 1 and rest >= 2:
                chosen.append(group)
                rest -= 2
                continue
            value = group.share * (group.high - group.low)
            values[group.members] += value / len(group.members)
            sizes[int(len(group.members) > 1)] += np.abs(value).sum()
        for part in _split(game, chosen, places) if chosen else ():
            heapq.heappush(heap, part)
    says = f"{sizes[1] / max(sizes.sum(), 1e-9):.0%} of the values are shared alike in groups that were not split."
    return Scores(values.astype(np.float32), says=says)


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Show mean effects until all is asked."""
    del players, full
    return sketch_effects(keeps, logprobs)


def _split(game: Game, groups: Sequence[_Group], places: Matrix) -> Iterator[_Group]:
    """Ask for both halves of each group by themselves, and give each half in both of its contexts."""
    cuts = [_halves(group.members, places) for group in groups]
    keeps = [_with(group.context, half) for group, cut in zip(groups, cuts, strict=True) for half in cut]
    replies = iter(game.probe(np.stack(keeps)).astype(np.float64))
    for group, (one, other) in zip(groups, cuts, strict=True):
        with_one, with_other = next(replies), next(replies)
        for members, context, low, high in (
            (one, group.context, group.low, with_one),
            (other, group.context, group.low, with_other),
            (one, _with(group.context, other), with_other, group.high),
            (other, _with(group.context, one), with_one, group.high),
        ):
            counts = np.abs(high - low) if game.selection is None else abs((high - low)[list(game.selection)].sum())
            yield _Group(-float(np.max(counts)) * group.share, members, context, low, high, group.share / 2)


def _halves(members: Members, places: Matrix) -> tuple[Members, Members]:
    """Cut across the longer side, at the middle player; those in one line stay in their order."""
    where = places[members]
    order = np.argsort(where[:, np.ptp(where, axis=0).argmax()], kind="stable")
    return members[order[: len(order) // 2]], members[order[len(order) // 2 :]]


def _with(context: Keep, members: Members) -> Keep:
    shown = context.copy()
    shown[members] = True
    return shown


def _whole_tree(members: int) -> int:
    """Count the masks that split a group, and its halves in two contexts each, down to single players."""
    half = members // 2
    return 0 if members < 2 else 2 + 2 * _whole_tree(half) + 2 * _whole_tree(members - half)
