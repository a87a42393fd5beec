"""Means with intervals, when numbers come in groups that belong together, such as the words of one picture."""

from collections.abc import Sequence

import numpy as np

DRAWS, LEVEL = 2000, 0.9


def interval(groups: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """Give the mean of all numbers, and bounds of 90% of the means when groups are drawn anew; nan is left out."""
    known = [np.array(group, float)[~np.isnan(np.array(group, float))] for group in groups]
    sums, counts = (np.array([measure(group) for group in known], float) for measure in (np.sum, len))
    if not counts.sum():
        return float("nan"), float("nan"), float("nan")
    drawn = np.random.default_rng(0).integers(0, len(known), (DRAWS, len(known)))
    sizes = counts[drawn].sum(axis=1)
    means = sums[drawn].sum(axis=1)[sizes > 0] / sizes[sizes > 0]
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(sums.sum() / counts.sum()), float(low), float(high)
