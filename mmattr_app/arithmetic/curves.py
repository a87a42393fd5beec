"""Insertion and deletion curves: probability while players are shown, or hidden, one after the other.

As EAGLE's code has them: the mean of the tokens' teacher-forced probabilities, against the share of the pixels that is
shown (from nothing visible on) or hidden (from everything visible on), in steps of about equal shares.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import sensitive
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Curve, Keeps, Scores
from mmattr_app.spans import columns

Order = NDArray[np.intp]  # [players], the first one first

STEPS = 20
ORDERS = 8  # random ones, to compare with
MASKS, RANDOM_MASKS = STEPS, ORDERS * STEPS  # the most that one order, and all random ones, ask


def sensitive_columns(game: Game) -> list[int]:
    """List those of them that need what is visible (EAGLE: they lose more than 0.2 of probability without it)."""
    tokens = np.array(columns(game))
    full = game.probe(np.ones((1, game.players.count), bool))[0]
    return tokens[sensitive(full[tokens], game.probe.nothing()[tokens])].tolist()


def score(game: Game, scores: Scores) -> NDArray[np.float64]:
    """Give each player's score for the tokens that count, their sum: [players]."""
    return scores.values[:, columns(game)].sum(axis=1, dtype=np.float64)


def order_of(scores: Scores, tokens: Sequence[int]) -> Order:
    """Order the players, those first that support these tokens most; the sign counts."""
    return np.argsort(-scores.values[:, list(tokens)].sum(axis=1, dtype=np.float64), kind="stable")


def best_first(game: Game, scores: Scores) -> Order:
    """Order the players by the tokens that count."""
    return order_of(scores, columns(game))


def random_orders(players: int) -> list[Order]:
    """Draw ORDERS orders, the same each time, half of them the others backwards.

    To hide players in an order, read backwards, is to show them in the opposite order; so the same masks serve for
    insertion and deletion, and the mean difference of the two is zero.
    """
    rng = np.random.default_rng(0)
    drawn = [rng.permutation(players) for _ in range(ORDERS // 2)]
    return [*drawn, *(order[::-1] for order in drawn)]


def show(game: Game, orders: Sequence[Order], tokens: Sequence[int]) -> list[Curve]:
    """Show the players in each order: the curves of insertion."""
    masks = [steps(game.players, order) for order in orders]
    nothing = _mean_probability(game.probe.nothing()[None], tokens)
    values = np.split(_mean_probability(game.probe(np.vstack(masks)), tokens), np.cumsum([*map(len, masks)])[:-1])
    return [
        _curve_from(nothing, shown_shares(game.players, keeps), value)
        for keeps, value in zip(masks, values, strict=True)
    ]


def hide(game: Game, orders: Sequence[Order], tokens: Sequence[int]) -> list[Curve]:
    """Hide the players in each order: the curves of deletion, which are those of insertion, backwards."""
    shown = show(game, [order[::-1] for order in orders], tokens)
    return [Curve(1 - curve.shares[::-1], curve.values[::-1]) for curve in shown]


def losses(game: Game, hidden: Keeps) -> NDArray[np.float64]:
    """Give what the tokens that count lose together when each subset of the players is hidden: [subsets]."""
    tokens = columns(game)
    everything = game.probe(np.ones((1, game.players.count), bool))[:, tokens].astype(np.float64)
    return (everything - game.probe(~hidden)[:, tokens]).sum(axis=1)


def steps(players: Players, order: Order) -> Keeps:
    """Give the masks that show the first players of an order, from none to all."""
    counts = np.unique([count_of(players, order, share) for share in np.linspace(0, 1, STEPS + 1)])
    return first(order, counts)


def first(order: Order, counts: NDArray[np.intp]) -> Keeps:
    """Give the masks that show so many players, the first ones of the order."""
    ranks = np.empty(len(order), np.intp)
    ranks[order] = np.arange(len(order))
    return ranks < counts[:, None]


def count_of(players: Players, order: Order, share: float) -> int:
    """Count the first players that together come nearest to this share of all."""
    shares = np.append(0, players.weights()[order].cumsum())
    return int(np.abs(shares / max(shares[-1], 1e-12) - share).argmin())


def shown_shares(players: Players, keeps: Keeps) -> NDArray[np.float64]:
    """Give the share of the picture that each mask shows, pixels that belong to no player included: [masks]."""
    cut = players.segmentation
    if cut is None or cut.regions != players.count:  # words, of which no two overlap
        return keeps @ players.weights()
    areas = np.bincount(cut.atoms.ravel() + 1, minlength=cut.holds.shape[1] + 1)[1:] / cut.atoms.size
    return np.array([1 - areas[cut.hidden_atoms(keep)].sum() for keep in keeps])


def together(curves: Sequence[Curve]) -> Curve:
    """Give the mean of several curves, and the band that holds them all."""
    shares = np.unique(np.concatenate([curve.shares for curve in curves]))
    values = np.stack([np.interp(shares, curve.shares, curve.values) for curve in curves])
    return Curve(shares, values.mean(axis=0), values.min(axis=0), values.max(axis=0))


def _mean_probability(logprobs: NDArray[np.floating], tokens: Sequence[int]) -> NDArray[np.float64]:  # [masks]
    return np.exp(logprobs[:, list(tokens)].astype(np.float64)).mean(axis=1)


def _curve_from(nothing: NDArray[np.float64], shares: NDArray[np.float64], values: NDArray[np.float64]) -> Curve:
    """Begin with nothing visible, unless the first mask already shows nothing."""
    if shares[0] > 1e-9:
        return Curve(np.append(0, shares), np.append(nothing, values))
    return Curve(np.append(0, shares[1:]), values)
