"""Leave-one-out: a region matters as much as the tokens lose without it (Captum's FeatureAblation)."""

import numpy as np

from mmattr_app.contracts import Probe
from mmattr_app.domain import Scores


def ablation(probe: Probe, *, budget: int | None, seed: int) -> Scores:
    """Score a region by log p(token | everything visible) - log p(token | all but this region)."""
    del budget, seed  # always regions + 1 questions, nothing drawn
    everything = np.ones((1, probe.regions), bool)
    without_one = ~np.eye(probe.regions, dtype=bool)
    return Scores(probe(everything) - probe(without_one))
