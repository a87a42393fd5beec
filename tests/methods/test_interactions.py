"""Shapley interactions against their closed forms, and against the mean over all orders written out."""

from dataclasses import replace
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest

from mmattr_app.arithmetic.fitting import shapley_value
from mmattr_app.arithmetic.sampling import every_mask
from mmattr_app.domain import Keeps, LogProbs, Scores
from mmattr_app.methods.interactions import interaction, interactions
from tests.games import LogitGame, TableGame


def run(game: Any, budget: int | None = None) -> Scores:
    return interactions(replace(game.game, selection=(0,)), budget=budget, seed=0)


def from_logits(logits: Any) -> TableGame:
    """Make a game of log-odds [sets] of one token."""
    return TableGame(-np.logaddexp(0, -np.asarray(logits, np.float64))[:, None])


def links_of(scores: Scores) -> dict[tuple[int, int], float]:
    assert scores.links is not None
    assert scores.links.index == "Shapley interaction index"
    return {(first, second): value for (first, second), value in zip(
        scores.links.pairs.tolist(), scores.links.values[:, 0].tolist(), strict=True)}  # fmt: skip


def by_brute_force(worth: Any, players: int, pair: tuple[int, int]) -> float:
    """Take both as one in every order of the others: the mean of what they do together, not each."""
    i, j = pair
    found: list[float] = []
    for order in permutations([("pair",), *((player,) for player in range(players) if player not in pair)]):
        before = sum(1 << one[0] for one in order[: order.index(("pair",))])  # type: ignore[operator]
        found.append(worth[before | 1 << i | 1 << j] - worth[before | 1 << i] - worth[before | 1 << j] + worth[before])
    return float(np.mean(found))


@pytest.mark.parametrize("seed", range(3))
def test_the_index_is_the_mean_over_all_orders(seed: int) -> None:
    worth = np.random.default_rng(seed).normal(size=(2**5, 1))
    for first, second in combinations(range(5), 2):
        expected = by_brute_force(worth[:, 0], 5, (first, second))
        assert interaction(worth, first, second)[0] == pytest.approx(expected)


def test_the_shapley_values_share_out_what_all_add() -> None:
    worth = np.random.default_rng(0).normal(size=(2**5, 2))
    total = sum(shapley_value(worth, player) for player in range(5))
    np.testing.assert_allclose(total, worth[-1] - worth[0])


def test_players_that_each_add_their_own_have_no_links() -> None:
    scores = run(LogitGame([[1.0], [-2.0], [0.5], [0.0]]))
    np.testing.assert_allclose(scores.values[:, 0], [1, -2, 0.5, 0], atol=1e-4)
    np.testing.assert_allclose(list(links_of(scores).values()), 0, atol=1e-4)


@pytest.mark.parametrize(("rule", "sign"), [(np.logical_and, 1), (np.logical_or, -1)])
def test_players_that_need_each_other_have_a_link_above_zero_and_duplicates_one_below(rule: Any, sign: int) -> None:
    keeps = every_mask(4)
    scores = run(from_logits(3.0 * rule(keeps[:, 1], keeps[:, 2]) - 1))
    links = links_of(scores)
    assert links.pop((1, 2)) == pytest.approx(3 * sign, abs=1e-4)  # the others are null players
    np.testing.assert_allclose(list(links.values()), 0, atol=1e-4)
    np.testing.assert_allclose(scores.values[:, 0], [0, 1.5, 1.5, 0], atol=1e-4)


def test_of_many_players_the_top_ones_play_and_the_rest_is_one() -> None:
    def needs_both(keep: Keeps) -> LogProbs:
        logits = 4.0 * (keep[:, 20] & keep[:, 60]) + 2.0 * keep[:, 40] - 3
        return -np.logaddexp(0, -logits)[:, None]

    scores = run(TableGame.by(needs_both, players=80))
    assert scores.groups is not None
    top, links = scores.groups[[20, 60, 40]], links_of(scores)
    assert scores.values.shape == (8, 1)  # seven and the rest
    assert set(top.tolist()) <= set(range(7))
    assert links.pop((min(top[:2]), max(top[:2]))) == pytest.approx(4, abs=1e-3)
    np.testing.assert_allclose(list(links.values()), 0, atol=1e-3)
    assert scores.values[top, 0] == pytest.approx([2, 2, 2], abs=1e-3)
    assert "The 73 other regions are one player." in scores.says


@pytest.mark.parametrize(("budget", "rows"), [(24, 3), (100, 5), (2000, 10)])
def test_a_budget_says_how_many_top_players_there_are(budget: int, rows: int) -> None:
    game = LogitGame(np.random.default_rng(0).normal(size=(60, 1)).tolist())
    assert len(run(game, budget).values) == rows
    assert game.asked <= budget
