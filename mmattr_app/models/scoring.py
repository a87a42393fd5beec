"""Teacher forcing: the log-probability of every answer token, in one forward for a batch of pictures."""

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def score_tokens(model: Any, inputs: dict[str, Any], token_ids: Sequence[int]) -> Tensor:
    """Give log p(token | inputs, the tokens before it) in float32: [batch, tokens]."""
    prompt = inputs["input_ids"]
    answer = torch.tensor([token_ids], device=prompt.device).expand(len(prompt), -1)
    extended = {name: _extend(name, value, prompt, answer) for name, value in inputs.items()}
    count = len(token_ids)
    if "logits_to_keep" in inspect.signature(model.forward).parameters:
        extended["logits_to_keep"] = count + 1
    logits = model(**extended, use_cache=False).logits[:, -(count + 1) : -1]
    return gather_logprobs(logits, answer)


def gather_logprobs(logits: Tensor, token_ids: Tensor) -> Tensor:
    """Pick the tokens' log-probabilities out of logits [..., vocabulary], in float32 whatever they came in."""
    logits = logits.float()
    return logits.gather(-1, token_ids[..., None])[..., 0] - logits.logsumexp(-1)


def _extend(name: str, value: Any, prompt: Tensor, answer: Tensor) -> Any:
    """Append the answer to whatever has one entry for each position of the prompt."""
    if name == "input_ids":
        return torch.cat([prompt, answer], dim=1)
    if not isinstance(value, Tensor) or value.shape != prompt.shape:
        return value
    attended = 1 if name == "attention_mask" else 0  # 0 = text, in the tensors that tell text from picture
    return torch.cat([value, value.new_full(answer.shape, attended)], dim=1)
