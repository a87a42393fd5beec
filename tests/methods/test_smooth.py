"""Smooth masks and a Gaussian process on games with a known answer: tops, errors, choosing, stopping, budgets."""

from dataclasses import replace

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.arithmetic.sampling import smooth_halves
from mmattr_app.contracts import Game
from mmattr_app.domain import Keeps, LogProbs, Pixels, Question
from mmattr_app.methods import METHODS, smooth
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.settings import Settings
from tests.games import LogitGame, ToyWorker, explain_regions

SIDE = 12


def square(*spots: tuple[int, int], height: float = 4.0) -> tuple[LogitGame, Game]:
    """Play on a grid of cells in which each token rests on one spot of 2x2 cells."""
    weights = np.zeros((SIDE, SIDE, len(spots)))
    for token, (row, column) in enumerate(spots):
        weights[row : row + 2, column : column + 2, token] = height / 4
    probe = LogitGame(weights.reshape(-1, len(spots)).tolist())
    image = np.zeros((SIDE * 4, SIDE * 4, 3), np.uint8)
    players = Regions(Question((image,), "?"), pipeline.segment(image, f"grid:{SIDE}x{SIDE}"), "mean")
    return probe, Game(probe, players)


def rows_and_columns(players: np.ndarray) -> list[tuple[int, int]]:
    return [(int(player) // SIDE, int(player) % SIDE) for player in players]


def test_each_token_finds_its_spot_among_many_more_cells_than_masks() -> None:
    spots = [(2, 3), (8, 8), (5, 1), (9, 2)]
    probe, game = square(*spots)
    scores = smooth.smooth(game, budget=64, seed=0)
    for (row, column), (found_row, found_column) in zip(
        spots, rows_and_columns(scores.values.argmax(axis=0)), strict=True
    ):
        assert abs(found_row - row - 0.5) <= 1
        assert abs(found_column - column - 0.5) <= 1
    assert probe.asked <= 66
    assert scores.errors is not None
    assert scores.errors.shape == scores.values.shape
    assert (scores.values.max(axis=0) > 3 * scores.errors[scores.values.argmax(axis=0), range(4)]).all()


def test_it_stops_when_every_top_is_sure_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(percent: int) -> int:
        monkeypatch.setattr(smooth, "settings", lambda: Settings(wrong_top=percent))
        probe, game = square((2, 3), (8, 8))
        smooth.smooth(game, budget=200, seed=1)
        return probe.asked - 2

    assert smooth.LEAST <= asked(100) <= asked(5) < 200
    assert asked(0) >= asked(5)


def test_it_says_for_how_many_tokens_the_top_is_sure() -> None:
    _, game = square((2, 3), (8, 8))
    scores = smooth.smooth(game, budget=64, seed=0)
    assert scores.doubts is not None
    sure = int((scores.doubts <= 0.05).sum())
    assert f"For {sure} of the 2 tokens" in scores.says
    assert scores.says.endswith("it is sure which part matters most.")


def test_chosen_masks_find_the_spots_better_than_as_many_drawn_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    spots = [(int(row), int(column)) for row, column in rng.integers(0, SIDE - 1, (30, 2))]

    def inside(seed: int) -> float:
        probe, game = square(*spots[3 * seed : 3 * seed + 3], height=1.5)
        scores = smooth.smooth(game, budget=40, seed=seed).values
        return float(np.take_along_axis(probe.weights, scores.argmax(axis=0)[None], 0).sum())

    chosen = sum(map(inside, range(10)))
    monkeypatch.setattr(smooth, "choose_masks", lambda number, *_: list(range(number)))
    assert chosen >= sum(map(inside, range(10)))


def test_for_a_selection_the_masks_are_chosen_for_it() -> None:
    _, game = square((2, 3), (8, 8))
    one, other = (smooth.smooth(replace(game, selection=(token,)), budget=40, seed=0) for token in (0, 1))
    assert not np.array_equal(one.values, other.values)


def test_few_players_are_asked_in_every_way_there_is() -> None:
    probe = LogitGame([[3.0], [0.0], [-1.0], [0.5]])
    scores = smooth.smooth(probe.game, budget=None, seed=0)
    assert probe.asked == 1 + 1 + 15
    np.testing.assert_allclose(scores.values[:, 0], [3, 0, -1, 0.5], atol=0.2)


def test_a_second_method_asks_nothing_again_that_it_asked(picture: Pixels) -> None:
    toy, memo = ToyWorker(), {}
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    cut = pipeline.segment(picture, "grid:3x3")
    explain_regions(toy, answer, cut, Plan("smooth", budget=600), memo=memo)
    paid = toy.masks
    assert paid == 2**9, "every mask; the one that shows nothing is asked for once"
    explain_regions(toy, answer, cut, Plan("ablation"), memo=memo)
    explain_regions(toy, answer, cut, Plan("surrogate", budget=40), memo=memo)
    assert toy.masks == paid


def test_the_same_seed_gives_the_same_map_and_another_another() -> None:
    maps = [smooth.smooth(square((2, 3))[1], budget=40, seed=seed).values for seed in (0, 0, 1)]
    np.testing.assert_array_equal(maps[0], maps[1])
    assert not np.array_equal(maps[0], maps[2])


def test_a_large_budget_is_a_bounded_number_of_masks() -> None:
    assert METHODS["smooth"].masks(500, 10_000, 0) == smooth.MOST_MASKS
    assert METHODS["smooth"].masks(500, 3, 0) == smooth.FEWEST_MASKS
    assert METHODS["smooth"].masks(3, None, 0) == 6


def test_a_sketch_before_there_is_enough_shows_nothing_and_then_has_errors() -> None:
    probe, game = square((2, 3))

    def sketch(number: int) -> tuple[Keeps, LogProbs]:
        keeps = smooth_halves(game.players.places(), number, np.random.default_rng(0))
        return keeps, probe(keeps)

    full = probe(np.ones((1, SIDE**2), bool))[0]
    assert np.isnan(smooth.sketch(game.players, *sketch(smooth.ENOUGH_MASKS - 1), full).values).all()
    errors = smooth.sketch(game.players, *sketch(smooth.ENOUGH_MASKS), full).errors
    assert errors is not None
    assert (errors > 0).all()
