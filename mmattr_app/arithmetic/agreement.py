"""How much two maps agree: rank correlation, and the overlap of their best parts."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def rank_correlation(first: Values, second: Values) -> float:
    """Give Spearman's rank correlation, from -1 to 1; 0 if one of the two is constant."""
    ranks = np.stack([ranks_of(first), ranks_of(second)])
    if (ranks.std(axis=1) == 0).any():
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def top_overlap(first: Values, second: Values, share: float) -> float:
    """Compare the best `share` of both: 1 if they are the same places, 0 if they have no place in common."""
    count = max(round(share * len(first)), 1)
    tops = [set(np.argsort(-values, kind="stable")[:count].tolist()) for values in (first, second)]
    return len(tops[0] & tops[1]) / count


def ranks_of(values: NDArray[np.floating]) -> Values:
    """Rank values from 1, the lowest first; equal values get the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[place]
