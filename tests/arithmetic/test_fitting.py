"""The Gaussian process over players against scikit-learn's, a brute-force formula, and games whose answer is known."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import (
    ALONE,
    LENGTHS,
    SIGNALS,
    Posterior,
    _Fit,
    find_sensitive,
    fit_weights,
    to_logits,
)
from mmattr_app.arithmetic.sampling import SHARES, every_mask, smooth_halves, squared_distances

SIDE = 6
PLACES = np.array([(row, column) for row in range(SIDE) for column in range(SIDE)], float)


def masks(number: int, seed: int = 0) -> NDArray[np.bool_]:
    """Draw smooth masks of a square of players."""
    return smooth_halves(PLACES, number, np.random.default_rng(seed))


def fitted(keeps: NDArray[np.bool_], logits: NDArray[np.float64]) -> Posterior:
    return fit_weights(PLACES, keeps, logits, range(logits.shape[1]))


def bump(middle: int, height: float = 3.0) -> NDArray[np.float64]:
    """Give smooth weights around a player."""
    return height * np.exp(-squared_distances(PLACES)[middle] / 2)


@pytest.mark.parametrize("length", LENGTHS[:3])
@pytest.mark.parametrize("noise", [0.3, 10.0])
def test_replies_are_predicted_as_by_scikit_learn(length: float, noise: float) -> None:
    """Both put the same Gaussian over the replies of masks: ours by way of the players' weights."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import DotProduct

    regressor: Any = GaussianProcessRegressor
    process = partial(regressor, DotProduct(0.0, "fixed"), alpha=noise, optimizer=None)
    keeps, fresh = masks(40), masks(10, seed=1)
    logits = keeps @ np.stack([bump(7), bump(20)], axis=1) + np.random.default_rng(2).normal(0, 0.5, (40, 2))
    shown, target = keeps - keeps.mean(axis=0), logits - logits.mean(axis=0)
    kernel = np.exp(-squared_distances(PLACES) / (2 * length**2)) + ALONE * np.eye(len(PLACES))
    root: Any = np.linalg.cholesky(kernel)  # a dot product of masks times the root is their covariance
    ours = _Fit.of(squared_distances(PLACES), length, shown, target).posterior(noise)
    theirs = process().fit(shown @ root, target)
    means, errors = theirs.predict((fresh - keeps.mean(axis=0)) @ root, return_std=True)
    centred = fresh - keeps.mean(axis=0)
    np.testing.assert_allclose(centred @ ours.mean, means, atol=1e-6)
    np.testing.assert_allclose(
        np.sqrt(np.einsum("mi,ij,mj->m", centred, ours.player_covariance, centred)), errors[:, 0], atol=1e-6
    )
    evidence = _Fit.of(squared_distances(PLACES), length, shown, target[:, :1])
    variance = float(evidence.posterior(noise).token_covariance[0, 0])
    scaled = process().fit(shown @ root, target[:, 0] / np.sqrt(variance))
    constant = -0.5 * len(keeps) * (1 + np.log(2 * np.pi))  # what the evidence leaves out
    theirs_evidence = float(scaled.log_marginal_likelihood_value_) - 0.5 * len(keeps) * np.log(variance)
    assert evidence.evidence(noise)[0] + constant == pytest.approx(theirs_evidence, abs=1e-6)


def test_the_likeliest_length_and_noise_are_taken() -> None:
    keeps = masks(60)
    logits = (keeps @ bump(14))[:, None]
    shown, target = keeps - keeps.mean(axis=0), logits - logits.mean(axis=0)
    found = fitted(keeps, logits)
    fits = [_Fit.of(squared_distances(PLACES), length, shown, target) for length in LENGTHS]
    best = max(fit.evidence(fit.eigenvalues.mean() / signal)[0] for fit in fits for signal in SIGNALS)
    chosen = [fit for fit in fits if np.allclose(fit.posterior(found.noise).mean, found.mean)]
    assert chosen[0].evidence(found.noise)[0] == best


def test_a_span_is_the_sum_of_its_tokens_and_its_error_the_one_of_a_fit_to_the_sum() -> None:
    keeps = masks(50)
    logits = keeps @ np.stack([bump(7), bump(8), -bump(30)], axis=1) + np.random.default_rng(0).normal(0, 0.3, (50, 3))
    known = fitted(keeps, logits)
    span = known.of([[0, 1]])
    shown, target = keeps - keeps.mean(axis=0), logits[:, :2].sum(axis=1, keepdims=True)
    fits = [_Fit.of(squared_distances(PLACES), length, shown, target - target.mean()) for length in LENGTHS]
    alone = next(fit.posterior(known.noise) for fit in fits if np.allclose(fit.posterior(known.noise).mean, span.mean))
    np.testing.assert_allclose(span.mean[:, 0], known.mean[:, 0] + known.mean[:, 1])
    np.testing.assert_allclose(span.errors, alone.errors)


@pytest.mark.parametrize("game", ["additive", "and", "or"])
def test_the_intervals_hold_what_all_masks_would_give(game: str) -> None:
    """On games that a sum can and cannot say, nine in ten intervals hold the weights that many masks give."""

    def play(keeps: NDArray[np.bool_], number: int) -> NDArray[np.float64]:
        rng = np.random.default_rng(number)
        one, other = rng.choice(len(PLACES), 2, replace=False)
        parts = [keeps @ bump(place) / bump(place).sum() for place in (one, other)]
        value = {"additive": parts[0] + parts[1], "and": parts[0] * parts[1], "or": np.maximum(*parts)}[game]
        return 6 * value[:, None]

    held: list[float] = []
    for number in range(10):
        few, many = masks(48, seed=number), masks(400, seed=1000 + number)
        known, truth = fitted(few, play(few, number)), fitted(many, play(many, number))
        held.append(float((np.abs(known.mean - truth.mean) < 1.645 * known.errors).mean()))
    assert 0.8 <= np.mean(held) <= 1.0


def test_draws_have_the_means_and_the_errors() -> None:
    keeps = masks(40)
    known = fitted(keeps, keeps @ np.stack([bump(7), bump(20)], axis=1))
    for token, drawn in enumerate(known.draws(4000, np.random.default_rng(0))):
        error = known.errors[:, token]
        np.testing.assert_allclose(drawn.mean(axis=0), known.mean[:, token], atol=float(0.1 * error.max()))
        np.testing.assert_allclose(drawn.std(axis=0), error, rtol=0.08)


def test_a_token_that_does_not_react_has_no_weights_and_no_errors() -> None:
    keeps = masks(30)
    known = fitted(keeps, np.zeros((30, 1)))
    assert not known.mean.any()
    assert not known.errors.any()


def test_masks_are_smooth_and_show_about_half() -> None:
    keeps = masks(200)
    shares = keeps.mean(axis=1)
    assert SHARES[0] - 1 / SIDE**2 <= shares.min() < shares.max() <= SHARES[1] + 1 / SIDE**2
    squares = keeps.reshape(-1, SIDE, SIDE)
    assert (squares[:, :, 1:] == squares[:, :, :-1]).mean() > 0.7, "neighbours are alike"
    assert np.abs(keeps.mean(axis=0) - 0.5).max() < 0.15, "and every player is shown about as often"


def test_every_mask_is_every_mask() -> None:
    keeps = every_mask(5)
    assert len({tuple(keep) for keep in keeps.tolist()}) == len(keeps) == 32


def test_the_tokens_that_need_the_picture_come_in_the_order_of_their_need() -> None:
    full, blank = (np.log(np.array(chances, np.float32)) for chances in ([0.9, 0.5, 0.9, 0.1], [0.5, 0.4, 0.1, 0.1]))
    assert find_sensitive(full, blank) == [2, 0]
    assert find_sensitive(full, full) == [0], "where none does, the first stands for all"


def test_a_certain_token_has_a_finite_logit() -> None:
    logits = to_logits(np.array([0.0, -1e-9, -0.5, -80.0], np.float32))
    assert np.isfinite(logits).all()
    np.testing.assert_allclose(logits[2], -0.5 - np.log(1 - np.exp(-0.5)), rtol=1e-6)
