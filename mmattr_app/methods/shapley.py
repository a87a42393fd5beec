"""Shapley values: what a player adds to a token, on average over all orders in which players may be shown.

phi_r = E[v(r and those before it) - v(those before it)], where v is the log-probability of a token (Shapley, 1953).
They add up to log p(all visible) - log p(none visible). If all 2^n masks fit the budget, they are exact. Otherwise
orders are drawn until the top of each map is sure. Each order is followed by its reverse, whose error tends to have the
opposite sign (Mitchell et al., Sampling Permutations for Shapley Value Estimation, 2022). Captum's ShapleyValueSampling
draws single orders.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.choosing import doubts_of_samples, say_sure
from mmattr_app.arithmetic.fitting import find_sensitive, mean_of_samples, shapley_value, sketch_effects
from mmattr_app.arithmetic.sampling import every_mask, in_order
from mmattr_app.contracts import Game, Players, Probe
from mmattr_app.domain import Keeps, LogProbs, Scores
from mmattr_app.settings import settings

Matrix = NDArray[np.float64]

PAIRS = 5  # pairs of orders by default
FEWEST_PAIRS = 2  # fewer pairs have no standard error
LEAST_PAIRS = 3  # pairs before it may stop early
ALL_BY_DEFAULT = 256  # without a budget, all masks are asked if there are no more than this: up to eight players


def masks(players: int, budget: int | None, seed: int) -> int:
    """Count the most masks: all, or those of as many pairs of orders as the budget allows, and the one of none."""
    del seed
    if _asks_all(players, budget):
        return 2**players - 1
    return 1 + 2 * (players - 1) * _most_pairs(players, budget)


def shapley(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by what it adds, averaged over all masks, or over random orders until every top is sure."""
    count, places, rng = game.players.count, game.players.places(), np.random.default_rng(seed)
    if _asks_all(count, budget):
        return Scores(_exact(game.probe, count).astype(np.float32), says=f"Exact: all {2**count} masks were asked.")
    ends = game.probe(np.stack([np.zeros(count, bool), np.ones(count, bool)])).astype(np.float64)
    sensitive = find_sensitive(ends[1], game.probe.nothing())
    pairs: list[Matrix] = []
    while True:
        order = rng.permutation(count)
        forward, backward = _gains(game.probe, order, ends), _gains(game.probe, order[::-1], ends)
        pairs.append((forward + backward) / 2)
        if len(pairs) < FEWEST_PAIRS:
            continue
        samples = np.stack(pairs)
        spans = (
            samples[..., sensitive] if game.selection is None else samples[..., game.selection].sum(-1, keepdims=True)
        )
        unsure = doubts_of_samples(spans, places) > settings().wrong_top / 100
        if len(pairs) == _most_pairs(count, budget) or (len(pairs) >= LEAST_PAIRS and not unsure.any()):
            break
    says = f"{2 * len(pairs)} orders. {say_sure(unsure, game.selection)}"
    doubts = doubts_of_samples(samples, places).astype(np.float32)
    return replace(mean_of_samples(samples), doubts=doubts, says=says)


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Give mean effects until all masks are asked."""
    del players, full
    return sketch_effects(keeps, logprobs)


def _asks_all(players: int, budget: int | None) -> bool:
    return 2 ** min(players, 30) <= (budget or ALL_BY_DEFAULT)


def _most_pairs(players: int, budget: int | None) -> int:
    return max(FEWEST_PAIRS, PAIRS if budget is None else (budget - 1) // (2 * (players - 1)))


def _gains(probe: Probe, order: NDArray[np.intp], ends: Matrix) -> Matrix:  # [players, tokens]
    """Show one player after the other in this order, and give what each adds; `ends` [2, tokens] is none and all."""
    between = probe(in_order(order)[1:-1]).astype(np.float64)
    return np.diff(np.vstack([ends[:1], between, ends[1:]]), axis=0)[order.argsort()]


def _exact(probe: Probe, count: int) -> Matrix:  # [players, tokens]
    """Give the exact Shapley values from all masks."""
    values = probe(every_mask(count)).astype(np.float64)
    return np.stack([shapley_value(values, player) for player in range(count)])
