"""Teacher forcing: the log-probability of every answer token, in one forward or through generation."""

import copy
import inspect
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList

from mmattr_app.models.families import Family
from mmattr_app.models.prefix_cache import Past, read

# (logits [batch, tokens, vocabulary], the tokens [batch, tokens]) -> what is wanted of them, row by row
Take: TypeAlias = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Said:
    """What of an answer stands behind each prompt of a batch, and what each token is read after."""

    tokens: Tensor  # [batch, tokens], the answer
    kept: Tensor  # [batch, kept], those that are not hidden from those after them
    before: Tensor  # [batch, tokens], how many of the kept ones come before each token

    @classmethod
    def hiding(cls, token_ids: Sequence[int], hidden: Sequence[Sequence[int]], device: Any) -> "Said":
        """Hide as many tokens in each row; `hidden` lists their places."""
        tokens = torch.tensor([token_ids], device=device).expand(len(hidden), -1)
        keep = torch.ones(tokens.shape, dtype=torch.bool)
        for row, places in zip(keep, hidden, strict=True):
            row[list(places)] = False
        keep = keep.to(device)
        return cls(tokens, tokens[keep].view(len(hidden), -1), keep.cumsum(1) - keep.long())

    @property
    def needed(self) -> int:
        """Count the logits that are needed: the first one is behind the prompt, each other behind a kept token."""
        return int(self.before.max()) + 1

    def take(self, logits: Tensor, take: "Take | None" = None) -> Tensor:
        """Take each token's log-probability from the needed logits, [batch, tokens], or something else."""
        take = take or gather_logprobs
        if self.kept.shape == self.tokens.shape:  # none is hidden: one after the other
            return take(logits, self.tokens)
        rows = torch.arange(len(logits), device=logits.device)[:, None]
        return take(logits[rows, self.before.to(logits.device)], self.tokens)


def score_tokens(
    model: Any,
    inputs: dict[str, Any],
    token_ids: Sequence[int],
    pictures: Collection[str],
    past: Past | None = None,
    *,
    family: Family,
    hidden: Sequence[Sequence[int]] | None = None,
    take: Take | None = None,
) -> Tensor:
    """Give log p(token | inputs, the tokens before it) in float32: [batch, tokens]; or what `take` takes.

    `pictures` names the inputs that the image processor made; they have no entry for each position of the prompt,
    though their sizes may happen to look like it. A `past` is of the same question and answer, for a batch of one.
    `hidden` lists for each row the tokens that those after them do not see, as many in each.
    """
    said = Said.hiding(token_ids, hidden or [()] * len(inputs["input_ids"]), inputs["input_ids"].device)
    if model.config.get_text_config().is_encoder_decoder:
        return said.take(_decode(model, inputs, said), take)
    prompt = _without_end_mark(model, inputs) if family.drops_end_mark else inputs
    length = prompt["input_ids"].shape[1]
    texts = {name for name, value in prompt.items() if name not in pictures and _positions(value) == length}
    extended = {
        name: _extend(name, value, said.kept, family) if name in texts else value for name, value in prompt.items()
    }
    start = -(said.kept.shape[1] + 1)  # behind the prompt
    if "logits_to_keep" in inspect.signature(model.forward).parameters:
        # Places, not a number of them: a slice of every row would go through the head row by row.
        extended["logits_to_keep"] = torch.arange(start, start + said.needed, device=said.tokens.device)
    logits = read(model, extended, past) if past else model(**extended, use_cache=False).logits
    return said.take(logits if logits.shape[1] == said.needed else logits[:, start:][:, : said.needed], take)


def gather_logprobs(logits: Tensor, token_ids: Tensor) -> Tensor:
    """Pick the tokens' log-probabilities out of logits [..., vocabulary], in float32 whatever they came in."""
    logits, token_ids = logits.float(), token_ids.to(logits.device)  # the last layer may be on another GPU
    return logits.gather(-1, token_ids[..., None])[..., 0] - logits.logsumexp(-1)


def gather_distribution(logits: Tensor, ids: Tensor) -> Tensor:
    """Give the log-probabilities of some words at each token, and last that of all others: [..., tokens, words + 1].

    `ids` [tokens, words] names the words at each token.
    """
    logits = logits.float()
    words = ids.to(logits.device).expand(*logits.shape[:-2], *ids.shape)
    logprobs = logits.gather(-1, words) - logits.logsumexp(-1, keepdim=True)
    rest = (1 - logprobs.double().exp().sum(-1, keepdim=True)).clamp(min=0).log()
    return torch.cat([logprobs, rest.float()], dim=-1)


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


def _decode(model: Any, inputs: dict[str, Any], said: Said) -> Tensor:
    """Give an encoder-decoder's logits for the answer: its decoder reads a start token and what was said before."""
    places = (model.generation_config, model.config.get_text_config(decoder=True), model.config)
    start = next(found for place in places if (found := getattr(place, "decoder_start_token_id", None)) is not None)
    begun = torch.cat([torch.full_like(said.tokens[:, :1], start), said.kept[:, : said.needed - 1]], dim=1)
    return model(**inputs, decoder_input_ids=begun, use_cache=False).logits


def force_tokens(
    model: Any,
    inputs: dict[str, Any],
    token_ids: Sequence[int],
    config: GenerationConfig,
    hidden: Sequence[Sequence[int]] | None = None,
    *,
    take: Take | None = None,
) -> Tensor:
    """Give log p(token | inputs, the tokens before it) in float32: [batch, tokens]; the rest as in `score_tokens`."""
    said = Said.hiding(token_ids, hidden or [()] * len(inputs["input_ids"]), model.device)
    config = copy.deepcopy(config)
    config.update(max_new_tokens=said.needed, min_new_tokens=said.needed, eos_token_id=None)
    speaks = torch.cat([said.kept, said.tokens[:, -1:]], dim=1)[:, : said.needed]  # nothing is read behind the last
    with torch.inference_mode():
        out = model.generate(**inputs, generation_config=config, logits_processor=LogitsProcessorList([_Only(speaks)]))
    return said.take(torch.stack(out.logits, dim=1), take)


class _Only(LogitsProcessor):
    """Leaves one choice for each token; the raw logits are kept before it comes to that."""

    def __init__(self, token_ids: Tensor) -> None:
        self._left = list(token_ids.T)

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        del input_ids
        return torch.full_like(scores, -torch.inf).scatter(1, self._left.pop(0)[:, None].to(scores.device), 0)
