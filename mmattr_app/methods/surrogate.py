"""A sparse linear surrogate fitted to random keeps (ContextCite's LASSO): what each region adds to a token's logit."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Probe
from mmattr_app.domain import Keeps, LogProbs, Scores

DEFAULT_MASKS = 64
FEWEST_MASKS = 8  # fewer say nothing about more than a few regions
SPARSITY = 0.1  # the penalty as a share of the smallest one that leaves no region at all


def masks(regions: int, budget: int | None, seed: int) -> Keeps:
    """Draw as many masks as the budget says, each region visible with probability one half."""
    number = max(FEWEST_MASKS, budget or DEFAULT_MASKS)
    return np.random.default_rng(seed).random((number, regions)) < 0.5


def surrogate(probe: Probe, *, budget: int | None, seed: int) -> Scores:
    """Show each region with probability one half, and fit the tokens' logits by the regions shown."""
    keep = masks(probe.regions, budget, seed)
    logits = to_logits(probe(keep))
    shown = keep - keep.mean(axis=0)  # centred, so that the penalty spares the intercept
    return Scores(np.stack([_weights(shown, column) for column in logits.T], axis=1), unit="logits")


def to_logits(logprobs: LogProbs) -> NDArray[np.float64]:
    """Turn log p into log p / (1 - p), which goes on rising where p is near one."""
    capped = np.minimum(logprobs.astype(np.float64), -1e-7)  # log p = 0 would be an infinite logit
    return capped - np.log(-np.expm1(capped))


def _weights(shown: NDArray[np.float64], logits: NDArray[np.float64]) -> NDArray[np.float32]:
    # Here, since it takes seconds that the page need not wait for.
    from sklearn.linear_model import Lasso  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    target = logits - logits.mean()
    no_region_left = np.abs(shown.T @ target).max() / len(target)
    if no_region_left < 1e-9:  # the token does not react to the picture
        return np.zeros(len(shown[0]), np.float32)
    lasso: Any = Lasso(alpha=SPARSITY * no_region_left, fit_intercept=False, max_iter=10_000)
    return lasso.fit(shown, target).coef_.astype(np.float32)
