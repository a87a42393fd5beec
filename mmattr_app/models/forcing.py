"""Scoring by the model's own generation, which is made to say the answer: slower, and right for any family."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList

from mmattr_app.models.scoring import gather_logprobs


def force_tokens(model: Any, inputs: dict[str, Any], token_ids: Sequence[int], config: GenerationConfig) -> Tensor:
    """Give log p(token | inputs, the tokens before it) in float32: [batch, tokens]."""
    count = len(token_ids)
    config = copy.deepcopy(config)
    config.update(max_new_tokens=count, min_new_tokens=count, eos_token_id=None)
    speaks = LogitsProcessorList([_Only(token_ids)])
    with torch.inference_mode():
        out = model.generate(**inputs, generation_config=config, logits_processor=speaks)
    logits = torch.stack(out.logits, dim=1)
    return gather_logprobs(logits, torch.tensor([token_ids], device=logits.device).expand(len(logits), -1))


class _Only(LogitsProcessor):
    """Leaves one choice for each token; the raw logits are kept before it comes to that."""

    def __init__(self, token_ids: Sequence[int]) -> None:
        self._left = list(token_ids)

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        del input_ids
        only = torch.full_like(scores, -torch.inf)
        only[:, self._left.pop(0)] = 0
        return only
