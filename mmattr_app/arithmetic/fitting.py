"""Estimate scores of players from masks and replies: by mean effects, samples, a Gaussian process or Shapley values."""

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

LENGTHS = (0.6, 1.0, 1.5, 2.2, 3.2)  # length scales of the Gaussian process to try, in mean sizes of a player
SIGNALS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # signal-to-noise ratios to try: explained variance / other variance
SENSITIVE = 0.2  # a token that loses more probability than this with nothing visible needs the picture (EAGLE)
ALONE = 0.02  # variance of a player's weight that is independent of its neighbours
INTERVAL_PROBABILITY = 0.95  # that a normal value is below INTERVAL standard errors
ENOUGH_MASKS = 12  # a sketch from fewer masks is not shown


def to_logits(logprobs: LogProbs, *, contrast: bool = False) -> Matrix:
    """Turn log p into log-odds, log(p / (1 - p)), which still change where p is near 1; a contrast already is log-odds.

    The shape stays [masks, tokens].
    """
    if contrast:
        return logprobs.astype(np.float64)
    capped = np.minimum(logprobs.astype(np.float64), -1e-7)  # log p = 0 would be an infinite logit
    return capped - np.log(-np.expm1(capped))


def find_sensitive(full: LogProbs, blank: LogProbs) -> list[int]:
    """List the tokens that need what is visible, the neediest first; at least one. Both are [tokens]."""
    loss = np.exp(np.minimum(full, 0)) - np.exp(np.minimum(blank, 0))  # a contrast can be above zero
    order = np.argsort(-loss, kind="stable").tolist()
    return [token for token in order if loss[token] > SENSITIVE] or order[:1]


def mean_effects(keeps: Keeps, values: LogProbs | Matrix) -> Matrix:  # [players, tokens]
    """Give the mean value of masks that show a player minus that of masks that hide it; 0 if there are none of one."""
    shown = keeps - keeps.mean(axis=0)
    together = shown.T @ (values - values.mean(axis=0))
    return together / np.maximum((shown**2).sum(axis=0), 1e-9)[:, None]


def sketch_effects(keeps: Keeps, values: LogProbs | Matrix) -> Scores:
    """Sketch the map of a method with random masks, by mean effects: rough at first, and better with every mask."""
    drawn = ~keeps.all(axis=1)
    if drawn.sum() < ENOUGH_MASKS:
        return Scores(np.full((keeps.shape[1], values.shape[1]), np.nan, np.float32))
    return Scores(mean_effects(keeps[drawn], values[drawn]).astype(np.float32))


def mean_of_samples(samples: Matrix) -> Scores:
    """Average independent maps [samples, players, tokens], with standard errors.

    The variance of few samples is uncertain. So the mean variance of all players counts as one more sample, and the
    errors are widened as Student's t distribution is wider than the normal one.
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
    """The posterior of the weights w [players, tokens] after some masks: a Gaussian distribution.

    The covariance of w[i, s] and w[j, t] is `player_covariance[i, j] * token_covariance[s, t]`: every token is known
    from the same masks. So the mean and the variance of a span, the sum of its tokens, follow from the same numbers.
    """

    mean: Matrix  # [players, tokens]
    player_covariance: Matrix  # [players, players]
    token_covariance: Matrix  # [tokens, tokens]
    noise: float  # variance of a reply that the weights do not explain, in the unit of `player_covariance`

    @property
    def errors(self) -> Matrix:
        """Give the standard error of each weight: [players, tokens]."""
        return np.sqrt(np.outer(np.maximum(self.player_covariance.diagonal(), 0), self.token_covariance.diagonal()))

    def of(self, columns: Sequence[Sequence[int]]) -> "Posterior":
        """Give the posterior of spans instead of tokens; each entry of `columns` lists the tokens of one span."""
        adds = np.zeros((len(self.token_covariance), len(columns)))
        for span, tokens in enumerate(columns):
            adds[list(tokens), span] = 1
        return replace(self, mean=self.mean @ adds, token_covariance=adds.T @ self.token_covariance @ adds)

    def draws(self, number: int, rng: np.random.Generator) -> Iterator[Matrix]:
        """Yield, for one token after the other, `number` maps drawn from the posterior: [number, players]."""
        safe = self.player_covariance + 1e-9 * np.eye(len(self.player_covariance))
        units = rng.standard_normal((number, len(safe))) @ np.linalg.cholesky(safe).T
        for mean, variance in zip(self.mean.T, self.token_covariance.diagonal(), strict=True):
            yield mean + np.sqrt(variance) * units


def fit_weights(places: Matrix, keeps: Keeps, logits: Matrix, judged: Sequence[int]) -> Posterior:
    """Fit `logits = mean + sum of w over the visible players + noise` by a Gaussian process.

    The weights of a token have the covariance v (exp(-d^2 / 2 l^2) + ALONE if the players are the same), where d is the
    distance of two players; the noise has the variance v * noise. The marginal likelihood chooses v for each token, and
    l and noise for all tokens of `judged` together. All is closed form, with one eigendecomposition for each l.
    """
    shown, target = keeps - keeps.mean(axis=0), logits - logits.mean(axis=0)
    squares = squared_distances(places)
    fits = [_Fit.of(squares, length, shown, target) for length in LENGTHS]
    tries = [(fit, max(float(fit.eigenvalues.mean()), 1e-9) / signal) for fit, signal in product(fits, SIGNALS)]
    best, noise = max(tries, key=lambda one: one[0].evidence(one[1])[list(judged)].sum())
    return best.posterior(noise)


@dataclass(frozen=True, eq=False)
class _Fit:
    """The fit for one length l. The covariance of the replies is U diag(eigenvalues) U' + noise I."""

    kernel: Matrix  # [players, players], covariance of the weights
    across: Matrix  # [players, masks], covariance of weights and replies, times U
    eigenvalues: Matrix  # [masks]
    target: Matrix  # [masks, tokens], U' times the replies

    @classmethod
    def of(cls, squares: Matrix, length: float, shown: Matrix, target: Matrix) -> "_Fit":
        kernel = np.exp(-squares / (2 * length**2)) + ALONE * np.eye(len(squares))
        across = kernel @ shown.T
        eigenvalues, vectors = np.linalg.eigh(shown @ across)
        return cls(kernel, across @ vectors, np.maximum(eigenvalues, 0), vectors.T @ target)

    def evidence(self, noise: float) -> Matrix:
        """Give each token's log marginal likelihood at its likeliest variance v, up to a constant: [tokens]."""
        total = self.eigenvalues + noise
        variances = (self.target**2 / total[:, None]).mean(axis=0)
        return -0.5 * (len(total) * np.log(np.maximum(variances, 1e-12)) + np.log(total).sum())

    def posterior(self, noise: float) -> Posterior:
        """Give the posterior of the weights after the replies."""
        scaled = self.target / (self.eigenvalues + noise)[:, None]
        explained = self.across / np.sqrt(self.eigenvalues + noise)
        return Posterior(
            mean=self.across @ scaled,
            player_covariance=self.kernel - explained @ explained.T,
            token_covariance=self.target.T @ scaled / len(scaled),
            noise=noise,
        )


def shapley_value(worth: Matrix, player: int) -> NDArray[np.float64]:  # [tokens]
    """Give a player's exact Shapley value: what it adds to a set, averaged over the sets of a size, then over sizes.

    `worth` [2^players, tokens] has the value of each set; bit i of a row's number says whether player i is in the set.
    """
    sets = np.arange(len(worth))
    without = sets[sets >> player & 1 == 0]
    return mean_by_size(without) @ (worth[without | 1 << player] - worth[without])


def mean_by_size(sets: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give a weight for each set (a bit pattern) such that all sizes count the same, and all sets of one size too."""
    sizes = np.array([int(number).bit_count() for number in sets])
    others = int(sizes.max())
    return np.array([1 / (others + 1) / comb(others, size) for size in sizes])
