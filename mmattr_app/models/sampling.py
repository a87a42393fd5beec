"""Temperature and top-p with a seed of their own, whatever else draws numbers in this process."""

from typing import Any

import torch
from torch import Tensor
from transformers import LogitsProcessor

from mmattr_app.domain import Sampling


class Draw(LogitsProcessor):
    """Adds Gumbel noise, so that the greatest of the sums is a token drawn from the softmax.

    Transformers' own sampling reads torch's global generator, which two answers at once would take turns at.
    """

    def __init__(self, sampling: Sampling) -> None:
        """Take a temperature above zero."""
        self._how = sampling
        self._random = torch.Generator().manual_seed(sampling.seed)  # on the CPU: the same draws on every device

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Give the scores [batch, vocabulary] of which the greatest is the drawn token."""
        del input_ids
        scaled = _likeliest(scores.float() / self._how.temperature, self._how.top_p)
        even = torch.rand(scaled.shape, generator=self._random, dtype=torch.float64).clamp_min(1e-300)
        return scaled - (-even.log()).log().to(scaled)


def _likeliest(logits: Tensor, top_p: float) -> Tensor:
    """Leave the fewest tokens that make up `top_p` of the probability; the likeliest always stays."""
    if top_p >= 1:
        return logits
    ordered, places = logits.sort(descending=True)
    before = ordered.softmax(-1).cumsum(-1) - ordered.softmax(-1)
    dropped = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, places, before >= top_p)
    return logits.masked_fill(dropped, -torch.inf)
