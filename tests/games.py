"""Toy games with a known answer, for methods to play instead of a model."""

from collections.abc import Sequence

import numpy as np

from mmattr_app.contracts import Probe
from mmattr_app.domain import Keeps, LogProbs


class LogitGame:
    """Every token's logit is a sum over the visible regions: the answer is the weights themselves."""

    def __init__(self, weights: Sequence[Sequence[float]]) -> None:
        """Take weights [regions, tokens]."""
        self.weights = np.array(weights)
        self.regions, self.tokens = self.weights.shape
        self.asked = 0

    def __call__(self, keep: Keeps) -> LogProbs:
        assert keep.dtype == bool
        assert keep.shape[1] == self.regions
        self.asked += len(keep)
        logits = keep @ self.weights - 1.0
        return -np.logaddexp(0, -logits).astype(np.float32)

    def nothing(self) -> LogProbs:
        return self(np.zeros((1, self.regions), bool))[0]

    def of(self, tokens: Sequence[int]) -> Probe:
        return LogitGame(self.weights[:, list(tokens)].tolist())
