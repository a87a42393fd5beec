"""Shapley values against Captum's, and Owen values against all orders that keep neighbours together."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import ShapleyValues, ShapleyValueSampling
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Game
from mmattr_app.domain import INTERVAL, Keeps, Question
from mmattr_app.methods import METHODS, shapley
from mmattr_app.players.regions import Regions
from mmattr_app.settings import Settings
from tests.games import SetGame, row_of_pixels


def tangled(players: int, tokens: int = 3, seed: int = 0) -> SetGame:
    """Play a game in which players help and hinder each other: a small network with random weights."""
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(players, 6)), rng.normal(size=(6, tokens))
    return SetGame(row_of_pixels(players), lambda keep: np.tanh(keep @ first) @ second - 6)


def for_captum(game: SetGame, token: int) -> Any:
    """Give a function of one input of value 1 for each player."""
    return lambda shown: torch.from_numpy(game(shown.numpy() > 0.5)[:, token])


def captums(kind: type, game: SetGame, **how: Any) -> NDArray[np.float32]:
    torch.manual_seed(0)
    ones = torch.ones(1, game.players.count)
    columns = [kind(for_captum(game, token)).attribute(ones, **how)[0] for token in range(game.tokens)]
    return torch.stack(columns, dim=1).numpy()


@pytest.mark.parametrize("name", ["shapley", "kernelshap"])
def test_of_few_players_they_are_captums_exact_values(name: str) -> None:
    game = tangled(5)
    scores = METHODS[name].run(game.game, budget=None, seed=0).values
    np.testing.assert_allclose(scores, captums(ShapleyValues, game), atol=1e-5)


def test_exact_values_are_those_of_captums_sampling_at_many_orders() -> None:
    game = tangled(7)
    scores = METHODS["shapley"].run(game.game, budget=None, seed=0).values
    np.testing.assert_allclose(
        scores, captums(ShapleyValueSampling, game, n_samples=200, perturbations_per_eval=8), atol=0.15
    )


def runs(budget: int, number: int = 30) -> list[Any]:
    return [METHODS["shapley"].run(tangled(10).game, budget=budget, seed=seed) for seed in range(number)]


EXACT = METHODS["shapley"].run(tangled(10).game, budget=1024, seed=0).values


def test_drawn_orders_add_up_exactly_and_come_nearer_to_the_exact_values_the_more_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shapley, "settings", lambda: Settings(wrong_top=0))  # never sure enough to stop early
    whole = tangled(10)(np.array([[True] * 10, [False] * 10]))
    few, many = runs(40), runs(400)
    for run in (*few, *many):
        np.testing.assert_allclose(run.values.sum(axis=0), whole[0] - whole[1], atol=1e-4)
    off = [np.mean([np.abs(run.values - EXACT).mean() for run in some]) for some in (few, many)]
    assert off[1] < 0.5 * off[0]


@pytest.mark.parametrize("budget", [60, 150])
def test_nine_in_ten_intervals_hold_the_exact_value_of_a_token_and_of_a_span(
    budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapley, "settings", lambda: Settings(wrong_top=0))
    found = runs(budget, 60)
    for span in ([0], [1], [2], [0, 1], [0, 1, 2]):
        off = [(run.values - EXACT)[:, span].sum(axis=1) / run.error(span) for run in found]
        assert 0.86 < (np.abs(off) <= INTERVAL).mean() < 0.96


def test_it_stops_when_every_top_is_sure_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(percent: int) -> int:
        monkeypatch.setattr(shapley, "settings", lambda: Settings(wrong_top=percent))
        game = tangled(12)
        shapley.shapley(game.game, budget=600, seed=1)
        return game.asked

    assert shapley.LEAST_PAIRS * 22 <= asked(100) - 3 <= asked(5) < asked(0)
    assert asked(0) - 3 == 27 * 22


def test_for_a_selection_it_stops_when_the_selections_top_is_sure() -> None:
    game = tangled(12)
    scores = shapley.shapley(replace(game.game, selection=(0, 2)), budget=600, seed=1)
    assert "For the selected words, it is" in scores.says


def orders(members: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """List the orders in which each half of the players stays together, and each half of these."""
    if len(members) == 1:
        yield members
        return
    half = len(members) // 2
    for one, other in product(orders(members[:half]), orders(members[half:])):
        yield one + other
        yield other + one


@pytest.mark.parametrize("players", [1, 2, 5, 8])
def test_owen_values_are_the_mean_over_the_orders_that_keep_neighbours_together(players: int) -> None:
    game, expected = tangled(players), np.zeros((players, 3))
    consistent = list(orders(tuple(range(players))))
    for order in consistent:
        keeps = np.tri(players + 1, players, -1, bool)[:, np.argsort(order)]
        expected[list(order)] += np.diff(game(keeps), axis=0) / len(consistent)
    scores = METHODS["owen"].run(game.game, budget=200, seed=0)
    np.testing.assert_allclose(scores.values, expected, atol=1e-5)
    assert scores.says == "0% of the values are shared alike in groups that were not split."


def on_grid(side: int, spot: tuple[int, int]) -> Game:
    """Play on a grid in which one square of 2x2 cells matters."""
    picture = np.zeros((side * 4, side * 4, 3), np.uint8)
    players = Regions(Question((picture,), "?"), pipeline.segment(picture, f"grid:{side}x{side}"), "mean")
    weights = np.zeros((side, side))
    weights[spot[0] : spot[0] + 2, spot[1] : spot[1] + 2] = 1

    def logprobs(keep: Keeps) -> NDArray[Any]:
        return (keep @ weights.ravel())[:, None] - 9

    return Game(SetGame(players, logprobs), players)


def test_owen_splits_first_what_matters_and_what_is_not_split_shares_alike() -> None:
    game = on_grid(8, (2, 4))
    scores = METHODS["owen"].run(game, budget=60, seed=0)
    values = scores.values.reshape(8, 8)
    assert game.probe.asked <= 62  # type: ignore[attr-defined]
    np.testing.assert_allclose(values[2:4, 4:6], 1, atol=1e-5)
    assert scores.says.startswith("100% "), "the square is a group, which was not split"
    np.testing.assert_allclose(values.sum(), 4, atol=1e-4)
    coarse, fine = (METHODS["owen"].run(game, budget=budget, seed=0) for budget in (8, 3000))
    assert len(np.unique(coarse.values.round(4))) < 6
    assert fine.says.startswith("0% ")
