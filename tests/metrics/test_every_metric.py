"""What every metric of METRICS must do, and the figures of each on games where they are known."""

from typing import Any

import numpy as np
import pytest
import torch
from captum.metrics import infidelity
from scipy.stats import spearmanr

from mmattr_app import metrics
from mmattr_app.arithmetic import curves
from mmattr_app.arithmetic.sampling import random_subsets
from mmattr_app.domain import Keeps, LogProbs, Scores
from mmattr_app.metrics import METRICS
from mmattr_app.metrics.energy import energy
from mmattr_app.metrics.pointing import pointing
from tests.games import LogitGame

WEIGHTS = np.random.default_rng(5).normal(size=(30, 2))


class Remembers(LogitGame):
    """Counts the different masks that it is asked, besides everything and nothing."""

    def __init__(self, weights: Any) -> None:
        super().__init__(weights)
        self.different: set[bytes] = set()

    def __call__(self, keep: Keeps) -> LogProbs:
        self.different |= {row.tobytes() for row in keep if 0 < row.sum() < len(row)}
        return super().__call__(keep)


def measure(name: str, scores: np.ndarray, probe: LogitGame | None = None) -> Any:
    return METRICS[name].run((probe or LogitGame(WEIGHTS.tolist())).game, Scores(scores.astype(np.float32)))


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_asks_no_more_than_it_says(name: str) -> None:
    probe = Remembers(WEIGHTS.tolist())
    measure(name, WEIGHTS, probe)
    assert 0 < len(probe.different) <= METRICS[name].masks


def test_a_metric_asks_nothing_that_another_has_asked() -> None:
    probe = Remembers(WEIGHTS.tolist())
    for name in ("insertion", "deletion", "random-insertion", "mu-fidelity"):
        measure(name, WEIGHTS, probe)
    before = len(probe.different)
    rest = ("sensitive-insertion", "sensitive-deletion", "random-deletion", "above-chance", "sufficiency", "infidelity")
    for name in rest:
        measure(name, WEIGHTS, probe)
    assert len(probe.different) == before
    assert {*rest, "insertion", "deletion", "random-insertion", "mu-fidelity"} == set(METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_says_what_it_does_in_one_line(name: str) -> None:
    assert METRICS[name].summary.endswith((".", "?"))
    assert len(METRICS[name].summary) < 90


@pytest.mark.parametrize("scores", [WEIGHTS, -WEIGHTS, WEIGHTS**3])
def test_infidelity_is_captums(scores: np.ndarray) -> None:
    hidden, probe = random_subsets(len(WEIGHTS)), LogitGame(WEIGHTS.tolist())

    def perturb(inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        changed = torch.from_numpy(hidden.astype(np.float32))
        return changed, inputs - changed

    def forward(visible: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(probe(visible.numpy() > 0.5).sum(axis=1))

    expected = infidelity(
        forward,
        perturb,
        torch.ones(1, len(WEIGHTS)),
        torch.from_numpy(scores.sum(axis=1, keepdims=True).T.astype(np.float32)),
        n_perturb_samples=len(hidden),
        normalize=True,
    )
    assert measure("infidelity", scores) == pytest.approx(float(expected), rel=1e-3)


def test_the_scores_of_an_additive_game_have_no_infidelity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LogitGame, "__call__", lambda self, keep: keep @ self.weights)
    assert measure("infidelity", 7 * WEIGHTS) == pytest.approx(0, abs=1e-9)
    assert measure("mu-fidelity", 7 * WEIGHTS) == pytest.approx(1)
    assert measure("mu-fidelity", -WEIGHTS) == pytest.approx(-1)


def test_mu_fidelity_is_spearmans_correlation_over_the_subsets() -> None:
    scores, probe = WEIGHTS + np.random.default_rng(0).normal(size=WEIGHTS.shape), LogitGame(WEIGHTS.tolist())
    hidden = random_subsets(30)
    assert (hidden.sum(axis=1) == 6).all(), "a fifth of the players"
    lost = [float((probe(np.ones((1, 30), bool)) - probe(~row[None])).sum()) for row in hidden]
    promised = [scores.sum(axis=1)[row].sum() for row in hidden]
    assert measure("mu-fidelity", scores) == pytest.approx(spearmanr(promised, lost)[0], abs=1e-3)


def test_a_map_that_is_the_same_everywhere_says_nothing() -> None:
    assert measure("mu-fidelity", np.zeros_like(WEIGHTS)) == 0.0
    assert np.isfinite(measure("infidelity", np.zeros_like(WEIGHTS)))


def test_sufficiency_is_what_is_lost_when_only_the_best_tenth_is_left() -> None:
    probe = LogitGame(WEIGHTS.tolist())
    best = np.argsort(-WEIGHTS.sum(axis=1))[:3]
    only = np.isin(np.arange(30), best)[None]
    expected = np.exp(probe(np.ones((1, 30), bool))).mean() - np.exp(probe(only)).mean()
    assert measure("sufficiency", WEIGHTS) == pytest.approx(expected, abs=1e-6)


def test_pointing_and_energy_where_the_truth_is_known() -> None:
    game = LogitGame(np.zeros((4, 1)).tolist()).game
    scores = Scores(np.array([[3.0], [1.0], [-5.0], [0.0]], np.float32))
    assert pointing(game, scores, np.array([0.25, 1, 1, 1])) == 0.25
    assert energy(game, scores, np.array([1.0, 0, 1, 1])) == pytest.approx(0.75)
    assert np.isnan(energy(game, Scores(np.full((4, 1), -1, np.float32)), np.ones(4)))


def test_the_masks_that_are_announced_follow_from_steps_and_orders() -> None:
    assert (curves.MASKS, curves.RANDOM_MASKS) == (20, 160)
    assert metrics.METRICS["above-chance"].masks == 200
