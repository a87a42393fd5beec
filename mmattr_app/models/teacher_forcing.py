"""Teacher forcing: the log-probability of every answer token, in one forward or through generation."""

import copy
import inspect
from collections.abc import Collection, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList

from mmattr_app.models.families import Family
from mmattr_app.models.prefix_cache import Past, read


def score_tokens(
    model: Any,
    inputs: dict[str, Any],
    token_ids: Sequence[int],
    pictures: Collection[str],
    past: Past | None = None,
    *,
    family: Family,
) -> Tensor:
    """Give log p(token | inputs, the tokens before it) in float32: [batch, tokens].

    `pictures` names the inputs that the image processor made; they have no entry for each position of the prompt,
    though their sizes may happen to look like it. A `past` is of the same question and answer, for a batch of one.
    """
    answer = torch.tensor([token_ids], device=inputs["input_ids"].device).expand(len(inputs["input_ids"]), -1)
    if model.config.get_text_config().is_encoder_decoder:
        return gather_logprobs(_decode(model, inputs, answer), answer)
    prompt = _without_end_mark(model, inputs) if family.drops_end_mark else inputs
    length = prompt["input_ids"].shape[1]
    texts = {name for name, value in prompt.items() if name not in pictures and _positions(value) == length}
    extended = {
        name: _extend(name, value, answer, family) if name in texts else value for name, value in prompt.items()
    }
    count = len(token_ids)
    if "logits_to_keep" in inspect.signature(model.forward).parameters:
        # Places, not a number of them: a slice of every row would go through the head row by row.
        extended["logits_to_keep"] = torch.arange(-(count + 1), -1, device=answer.device)
    logits = read(model, extended, past) if past else model(**extended, use_cache=False).logits
    return gather_logprobs(logits if logits.shape[1] == count else logits[:, -(count + 1) : -1], answer)


def gather_logprobs(logits: Tensor, token_ids: Tensor) -> Tensor:
    """Pick the tokens' log-probabilities out of logits [..., vocabulary], in float32 whatever they came in."""
    logits, token_ids = logits.float(), token_ids.to(logits.device)  # the last layer may be on another GPU
    return logits.gather(-1, token_ids[..., None])[..., 0] - logits.logsumexp(-1)


def _extend(name: str, value: Tensor, answer: Tensor, family: Family) -> Tensor:
    """Append the answer; in what goes with it each position is what the prompt's last one is: seen, and text."""
    if name == "input_ids":
        return torch.cat([value, answer], dim=1)
    more = value[:, -1:].expand(-1, answer.shape[1], *value.shape[2:])
    if name == "token_type_ids" and family.answer_type is not None:
        more = torch.full_like(more, family.answer_type)
    return torch.cat([value, more], dim=1)


def _positions(value: Any) -> int | None:
    return value.shape[1] if isinstance(value, Tensor) and value.ndim > 1 else None


def _without_end_mark(model: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """Give the prompt as the model's own `generate` reads it."""
    ids = inputs["input_ids"][:, :-1].clone()
    ids[:, 0] = model.config.text_config.bos_token_id
    return inputs | {"input_ids": ids, "attention_mask": inputs["attention_mask"][:, :-1]}


def _decode(model: Any, inputs: dict[str, Any], answer: Tensor) -> Tensor:
    """Give an encoder-decoder's logits for the answer: its decoder reads a start token and what was said before."""
    places = (model.generation_config, model.config.get_text_config(decoder=True), model.config)
    start = next(found for place in places if (found := getattr(place, "decoder_start_token_id", None)) is not None)
    said = torch.cat([torch.full_like(answer[:, :1], start), answer[:, :-1]], dim=1)
    return model(**inputs, decoder_input_ids=said, use_cache=False).logits


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
