"""A result in three figures: whether the answer needs the picture, and whether one place of it or many."""

from dataclasses import dataclass

import numpy as np

from mmattr_app.domain import Attribution
from mmattr_app.sentences import name_places


@dataclass(frozen=True)
class Figures:
    """Of one result, over all tokens that it is for."""

    reliance: float  # nats that the answer loses without the picture, for each token
    best_share: float  # of the whole support, how much the best region has, from 0 to 1
    entropy: float  # of the support over the regions: 0 is all in one region (local), 1 the same in all (global)
    place: str  # where the best region is


def find_figures(result: Attribution) -> Figures:
    """Find the figures; support is what is above zero, and without any the map is called global."""
    tokens = list(result.chosen)
    scores = np.nan_to_num(result.scores.values[:, tokens].sum(axis=1, dtype=np.float64))
    support, players = np.maximum(scores, 0), len(scores)
    parts = support / support.sum() if support.any() else np.full(players, 1 / players)
    entropy = -float((parts[parts > 0] * np.log(parts[parts > 0])).sum()) / max(np.log(players), 1e-9)
    best = int(parts.argmax())
    reliance = float(result.reliance[tokens].mean())
    return Figures(reliance, float(parts[best]), min(1.0, max(0.0, entropy)), name_places(result)[best])
