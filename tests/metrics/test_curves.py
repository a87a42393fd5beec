"""Insertion and deletion on games whose curves are known."""

from dataclasses import replace

import numpy as np
import pytest

from mmattr_app.domain import Curve, Scores
from mmattr_app.metrics import METRICS
from tests.games import LogitGame

WEIGHTS = np.array([[0.0, 1.0], [4.0, 0.0], [1.0, -2.0], [-1.0, 0.5]])


def curve(name: str, scores: np.ndarray, selection: tuple[int, ...] | None = None) -> Curve:
    game = replace(LogitGame(WEIGHTS.tolist()).game, selection=selection)
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


def test_a_span_is_ranked_by_its_sum_and_its_probability_is_the_mean() -> None:
    order = [1, 0, 3, 2]  # by both tokens together
    expected = [np.mean([chance(order[:count], token) for token in (0, 1)]) for count in range(5)]
    np.testing.assert_allclose(curve("insertion", WEIGHTS).values, expected, atol=1e-5)


def test_the_right_order_is_better_than_the_wrong_one() -> None:
    assert curve("insertion", WEIGHTS, (0,)).area > curve("insertion", -WEIGHTS, (0,)).area
    assert curve("deletion", WEIGHTS, (0,)).area < curve("deletion", -WEIGHTS, (0,)).area


def test_the_area_is_that_under_straight_lines() -> None:
    bent = Curve(np.array([0, 0.5, 1], np.float32), np.array([0, 1, 0.5], np.float32))
    assert bent.area == pytest.approx(0.25 + 0.375)


@pytest.mark.parametrize("name", METRICS)
def test_many_players_are_taken_in_twenty_steps_of_about_equal_size(name: str) -> None:
    weights = np.random.default_rng(0).normal(size=(300, 1))
    probe = LogitGame(weights.tolist())
    measured = METRICS[name].run(probe.game, Scores(weights.astype(np.float32)))
    assert isinstance(measured, Curve)
    assert probe.asked <= METRICS[name].masks + 1
    np.testing.assert_allclose(np.diff(measured.shares), 1 / 20, atol=1 / 300)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_says_what_it_does_in_one_line(name: str) -> None:
    assert METRICS[name].says.endswith(".")
    assert len(METRICS[name].says) < 90
