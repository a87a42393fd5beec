"""Insertion and deletion curves: the words' probability while players are shown, or hidden, one after the other.

As in EAGLE's code: the mean of the tokens' teacher-forced probabilities, against the share of the pixels that is shown
(starting with nothing visible) or hidden (starting with everything visible), in steps of about equal shares.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import find_sensitive
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Curve, Keeps, Scores
from mmattr_app.spans import columns

Order = NDArray[np.intp]  # [players], the first one first

STEPS = 20
ORDERS = 8  # random orders to compare with
MASKS, RANDOM_MASKS = STEPS, ORDERS * STEPS  # the most masks for one order, and for all random orders


def sensitive_columns(game: Game) -> list[int]:
    """List the selected tokens that need the picture (EAGLE: they lose more than 0.2 of probability without it)."""
    tokens = np.array(columns(game))
    full = game.probe(np.ones((1, game.players.count), bool))[0]
    return tokens[find_sensitive(full[tokens], game.probe.nothing()[tokens])].tolist()


def score(game: Game, scores: Scores) -> NDArray[np.float64]:
    """Sum each player's scores over the selected tokens: [players]."""
    return scores.values[:, columns(game)].sum(axis=1, dtype=np.float64)


def order_of(scores: Scores, tokens: Sequence[int]) -> Order:
    """Order the players by their scores for these tokens, from the most positive to the most negative."""
    return np.argsort(-scores.values[:, list(tokens)].sum(axis=1, dtype=np.float64), kind="stable")


def best_first(game: Game, scores: Scores) -> Order:
    """Order the players by their scores for the selected tokens, the best first."""
    return order_of(scores, columns(game))


def random_orders(players: int) -> list[Order]:
    """Draw ORDERS orders, the same ones each time; the second half are the first half reversed.

    Hiding players in one order goes through the same masks as showing them in the reversed order. So insertion and
    deletion share their masks, and their mean difference is zero.
    """
    rng = np.random.default_rng(0)
    drawn = [rng.permutation(players) for _ in range(ORDERS // 2)]
    return [*drawn, *(order[::-1] for order in drawn)]


def show(game: Game, orders: Sequence[Order], tokens: Sequence[int]) -> list[Curve]:
    """Give the insertion curve of each order: the probability while players are shown."""
    masks = [steps(game.players, order) for order in orders]
    nothing = _mean_probability(game.probe.nothing()[None], tokens)
    ends = np.cumsum([len(keeps) for keeps in masks])
    values = np.split(_mean_probability(game.probe(np.vstack(masks)), tokens), ends[:-1])
    return [
        _curve_from(nothing, shown_shares(game.players, keeps), value)
        for keeps, value in zip(masks, values, strict=True)
    ]


def hide(game: Game, orders: Sequence[Order], tokens: Sequence[int]) -> list[Curve]:
    """Give the deletion curve of each order: the insertion curve of the reversed order, read backwards."""
    shown = show(game, [order[::-1] for order in orders], tokens)
    return [Curve(1 - curve.shares[::-1], curve.values[::-1]) for curve in shown]


def losses(game: Game, hidden: Keeps) -> NDArray[np.float64]:
    """Give the nats that the selected tokens together lose when each subset [subsets, players] is hidden: [subsets]."""
    tokens = columns(game)
    everything = game.probe(np.ones((1, game.players.count), bool))[:, tokens].astype(np.float64)
    return (everything - game.probe(~hidden)[:, tokens]).sum(axis=1)


def steps(players: Players, order: Order) -> Keeps:
    """Give masks that show more and more players in this order, from none to all, in about STEPS equal shares."""
    counts = np.unique([count_of(players, order, share) for share in np.linspace(0, 1, STEPS + 1)])
    return show_first(order, counts)


def show_first(order: Order, counts: NDArray[np.intp]) -> Keeps:
    """Give a mask for each of `counts`, which shows this many players from the start of the order."""
    ranks = np.empty(len(order), np.intp)
    ranks[order] = np.arange(len(order))
    return ranks < counts[:, None]


def count_of(players: Players, order: Order, share: float) -> int:
    """Say how many players from the start of the order have together about this share of the picture."""
    shares = np.append(0, players.weights()[order].cumsum())
    return int(np.abs(shares / max(shares[-1], 1e-12) - share).argmin())


def shown_shares(players: Players, keeps: Keeps) -> NDArray[np.float64]:
    """Give the share of the pictures' pixels that each mask shows, those that belong to no player included: [masks].

    A large picture counts for more than a small one: pixels are shared out, as for one picture.
    """
    pictures = players.pictured
    if len(np.unique([row for one in pictures for row in one.rows.tolist()])) != players.count:
        return keeps @ players.weights()  # words play; they do not overlap
    hidden = np.zeros(len(keeps))
    for _, cut, rows in pictures:
        areas = np.bincount(cut.atoms.ravel() + 1, minlength=cut.holds.shape[1] + 1)[1:]
        hidden += [areas[cut.hidden_atoms(keep[rows])].sum() for keep in keeps]
    return 1 - hidden / sum(one.segmentation.atoms.size for one in pictures)


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """Give the mean of several curves, with the band that holds them all."""
    shares = np.unique(np.concatenate([curve.shares for curve in curves]))
    values = np.stack([np.interp(shares, curve.shares, curve.values) for curve in curves])
    return Curve(shares, values.mean(axis=0), values.min(axis=0), values.max(axis=0))


def _mean_probability(logprobs: NDArray[np.floating], tokens: Sequence[int]) -> NDArray[np.float64]:  # [masks]
    return np.exp(logprobs[:, list(tokens)].astype(np.float64)).mean(axis=1)


def _curve_from(nothing: NDArray[np.float64], shares: NDArray[np.float64], values: NDArray[np.float64]) -> Curve:
    """Make a curve that starts at share 0: with `nothing`, or with the first value if it is at share 0 already."""
    if shares[0] > 1e-9:
        return Curve(np.append(0, shares), np.append(nothing, values))
    return Curve(np.append(0, shares[1:]), values)
