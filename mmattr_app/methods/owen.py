"""Owen values: Shapley values on a tree of neighbouring players (SHAP's PartitionExplainer).

The tree halves the players again and again. The value of a group, v(context + group) - v(context), is shared by its
halves a and b, each of which comes first in half of the orders: a gets the mean of v(context + a) - v(context) and
v(context + a + b) - v(context + b), and b likewise. The halves of a and of b share in the same way. v is the
log-probability of a token. The scores add up to log p(all visible) - log p(none visible) (Owen, Values of Games with a
Priori Unions, 1977; Lundberg, SHAP, 2020).

As in SHAP, the group with the largest value for any token is split next; when the budget is used up, the players of a
group share its value equally. Groups are cut across their longer side, at the middle player (in SHAP, middle pixel).
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
    """A group of neighbours after one context, in a heap: the one with the smallest rank is split first."""

    rank: float  # minus the size of its value
    members: Members = field(compare=False)  # numbers of players
    context: Keep = field(compare=False)  # [players], who is visible before the members
    low: Matrix = field(compare=False)  # [tokens], log p with the context visible
    high: Matrix = field(compare=False)  # [tokens], log p with the context and the members visible
    share: float = field(compare=False)  # share of all orders in which the group has this context


def masks(players: int, budget: int | None, seed: int) -> int:
    """Count the most masks: the budget, or those of the whole tree and the one that shows none."""
    del seed
    return min(usual_masks(players, budget), 1 + _whole_tree(players))


def owen(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Split the groups with the largest values, down to single players as far as the budget allows."""
    players, places = game.players.count, game.players.places()
    left = masks(players, budget, seed) - 1
    low, high = game.probe(np.stack([np.zeros(players, bool), np.ones(players, bool)])).astype(np.float64)
    heap = [_Group(0, np.arange(players), np.zeros(players, bool), low, high, 1)]
    values = np.zeros((players, len(low)))
    sizes = np.zeros(2)  # sum of absolute values: of single players, and of groups that are not split
    while heap:
        chosen: list[_Group] = []
        while heap and len(chosen) < AT_ONCE:
            group = heapq.heappop(heap)
            if len(group.members) > 1 and left >= 2:
                chosen.append(group)
                left -= 2
                continue
            value = group.share * (group.high - group.low)
            values[group.members] += value / len(group.members)
            sizes[int(len(group.members) > 1)] += np.abs(value).sum()
        for part in _split(game, chosen, places) if chosen else ():
            heapq.heappush(heap, part)
    says = f"{sizes[1] / max(sizes.sum(), 1e-9):.0%} of the values are shared alike in groups that were not split."
    return Scores(values.astype(np.float32), says=says)


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Give mean effects until all masks are asked."""
    del players, full
    return sketch_effects(keeps, logprobs)


def _split(game: Game, groups: Sequence[_Group], places: Matrix) -> Iterator[_Group]:
    """Ask with each half of each group after the group's context; yield both halves in both of their contexts."""
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
    """Cut a group across its longer side, at the middle player; players with the same coordinate keep their order."""
    where = places[members]
    order = np.argsort(where[:, np.ptp(where, axis=0).argmax()], kind="stable")
    return members[order[: len(order) // 2]], members[order[len(order) // 2 :]]


def _with(context: Keep, members: Members) -> Keep:
    shown = context.copy()
    shown[members] = True
    return shown


def _whole_tree(members: int) -> int:
    """Count the masks that split a group of this many members down to single players, each half in two contexts."""
    half = members // 2
    return 0 if members < 2 else 2 + 2 * _whole_tree(half) + 2 * _whole_tree(members - half)
