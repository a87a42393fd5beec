"""What every method of METHODS must do, on games whose answer is known."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmattr_app.contracts import Probe
from mmattr_app.domain import Keeps, LogProbs, Question, Scores
from mmattr_app.errors import AppError
from mmattr_app.methods import METHODS
from mmattr_app.plan import Plan, check, most_masks
from mmattr_app.probe import Columns
from tests.games import LogitGame

# Region 3 makes token 0, region 1 argues against token 1, nothing matters to token 2, regions 0 and 5 share token 3.
WEIGHTS = np.zeros((9, 4))
WEIGHTS[3, 0] = 4
WEIGHTS[1, 1] = -3
WEIGHTS[[0, 5], 3] = 2, 1


def play(name: str, weights: Sequence[Sequence[float]], budget: int | None = None, seed: int = 0) -> Any:
    """Give the scores of each player [players, tokens], also of those that were hidden with others."""
    game = LogitGame(weights).game
    if METHODS[name].scope == "all tokens":
        return rows(METHODS[name].run(game, budget=budget, seed=seed))
    columns = [
        rows(METHODS[name].run(replace(game, selection=(token,)), budget=budget, seed=seed))[:, token]
        for token in range(game.probe.tokens)
    ]
    return np.stack(columns, axis=1)


def rows(scores: Scores) -> NDArray[np.float32]:
    """Give a row for each player."""
    return scores.values if scores.groups is None else scores.values[scores.groups]


NAMES = [name for name, method in METHODS.items() if method.needs == "probe"]
LEAST = {"shapley": 33}  # masks for nine regions: two pairs of orders
SIGNED = [name for name in NAMES if METHODS[name].reads != "order"]  # an order says nothing against a word


@pytest.mark.parametrize("name", NAMES)
def test_every_method_finds_the_region_that_matters(name: str) -> None:
    scores = play(name, WEIGHTS.tolist())
    assert scores.shape == WEIGHTS.shape
    assert scores.dtype == np.float32
    assert scores[:, 0].argmax() == 3
    if name != "windows":  # there, half of what a region loses is its neighbour's
        assert np.argsort(-scores[:, 3])[:2].tolist() == [0, 5]


@pytest.mark.parametrize("name", SIGNED)
def test_every_method_finds_the_region_that_argues_against_a_token(name: str) -> None:
    scores = play(name, WEIGHTS.tolist())
    if METHODS[name].reads == "dependence":  # without a sign
        assert scores[:, 1].argmax() == 1
    else:
        assert scores[1, 1] == scores[:, 1].min() < 0


@pytest.mark.parametrize("name", SIGNED)
def test_every_method_leaves_a_token_alone_that_does_not_look(name: str) -> None:
    scores = play(name, WEIGHTS.tolist())
    np.testing.assert_allclose(scores[:, 2], 0, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("budget", [None, 20, 100])
def test_every_method_asks_as_many_masks_as_it_says(name: str, budget: int | None) -> None:
    probe = LogitGame(WEIGHTS.tolist())
    METHODS[name].run(replace(probe.game, selection=(0, 3)), budget=budget, seed=0)
    masks = METHODS[name].masks(len(WEIGHTS), budget, 0)
    if isinstance(masks, int):
        assert probe.asked <= masks + 2, "it decides as it goes; besides, it may ask of everything and of nothing"
    else:
        assert masks.shape == (len(masks), len(WEIGHTS))
        assert probe.asked - len(masks) in (0, 1, 2), "besides them it may ask of everything and of nothing"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("budget", [20, 33, 100, 511, 512])
def test_every_method_keeps_to_the_budget_or_is_refused(name: str, budget: int) -> None:
    probe, plan = LogitGame(WEIGHTS.tolist()), Plan(name, budget=budget)
    if LEAST.get(name, 0) > budget:
        with pytest.raises(AppError, match=rf"{name} asks \d+ masks for 9 regions, over the budget of {budget}; raise"):
            check(Question((np.zeros((1, 9, 3), np.uint8),), "?"), probe.game.players, plan)
        return
    assert most_masks(len(WEIGHTS), plan) <= budget
    METHODS[name].run(replace(probe.game, selection=(0, 3)), budget=budget, seed=0)
    assert probe.asked <= budget + 2, "everything and nothing are not counted"


@pytest.mark.parametrize("name", NAMES)
def test_every_methods_sketch_of_all_that_was_asked_finds_the_region_that_matters(name: str) -> None:
    """While it runs, the map is drawn from what was asked so far; before that nothing is known."""
    probe, asked = LogitGame(WEIGHTS.tolist()), list[tuple[Keeps, LogProbs]]()

    class Recorded:
        tokens, nothing = probe.tokens, probe.nothing

        def __call__(self, keep: Keeps) -> LogProbs:
            asked.append((keep, probe(keep)))
            return asked[-1][1]

        def of(self, tokens: Sequence[int]) -> Probe:
            return Columns(self, tokens)

    METHODS[name].run(replace(probe.game, probe=Recorded(), selection=(0,)), budget=None, seed=0)
    keeps, logprobs = (np.concatenate(column) for column in zip(*asked, strict=True))
    full, players = probe(np.ones((1, len(WEIGHTS)), bool))[0], probe.game.players
    nothing = METHODS[name].sketch(players, keeps[:0], logprobs[:0], full)
    assert np.isnan(nothing.values).all()
    some = keeps.sum(axis=1) < len(WEIGHTS)
    sketch = METHODS[name].sketch(players, keeps[some], logprobs[some], full)
    values = sketch.values if sketch.groups is None else sketch.values[sketch.groups]
    assert values.shape == WEIGHTS.shape
    assert np.nanargmax(values[:, 0]) == 3


@pytest.mark.parametrize("name", NAMES)
def test_every_method_gives_the_same_scores_for_the_same_seed(name: str) -> None:
    first, second = (play(name, WEIGHTS.tolist(), seed=7) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", SIGNED)
def test_every_method_scores_a_single_region(name: str) -> None:
    scores = play(name, [[5.0, -5.0]])
    assert scores[0, 0] > 0
    assert scores[0, 1] > 0 if METHODS[name].reads == "dependence" else scores[0, 1] < 0


@pytest.mark.parametrize("name", NAMES)
def test_every_method_says_what_it_does_in_one_line(name: str) -> None:
    summary = METHODS[name].summary
    assert summary.endswith(".")
    assert len(summary) < 90
