"""What masks and their replies say of each player: log-odds, mean effects, and a Gaussian process over the players."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from mmattr_app.arithmetic.sampling import squared_distances
from mmattr_app.domain import INTERVAL, Keeps, LogProbs, Scores

Matrix = NDArray[np.float64]

LENGTHS = (0.6, 1.0, 1.5, 2.2, 3.2)  # over which weights are alike, in mean sizes of a player
SIGNALS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # variance that the weights explain, as a multiple of the rest
SENSITIVE = 0.2  # of probability that a token loses with nothing visible (EAGLE): the others have no cause in it
ALONE = 0.02  # variance of a player's weight that it shares with no neighbour
INTERVAL_PROBABILITY = 0.95  # of a normal value below INTERVAL standard errors
ENOUGH_MASKS = 12  # before a sketch of mean effects is worth a look


def to_logits(logprobs: LogProbs, *, contrast: bool = False) -> Matrix:
    """Turn log p into log p / (1 - p), the log-odds, which go on rising where p is near one; a contrast is some."""
    if contrast:
        return logprobs.astype(np.float64)
    capped = np.minimum(logprobs.astype(np.float64), -1e-7)  # log p = 0 would be an infinite logit
    return capped - np.log(-np.expm1(capped))


def sensitive(full: LogProbs, blank: LogProbs) -> list[int]:
    """List the tokens that need what is visible, those first that need it most; at least one."""
    loss = np.exp(np.minimum(full, 0)) - np.exp(np.minimum(blank, 0))  # a contrast may be above zero
    order = np.argsort(-loss, kind="stable").tolist()
    return [token for token in order if loss[token] > SENSITIVE] or order[:1]


def mean_effects(keeps: Keeps, values: LogProbs | Matrix) -> Matrix:  # [players, tokens]
    """Give the mean over the masks that show a player, less the mean over those that hide it; 0 if one is missing."""
    shown = keeps - keeps.mean(axis=0)
    together = shown.T @ (values - values.mean(axis=0))
    return together / np.maximum((shown**2).sum(axis=0), 1e-9)[:, None]


def sketch_effects(keeps: Keeps, values: LogProbs | Matrix) -> Scores:
    """Sketch the map of a method that asks random masks by mean effects: rough, and better with every mask."""
    drawn = ~keeps.all(axis=1)
    if drawn.sum() < ENOUGH_MASKS:
        return Scores(np.full((keeps.shape[1], values.shape[1]), np.nan, np.float32))
    return Scores(mean_effects(keeps[drawn], values[drawn]).astype(np.float32))


def mean_of_samples(samples: Matrix) -> Scores:
    """Average maps [samples, players, tokens] that were drawn alike, with their standard errors.

    Few samples know their own spread badly: the mean variance of all players counts as one sample more, and the errors
    are as much wider as Student's t is than the normal curve.
    """
    number, rest = len(samples), samples - samples.mean(axis=0)
    squares = (rest**2).sum(axis=0)
    variances = (squares + squares.mean(axis=0) / (number - 1)) / number
    wider = float(stdtrit(number, INTERVAL_PROBABILITY)) / INTERVAL
    covariance = np.einsum("mps,mpt->st", rest, rest)
    scale = np.sqrt(np.maximum(covariance.diagonal(), 1e-12))
    return Scores(
        samples.mean(axis=0).astype(np.float32),
        errors=(wider * np.sqrt(variances / number)).astype(np.float32),
        correlation=(covariance / np.outer(scale, scale)).astype(np.float32),
    )


@dataclass(frozen=True, eq=False)
class Posterior:
    """What is known of the weights w [players, tokens] after some masks: Gaussian, with this mean.

    The covariance of w[i, s] and w[j, t] is `player_covariance[i, j] * token_covariance[s, t]`: what a mask tells of a
    player it tells for every token. So a span, the sum of its tokens, has the sum of their means, and its variance from
    the same numbers.
    """

    mean: Matrix  # [players, tokens]
    player_covariance: Matrix  # [players, players]
    token_covariance: Matrix  # [tokens, tokens]
    noise: float  # variance of what no weights explain, in the units of `player_covariance`

    @property
    def errors(self) -> Matrix:
        """Give the standard error of each weight: [players, tokens]."""
        return np.sqrt(np.outer(np.maximum(self.player_covariance.diagonal(), 0), self.token_covariance.diagonal()))

    def of(self, columns: Sequence[Sequence[int]]) -> "Posterior":
        """Add up tokens: each entry of `columns` names those of one span."""
        adds = np.zeros((len(self.token_covariance), len(columns)))
        for span, tokens in enumerate(columns):
            adds[list(tokens), span] = 1
        return replace(self, mean=self.mean @ adds, token_covariance=adds.T @ self.token_covariance @ adds)

    def draws(self, number: int, rng: np.random.Generator) -> Iterator[Matrix]:
        """Draw so many maps for each token, one token after the other: [draws, players]."""
        safe = self.player_covariance + 1e-9 * np.eye(len(self.player_covariance))
        units = rng.standard_normal((number, len(safe))) @ np.linalg.cholesky(safe).T
        for mean, variance in zip(self.mean.T, self.token_covariance.diagonal(), strict=True):
            yield mean + np.sqrt(variance) * units


def fit_weights(places: Matrix, keeps: Keeps, logits: Matrix, judged: Sequence[int]) -> Posterior:
    """Fit `logits = mean + sum of w over the visible players + rest` by a Gaussian process.

    Weights of a token are Gaussian with covariance v (exp(-d^2 / 2 l^2) + ALONE for a player and itself), the rest has
    variance v times `noise`; v is the likeliest for each token, l and the noise are the likeliest for the `judged`
    tokens together (by the marginal likelihood). Everything is closed form: one eigendecomposition for each l.
    """
    shown, target = keeps - keeps.mean(axis=0), logits - logits.mean(axis=0)
    squares = squared_distances(places)
    fits = [_Fit.of(squares, length, shown, target) for length in LENGTHS]
    tries = [(fit, max(float(fit.eigenvalues.mean()), 1e-9) / signal) for fit, signal in product(fits, SIGNALS)]
    best, noise = max(tries, key=lambda one: one[0].evidence(one[1])[list(judged)].sum())
    return best.posterior(noise)


@dataclass(frozen=True, eq=False)
class _Fit:
    """One length: the covariance of the replies, taken apart, A = U diag(eigenvalues) U' + noise I."""

    kernel: Matrix  # [players, players]
    across: Matrix  # [players, masks], covariance of weights and replies times U
    eigenvalues: Matrix  # [masks]
    target: Matrix  # [masks, tokens], U' times the replies

    @classmethod
    def of(cls, squares: Matrix, length: float, shown: Matrix, target: Matrix) -> "_Fit":
        kernel = np.exp(-squares / (2 * length**2)) + ALONE * np.eye(len(squares))
        across = kernel @ shown.T
        eigenvalues, vectors = np.linalg.eigh(shown @ across)
        return cls(kernel, across @ vectors, np.maximum(eigenvalues, 0), vectors.T @ target)

    def evidence(self, noise: float) -> Matrix:
        """Give each token's log marginal likelihood, but for a constant, at its likeliest variance: [tokens]."""
        total = self.eigenvalues + noise
        variances = (self.target**2 / total[:, None]).mean(axis=0)
        return -0.5 * (len(total) * np.log(np.maximum(variances, 1e-12)) + np.log(total).sum())

    def posterior(self, noise: float) -> Posterior:
        """Give the weights after the replies."""
        scaled = self.target / (self.eigenvalues + noise)[:, None]
        told = self.across / np.sqrt(self.eigenvalues + noise)
        return Posterior(
            mean=self.across @ scaled,
            player_covariance=self.kernel - told @ told.T,
            token_covariance=self.target.T @ scaled / len(scaled),
            noise=noise,
        )


def shapley_value(worth: Matrix, player: int) -> NDArray[np.float64]:  # [tokens]
    """Give what a player adds to a set of others, mean over the sizes of the set and over the sets of each size."""
    sets = np.arange(len(worth))
    without = sets[sets >> player & 1 == 0]
    return mean_by_size(without) @ (worth[without | 1 << player] - worth[without])


def mean_by_size(sets: NDArray[np.intp]) -> NDArray[np.float64]:
    """Weigh all sets of some players so that each size counts the same, and each set of a size."""
    sizes = np.array([int(number).bit_count() for number in sets])
    others = int(sizes.max())
    return np.array([1 / (others + 1) / comb(others, size) for size in sizes])
