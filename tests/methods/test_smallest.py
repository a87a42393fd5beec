"""The smallest sufficient set on games whose answer is known: AND, OR, additive, and any game by trying every set."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from mmattr_app.domain import Keeps, LogProbs, Scores
from mmattr_app.methods.smallest import KEEPS, smallest
from tests.games import LogitGame, TableGame


def members_of(scores: Scores, token: int = 0) -> list[int]:
    return np.flatnonzero(scores.values[:, token]).tolist()


def run(game: Any, *, selection: tuple[int, ...] = (0,), budget: int | None = None) -> Scores:
    return smallest(replace(game.game, selection=selection), budget=budget, seed=0)


def both(keep: Keeps) -> LogProbs:
    """Say the word where players 2 and 5 are visible."""
    return np.log(np.where(keep[:, 2] & keep[:, 5], 0.9, 0.05))[:, None]


def either(keep: Keeps) -> LogProbs:
    return np.log(np.where(keep[:, 2] | keep[:, 5], 0.9, 0.05))[:, None]


@pytest.mark.parametrize("players", [8, 40])
def test_of_two_regions_that_need_each_other_both_are_found(players: int) -> None:
    assert members_of(run(TableGame.by(both, players=players))) == [2, 5]


@pytest.mark.parametrize("players", [8, 40])
def test_of_two_regions_that_do_the_same_one_is_found(players: int) -> None:
    assert members_of(run(TableGame.by(either, players=players))) in ([2], [5])


def test_where_each_adds_its_own_the_largest_come_first() -> None:
    weights = np.zeros((60, 1))
    weights[[3, 30, 50], 0] = 6, 4, 3
    scores = run(LogitGame(weights.tolist()))
    assert members_of(scores) == [3]  # a logit of 5 of 12: 99% of the probability
    assert "1 of 60 regions" in scores.says


def test_a_word_that_needs_no_picture_needs_no_region() -> None:
    scores = run(LogitGame([[-1.0], [-2.0], [0.0]]))
    assert members_of(scores) == []
    assert "need no region" in scores.says


@pytest.mark.parametrize("seed", range(5))
def test_no_smaller_set_of_any_small_game_is_sufficient(seed: int) -> None:
    game = TableGame(np.log(np.random.default_rng(seed).uniform(0.05, 0.95, (2**6, 2))))
    selection = (0, 1)
    full = game.of_set(range(6)).sum()
    sizes = [
        size
        for size in range(7)
        for members in combinations(range(6), size)
        if game.of_set(members).sum() >= full + np.log(KEEPS)
    ]
    found = members_of(run(game, selection=selection))
    assert game.of_set(found).sum() >= full + np.log(KEEPS) - 1e-5
    assert len(found) == min(sizes)


@pytest.mark.parametrize("seed", range(5))
def test_a_set_of_a_large_game_is_sufficient_and_can_spare_none(seed: int) -> None:
    weights = np.random.default_rng(seed).normal(0.1, 0.5, (50, 1))
    game = TableGame.by(lambda keep: -np.logaddexp(0, 3 - keep @ weights), players=50)
    scores = run(game, budget=2000)
    found, least = members_of(scores), game.of_set(range(50))[0] + np.log(KEEPS)
    assert 0 < len(found) < 50
    assert game.of_set(found)[0] >= least - 1e-5
    assert all(game.of_set(set(found) - {member})[0] < least for member in found)
    assert "It can spare none of them." in scores.says


def test_it_says_which_words_are_left() -> None:
    weights = np.zeros((4, 3))
    weights[1, 0] = weights[2, 2] = 6
    game = replace(LogitGame(weights.tolist()).game, selection=(0,), texts=("A cat", " and", " dog"))
    assert smallest(game, budget=None, seed=0).says.count("'A cat and…'") == 1


def test_the_region_that_can_be_spared_least_comes_first() -> None:
    scores = run(LogitGame([[2.0], [5.0], [0.0]]))
    assert np.argsort(-scores.values[:, 0])[:1].tolist() == [1]
