"""Methods on small games that are solved by hand: additive, AND, OR, majority, a null player, twins, other names."""

from collections.abc import Callable
from itertools import permutations
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from mmattr_app.domain import Keeps, Question
from mmattr_app.methods import METHODS
from mmattr_app.players.regions import Regions
from mmattr_app.segmentation import Segmentation
from tests.games import SetGame, row_of_pixels

EXACT = ("shapley", "kernelshap")  # of few players
EFFICIENT = (*EXACT, "owen")  # scores add up to what all players add together
ALL_MASKS = (*EFFICIENT, "keep-one", "ablation", "lime", "rise", "sobol", "hsic")
ADDITIVE = ("ablation", "keep-one", "windows", *EFFICIENT)  # in the log-probabilities of the tokens
GAIN = 1.5

Function: TypeAlias = Callable[..., NDArray[Any]]


def both(keep: Keeps) -> NDArray[Any]:
    return GAIN * (keep[:, 0] & keep[:, 1])


def either(keep: Keeps) -> NDArray[Any]:
    return GAIN * (keep[:, 0] | keep[:, 1])


def majority(keep: Keeps) -> NDArray[Any]:
    return GAIN * (keep[:, :3].sum(axis=1) > 1)


def additive(keep: Keeps) -> NDArray[Any]:
    return keep @ np.array([1.5, -0.5, 0.25, 0.0])


def mixed(keep: Keeps) -> NDArray[Any]:
    """Players 1 and 2 are twins, player 3 is null."""
    one, two, twin, _ = keep.T
    return 1.0 * one + 0.7 * (two | twin) + 0.4 * (one & (two | twin))


def play(name: str, *functions: Function, players: Regions | None = None, budget: int | None = None) -> NDArray[Any]:
    """Score four players; each function is what a token's log-probability gains."""
    probe = SetGame(players or row_of_pixels(4), lambda keep: np.stack([f(keep) - 4.0 for f in functions], axis=1))
    return METHODS[name].run(probe.game, budget=budget, seed=0).values


def shapley_by_hand(function: Function, count: int = 4) -> NDArray[Any]:
    """Go through all orders."""
    scores, orders = np.zeros(count), list(permutations(range(count)))
    for order in orders:
        keep = np.zeros((1, count), bool)
        for player in order:
            before = function(keep)[0]
            keep[0, player] = True
            scores[player] += (function(keep)[0] - before) / len(orders)
    return scores


@pytest.mark.parametrize("name", ["ablation", "keep-one", *EFFICIENT])
def test_in_an_additive_game_every_score_is_what_the_player_adds(name: str) -> None:
    np.testing.assert_allclose(play(name, additive)[:, 0], [1.5, -0.5, 0.25, 0], atol=1e-5)


SOLVED: dict[tuple[str, Function], list[float]] = {
    ("ablation", both): [1, 1, 0, 0],
    ("ablation", either): [0, 0, 0, 0],
    ("ablation", majority): [0, 0, 0, 0],
    ("keep-one", both): [0, 0, 0, 0],
    ("keep-one", either): [1, 1, 0, 0],
    ("keep-one", majority): [0, 0, 0, 0],
    ("shapley", both): [1 / 2, 1 / 2, 0, 0],
    ("shapley", either): [1 / 2, 1 / 2, 0, 0],
    ("shapley", majority): [1 / 3, 1 / 3, 1 / 3, 0],
    ("kernelshap", both): [1 / 2, 1 / 2, 0, 0],
    ("kernelshap", either): [1 / 2, 1 / 2, 0, 0],
    ("kernelshap", majority): [1 / 3, 1 / 3, 1 / 3, 0],
    ("owen", both): [1 / 2, 1 / 2, 0, 0],
    ("owen", either): [1 / 2, 1 / 2, 0, 0],
    ("owen", majority): [1 / 2, 1 / 2, 0, 0],  # these neighbours come together, and are the majority
    ("windows", both): [1, 1, 1 / 2, 0],  # hides 0 and 1, 1 and 2, 2 and 3
    ("windows", either): [1, 1 / 2, 0, 0],
    ("windows", majority): [1, 1, 1 / 2, 0],
}


@pytest.mark.parametrize(("name", "function"), SOLVED)
def test_games_of_and_or_and_majority_are_solved_as_by_hand(name: str, function: Function) -> None:
    np.testing.assert_allclose(play(name, function)[:, 0], GAIN * np.array(SOLVED[name, function]), atol=1e-5)


@pytest.mark.parametrize("name", EXACT)
def test_shapley_values_are_those_of_all_orders(name: str) -> None:
    for function in (additive, both, either, majority, mixed):
        np.testing.assert_allclose(play(name, function)[:, 0], shapley_by_hand(function), atol=1e-5)


@pytest.mark.parametrize("name", EFFICIENT)
def test_scores_add_up_to_what_all_players_add(name: str) -> None:
    scores = play(name, mixed, majority, additive, both)
    np.testing.assert_allclose(scores.sum(axis=0), [2.1, GAIN, 1.25, GAIN], atol=1e-5)


@pytest.mark.parametrize("name", [name for name in ALL_MASKS if name != "lime"])  # its kernel counts who is shown
def test_a_player_who_changes_nothing_scores_nothing(name: str) -> None:
    np.testing.assert_allclose(play(name, mixed)[3], 0, atol=1e-5)


@pytest.mark.parametrize("name", [name for name in ALL_MASKS if name != "owen"])
def test_twins_score_the_same(name: str) -> None:
    one, twin = play(name, mixed)[1:3]
    np.testing.assert_allclose(one, twin, atol=1e-5)


def test_owen_scores_twins_the_same_where_they_are_neighbours_in_the_tree() -> None:
    scores = play("owen", lambda keep: mixed(keep[:, [2, 0, 1, 3]]))
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-5)


@pytest.mark.parametrize("name", [*ALL_MASKS, "windows"])
def test_other_numbers_for_the_same_players_give_the_same_scores(name: str) -> None:
    order = np.array([2, 0, 3, 1])  # the player at each place
    cut = Segmentation.from_labels("row", order[None])
    renamed = Regions(Question((np.zeros((1, 4, 3), np.uint8),), "?"), cut, "white")
    scores = play(name, mixed, both)
    np.testing.assert_allclose(
        play(name, lambda keep: mixed(keep[:, order]), lambda keep: both(keep[:, order]), players=renamed)[order],
        scores,
        atol=1e-5,
    )


@pytest.mark.parametrize("name", ADDITIVE)
@pytest.mark.parametrize("budget", [None, 7])
def test_the_scores_of_a_span_are_the_sums_of_its_tokens_scores(name: str, budget: int | None) -> None:
    tokens = play(name, mixed, both, budget=budget)
    span = play(name, lambda keep: mixed(keep) + both(keep), budget=budget)
    np.testing.assert_allclose(tokens.sum(axis=1), span[:, 0], atol=1e-5)
