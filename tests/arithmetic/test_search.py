"""The greedy searches against brute force on eight regions, by EAGLE's objective written out as its code has it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmattr_app.domain import Curve, Keeps, LogProbs, Scores
from mmattr_app.methods.eagle import eagle, eagle_lazy
from mmattr_app.methods.lima import lima
from tests.games import TableGame

REGIONS, TOKENS = 8, 3
SELECTION = (0, 2)


def any_game(seed: int) -> TableGame:
    """Make a game in which every set of players has a probability of its own."""
    rng = np.random.default_rng(seed)
    return TableGame(np.log(rng.uniform(0.01, 0.99, (2**REGIONS, TOKENS))))


def objective(game: TableGame, members: Sequence[int]) -> float:
    """Write out lambda1 p(S) + lambda2 (1 - p(V - S)), mean over the target tokens, as EAGLE's code has it."""
    insertion = np.exp(game.of_set(members))[list(SELECTION)]
    deletion = np.exp(game.of_set(set(range(REGIONS)) - set(members)))[list(SELECTION)]
    return float((1.0 * insertion + 1.0 * (1 - deletion)).mean())


def eagles_order(game: TableGame) -> list[int]:
    """Loop as MLLMSubModularExplanationVision does."""
    found, rest = list[int](), list(range(REGIONS))
    while rest:
        worth = [objective(game, [*found, player]) for player in rest]
        found.append(rest.pop(int(np.argmax(worth))))
    return found


def limas_order(game: TableGame, pending: int) -> list[int]:
    """Loop as EfficientMLLMSubModularExplanationVision does when it tries all candidates in every round."""
    front, back, rest = list[int](), list[int](), list(range(REGIONS))
    while len(rest) > 1:
        rest.sort(key=lambda player: -objective(game, [*front, player]))
        front.append(rest.pop(0))
        if not back:
            back.append(rest.pop())
        elif len(rest) > pending:
            others = set(range(REGIONS)) - set(back)
            worth = [objective(game, sorted(others - {player})) for player in rest[-pending:]]
            back.append(rest.pop(len(rest) - pending + int(np.argmax(worth))))
    return front + rest + back[::-1]


def order_of(scores: Scores) -> list[int]:
    return np.argsort(-scores.values[:, list(SELECTION)].sum(axis=1), kind="stable").tolist()


def run(method: Any, game: TableGame, budget: int | None = None) -> Scores:
    return method(replace(game.game, selection=SELECTION), budget=budget, seed=0)


@pytest.mark.parametrize("seed", range(5))
def test_eagle_finds_the_order_that_its_own_code_finds(seed: int) -> None:
    game = any_game(seed)
    scores = run(eagle, game)
    assert order_of(scores) == eagles_order(game)
    assert game.asked == REGIONS * (REGIONS + 1), "EAGLE's n(n + 1), of which the last two are everything and nothing"


@pytest.mark.parametrize("seed", range(5))
def test_lima_finds_the_order_of_its_own_loop(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmattr_app.methods.lima.PENDING", 2)  # eight would never be left
    game = any_game(seed)
    assert order_of(run(lima, game)) == limas_order(game, 2)
    assert game.asked < REGIONS * (REGIONS + 1)


def test_a_lazy_search_finds_the_same_where_gains_do_not_grow_and_asks_less() -> None:
    weights = np.random.default_rng(0).permutation(
        np.linspace(0.005, 0.015, 60)
    )  # each adds its own to the probability

    def together(keep: Keeps) -> LogProbs:
        return np.log(0.05 + keep @ weights)[:, None].astype(np.float32)

    exact, lazy = (TableGame.by(together, players=60) for _ in range(2))
    for method, game in ((eagle, exact), (eagle_lazy, lazy)):
        scores = method(replace(game.game, selection=(0,)), budget=None, seed=0)
        np.testing.assert_array_equal(np.argsort(-scores.values[:, 0]), np.argsort(-weights))
    assert lazy.asked < exact.asked / 3


@pytest.mark.parametrize("method", [eagle, lima])
def test_the_curves_are_the_probabilities_of_the_order(method: Any) -> None:
    game = any_game(7)
    scores = run(method, game)
    order = order_of(scores)
    for name, sets in (
        ("insertion of the search", [order[:size] for size in range(REGIONS + 1)]),
        ("deletion of the search", [order[size:] for size in range(REGIONS + 1)]),
    ):
        curve = scores.figures[name]
        assert isinstance(curve, Curve)
        expected = [np.exp(game.of_set(one))[list(SELECTION)].mean() for one in sets]
        np.testing.assert_allclose(curve.values, expected, atol=1e-6)
        np.testing.assert_allclose(curve.shares, np.linspace(0, 1, REGIONS + 1), atol=1e-6)


def test_a_token_that_needs_no_picture_has_no_part_in_the_curves_of_sensitive_tokens() -> None:
    game = LogProbsOfOne()
    scores = eagle(replace(game.game, selection=(0, 1)), budget=None, seed=0)
    curve = scores.figures["insertion of the search, sensitive tokens"]
    assert isinstance(curve, Curve)
    np.testing.assert_allclose(curve.values, [0.1, 0.9, 0.9], atol=1e-6)
    assert "need the picture (by 0.2 or more): 1 of 2" in scores.says


class LogProbsOfOne(TableGame):
    """Region 0 makes token 0; token 1 is there anyway."""

    def __init__(self) -> None:
        """Take two regions."""
        super().__init__(np.log([[0.1, 0.8], [0.9, 0.8], [0.1, 0.8], [0.9, 0.8]]))


@pytest.mark.parametrize("method", [eagle, lima])
def test_a_small_budget_gives_the_beginning_of_the_order_and_says_so(method: Any) -> None:
    whole, part = any_game(3), any_game(3)
    expected, scores = order_of(run(method, whole)), run(method, part, budget=33)
    assert part.asked <= 33 + 1
    assert order_of(scores)[0] == expected[0]
    assert f"of {REGIONS} places of the order, the rest is a guess" in scores.says


def values_of(scores: Scores) -> NDArray[np.float32]:
    return scores.values[:, list(SELECTION)].sum(axis=1)


def test_the_first_region_has_all_changes_before_it_and_other_tokens_have_none() -> None:
    scores = run(eagle, any_game(1))
    assert values_of(scores).max() == pytest.approx(1)
    assert values_of(scores).min() > 0
    assert (scores.values[:, 1] == 0).all()
