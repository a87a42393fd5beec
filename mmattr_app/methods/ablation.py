"""Leave-one-out: a region matters as much as the tokens lose without it (Captum's FeatureAblation)."""

import numpy as np

from mmattr_app.contracts import Probe
from mmattr_app.domain import Keeps, Scores


def masks(regions: int, budget: int | None, seed: int) -> Keeps:
    """Hide each region once: always as many masks as regions, nothing drawn."""
    del budget, seed
    return ~np.eye(regions, dtype=bool)


def ablation(probe: Probe, *, budget: int | None, seed: int) -> Scores:
    """Score a region by log p(token | everything visible) - log p(token | all but this region)."""
    everything = np.ones((1, probe.regions), bool)
    return Scores(probe(everything) - probe(masks(probe.regions, budget, seed)))
