"""Which masks to ask next: those that would tell most about where the top of each map is."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from mmattr_app.arithmetic.fitting import Posterior

Chances: TypeAlias = NDArray[np.float64]  # [spans, players], how likely each player is the top one of a span

DRAWS = 200  # maps by which the chances are guessed
NEAR = 2.0  # mean sizes of a player: a top so near to another is the same


def count_tops(known: Posterior, rng: np.random.Generator) -> Chances:
    """Draw maps from what is known, and count which player is the top one."""
    tops = [maps.argmax(axis=1) for maps in known.draws(DRAWS, rng)]
    return np.stack([np.bincount(top, minlength=len(known.mean)) / DRAWS for top in tops])


def doubts_of(known: Posterior, chances: Chances, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the chance that the top of each span is somewhere else: [spans]."""
    tops = places[known.mean.argmax(axis=0)]
    return (chances * are_apart(tops[:, None], places)).sum(axis=1)


def doubts_of_samples(samples: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bound the same chance for the mean of maps [samples, players, spans] that were drawn alike: [spans].

    It is the sum, over the players apart from the top one, of the chance that they are above it (Student's t test).
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
    """Say of places [..., dimensions] whether they are more than NEAR apart: two tops and not the same."""
    return ((one - other) ** 2).sum(axis=-1) > NEAR**2 + 1e-6


def choose_masks(
    number: int, pool: NDArray[np.float64], known: Posterior, chances: Chances, doubts: NDArray[np.float64]
) -> list[int]:
    """Choose so many masks, each of which would tell most after those before it.

    A mask x tells of player i with the covariance (C x)_i. It tells which of several likely players is the top one by
    how much that differs between them: its variance under the chances, over the variance of the reply.
    """
    tells, chosen = pool @ known.player_covariance, list[int]()  # [masks, players]
    for _ in range(number):
        replies = (pool * tells).sum(axis=1) + known.noise
        variances = tells**2 @ chances.T - (tells @ chances.T) ** 2
        worth = variances @ doubts / replies
        worth[chosen] = -np.inf
        best = int(worth.argmax())
        chosen.append(best)
        tells = tells - np.outer(pool @ tells[best], tells[best] / replies[best])
    return chosen
