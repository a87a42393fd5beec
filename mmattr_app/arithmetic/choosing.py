"""Choose the masks to ask next: those that say most about which player is the top one (active learning)."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from mmattr_app.arithmetic.fitting import Posterior

Chances: TypeAlias = NDArray[np.float64]  # [spans, players], the probability that a player is the top one of a span

DRAWS = 200  # maps that are drawn to estimate the chances
NEAR = 2.0  # mean sizes of a player: two tops that are no further apart count as the same


def top_chances(known: Posterior, rng: np.random.Generator) -> Chances:
    """Estimate the chance of each player to be the top one, by drawing maps from the posterior."""
    tops = [maps.argmax(axis=1) for maps in known.draws(DRAWS, rng)]
    return np.stack([np.bincount(top, minlength=len(known.mean)) / DRAWS for top in tops])


def doubts_of(known: Posterior, chances: Chances, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the chance that the true top of each span is not near the top of the mean map: [spans]."""
    tops = places[known.mean.argmax(axis=0)]
    return (chances * are_apart(tops[:, None], places)).sum(axis=1)


def doubts_of_samples(samples: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bound the same chance for the mean of independent maps [samples, players, spans]: [spans].

    The bound is the sum, over the players that are not near the top one, of the chance that such a player is above it
    (Student's t test).
    """
    tops = samples.mean(axis=0).argmax(axis=0)
    leads = samples[:, tops, range(samples.shape[2])][:, None] - samples
    errors = leads.std(axis=0, ddof=1) / np.sqrt(len(samples))
    above: NDArray[np.float64] = stdtr(len(samples) - 1, -leads.mean(axis=0) / np.maximum(errors, 1e-9))
    return np.minimum((above * are_apart(places[tops], places[:, None])).sum(axis=0), 1)


def say_sure(unsure: NDArray[np.bool_], selection: Sequence[int] | None) -> str:
    """Say of how many tokens the top of the map is sure, or whether that of the selected ones is."""
    sure, of = int((~unsure).sum()), len(unsure)
    if selection is not None or of == 1:
        what = "the one token that needs the picture most" if selection is None else "the selected words"
        return f"For {what}, it is {'' if sure else 'not '}sure which part matters most."
    tokens = f"{sure} of the {of} tokens (words or pieces of words) that need the picture"
    return f"For {tokens}, it is sure which part matters most."


def are_apart(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say whether places [..., dimensions] are more than NEAR apart, so that they count as two tops."""
    return ((one - other) ** 2).sum(axis=-1) > NEAR**2 + 1e-6


def choose_masks(
    number: int, pool: NDArray[np.float64], known: Posterior, chances: Chances, doubts: NDArray[np.float64]
) -> list[int]:
    """Choose `number` masks of the pool [masks, players], each the most useful one after those before it.

    The reply to a mask x has the covariance (C x)_i with the weight of player i. A mask tells apart players that may be
    the top one if this covariance differs between them. So its use is the variance of (C x)_i, with player i drawn by
    its chance to be the top one, divided by the variance of the reply, and summed over the spans by their doubts.
    """
    covariances, chosen = pool @ known.player_covariance, list[int]()  # [masks, players]
    for _ in range(number):
        reply_variances = (pool * covariances).sum(axis=1) + known.noise
        differences = covariances**2 @ chances.T - (covariances @ chances.T) ** 2  # [masks, spans]
        use = differences @ doubts / reply_variances
        use[chosen] = -np.inf
        best = int(use.argmax())
        chosen.append(best)
        gain = covariances[best] / reply_variances[best]
        covariances = covariances - np.outer(pool @ covariances[best], gain)  # the posterior after this reply
    return chosen
