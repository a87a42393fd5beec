"""Insertion and deletion on games whose curves are known."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from mmattr_app.arithmetic import curves
from mmattr_app.contracts import Game
from mmattr_app.domain import Curve, Question, Scores
from mmattr_app.metrics import METRICS
from mmattr_app.players.regions import Regions
from mmattr_app.players.together import Together
from mmattr_app.segmentation import Segmentation
from tests.games import LogitGame, PowerGame, row_of_pixels

WEIGHTS = np.array([[0.0, 1.0], [4.0, 0.0], [1.0, -2.0], [-1.0, 0.5]])


def curve(name: str, scores: np.ndarray, selection: tuple[int, ...] | None = None, game: Game | None = None) -> Curve:
    game = replace(game or LogitGame(WEIGHTS.tolist()).game, selection=selection)
    measured = METRICS[name].run(game, Scores(scores.astype(np.float32)))
    assert isinstance(measured, Curve)
    return measured


def chance(visible: list[int], token: int) -> float:
    return float(1 / (1 + np.exp(1 - WEIGHTS[visible, token].sum())))


def test_the_curves_are_those_of_the_game_step_by_step() -> None:
    order = [1, 2, 0, 3]  # for the first token, by its weights
    shown = [chance(order[:count], 0) for count in range(5)]
    hidden = [chance(order[count:], 0) for count in range(5)]
    insertion, deletion = (curve(name, WEIGHTS, (0,)) for name in ("insertion", "deletion"))
    np.testing.assert_allclose(insertion.shares, [0, 0.25, 0.5, 0.75, 1], atol=1e-6)
    np.testing.assert_allclose(insertion.values, shown, atol=1e-5)
    np.testing.assert_allclose(deletion.values, hidden, atol=1e-5)
    assert insertion.highest == pytest.approx(chance([1, 2, 0], 0))


@pytest.mark.parametrize("power", [1, 2, 3])
def test_areas_are_those_of_closed_form(power: int) -> None:
    """The probability is (visible share)^power: in 20 steps its area is a sum of powers, whatever the order."""
    grid = np.arange(21) / 20
    expected = float(((grid[1:] ** power + grid[:-1] ** power) / 40).sum())
    game = PowerGame(np.ones(40) / 40, power).game
    scores = np.random.default_rng(0).normal(size=(40, 1))
    assert abs(curve("insertion", scores, game=game).area - expected) < 1e-9
    assert abs(curve("deletion", scores, game=game).area - expected) < 1e-9
    assert abs(curve("random-deletion", scores, game=game).area - expected) < 1e-9
    assert METRICS["above-chance"].run(game, Scores(scores.astype(np.float32))) == pytest.approx(0, abs=1e-9)


def test_shares_are_of_the_pixels_that_are_really_shown() -> None:
    """Two regions overlap, and some pixels are in none: they are shown as soon as anything is."""
    masks = np.zeros((2, 1, 10), bool)
    masks[0, 0, :4] = masks[1, 0, 2:7] = True
    players = Regions(Question((np.zeros((1, 10, 3), np.uint8),), "?"), Segmentation.from_masks("two", masks), "white")
    game = Game(LogitGame([[1.0], [2.0]]), players)
    shown = curves.show(game, [np.array([1, 0])], [0])[0]
    np.testing.assert_allclose(shown.shares, [0, 0.3, 0.6, 1])  # nothing; no region; all but the first one; everything
    np.testing.assert_allclose(shown.values, [chance_of(0), chance_of(0), chance_of(2), chance_of(3)], atol=1e-6)
    hidden = curves.hide(game, [np.array([1, 0])], [0])[0]
    np.testing.assert_allclose(hidden.shares, [0, 0.5, 0.7, 1])
    np.testing.assert_allclose(hidden.values, [chance_of(3), chance_of(1), chance_of(0), chance_of(0)], atol=1e-6)


def test_of_several_pictures_shares_are_of_the_pixels_of_all() -> None:
    """The second picture has three times the pixels of the first; a group may hold regions of both."""
    question = Question((np.zeros((1, 10, 3), np.uint8), np.zeros((1, 30, 3), np.uint8)), "?")
    cuts = [Segmentation.from_labels("two", np.repeat([0, 1], count)[None]) for count in (5, 15)]
    players = Together([Regions(question, cut, "white", number) for number, cut in enumerate(cuts)])
    np.testing.assert_allclose(players.weights(), [0.125, 0.125, 0.375, 0.375])
    weights = np.array([[1.0], [0.5], [2.0], [0.2]])
    game = Game(LogitGame(weights.tolist()), players)
    order = [2, 0, 1, 3]
    for name, visible in (("insertion", lambda count: order[:count]), ("deletion", lambda count: order[count:])):
        found = curve(name, weights, game=game)
        np.testing.assert_allclose(found.shares, [0, 0.375, 0.5, 0.625, 1])
        np.testing.assert_allclose(found.values, [chance_of(weights[visible(n)].sum()) for n in range(5)], atol=1e-6)
    best = METRICS["sufficiency"].run(game, Scores(weights[[2, 1, 0, 3]].astype(np.float32)))
    assert best == pytest.approx(chance_of(weights.sum()) - chance_of(1.0), abs=1e-6), "the first picture's left half"
    both = players.grouped(np.array([0, 1, 0, 1]))
    grouped = curve("insertion", np.array([[3.0], [1.0]]), game=Game(LogitGame([[3.0], [1.0]]), both))
    np.testing.assert_allclose(grouped.shares, [0, 0.5, 1])


def chance_of(weight: float) -> float:
    return float(1 / (1 + np.exp(1 - weight)))


def test_a_span_is_ranked_by_its_sum_and_its_probability_is_the_mean() -> None:
    order = [1, 0, 3, 2]  # by both tokens together
    expected = [np.mean([chance(order[:count], token) for token in (0, 1)]) for count in range(5)]
    np.testing.assert_allclose(curve("insertion", WEIGHTS).values, expected, atol=1e-5)


def test_of_the_sensitive_tokens_only_those_count_that_need_the_picture() -> None:
    """The second token is as likely with everything as with nothing; the order is still that for both."""
    order = [1, 0, 3, 2]
    for name, visible in (("insertion", lambda count: order[:count]), ("deletion", lambda count: order[count:])):
        expected = [chance(visible(count), 0) for count in range(5)]
        np.testing.assert_allclose(curve(f"sensitive-{name}", WEIGHTS).values, expected, atol=1e-5)


def test_perfect_random_and_reversed_orders_rank_as_they_must() -> None:
    weights = np.random.default_rng(1).exponential(size=(60, 1)) - 0.5
    game = LogitGame(weights.tolist()).game
    perfect, backwards = ([curve(name, sign * weights, game=game).area for sign in (1, -1)] for name in NAMES)
    chances = [curve(f"random-{name}", weights, game=game).area for name in NAMES]
    assert perfect[0] > chances[0] > perfect[1]
    assert backwards[0] < chances[1] < backwards[1]
    above = [METRICS["above-chance"].run(game, Scores(sign * weights.astype(np.float32))) for sign in (1, -1)]
    assert above[0] > 0 > above[1]  # pyright: ignore[reportOperatorIssue]


NAMES = ("insertion", "deletion")


def test_the_control_is_centred_and_its_band_holds_every_order() -> None:
    game = LogitGame(np.random.default_rng(2).normal(size=(50, 1)).tolist()).game
    zeros = np.zeros((50, 1))
    insertion, deletion = (curve(f"random-{name}", zeros, game=game) for name in NAMES)
    assert insertion.area == pytest.approx(deletion.area, abs=1e-9)
    for order in curves.random_orders(50):
        (one,) = curves.show(game, [order], [0])
        assert insertion.low is not None
        assert insertion.high is not None
        assert (insertion.low <= one.values + 1e-12).all()
        assert (one.values <= insertion.high + 1e-12).all()


def test_all_random_orders_cost_one_set_of_masks() -> None:
    asked: set[bytes] = set()

    class Counted(LogitGame):
        def __call__(self, keep: np.ndarray) -> np.ndarray:
            asked.update(row.tobytes() for row in keep)
            return super().__call__(keep)

    game = Counted(WEIGHTS.repeat(10, axis=0).tolist()).game
    for name in ("random-insertion", "random-deletion"):
        METRICS[name].run(game, Scores(np.zeros((40, 2), np.float32)))
    assert len(asked) <= 8 * 19 + 2


def test_the_area_is_that_under_straight_lines() -> None:
    bent = Curve(np.array([0, 0.5, 1]), np.array([0, 1, 0.5]))
    assert bent.area == pytest.approx(0.25 + 0.375)


@pytest.mark.parametrize("name", ["insertion", "deletion"])
def test_many_players_are_taken_in_twenty_steps_of_about_equal_size(name: str) -> None:
    weights = np.random.default_rng(0).normal(size=(300, 1))
    measured = curve(name, weights, game=LogitGame(weights.tolist()).game)
    np.testing.assert_allclose(np.diff(measured.shares), 1 / 20, atol=1 / 300)


@pytest.mark.parametrize("orders", [[[2, 0, 1]], [[0, 1, 2], [2, 1, 0]]])
def test_players_are_shown_in_the_order_that_is_given(orders: Sequence[Sequence[int]]) -> None:
    players = row_of_pixels(3)
    for order in orders:
        masks = curves.steps(players, np.array(order))
        assert [np.flatnonzero(mask).tolist() for mask in masks] == [sorted(order[:count]) for count in range(4)]
