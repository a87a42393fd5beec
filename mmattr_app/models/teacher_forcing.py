"""Teacher forcing: the log-probability of every answer token, in one forward pass or through generation."""

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

# (logits [batch, tokens, vocabulary], the tokens [batch, tokens]) -> a result with a row for each of the batch
Take: TypeAlias = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class ForcedAnswer:
    """The answer's ids behind each prompt of a batch; some of them may be hidden from the later ones."""

    tokens: Tensor  # [batch, tokens], all ids of the answer
    kept: Tensor  # [batch, kept], the ids that are not hidden: these are the model's input
    before: Tensor  # [batch, tokens], how many kept ids come before each token

    @classmethod
    def hiding(cls, token_ids: Sequence[int], hidden: Sequence[Sequence[int]], device: Any) -> "ForcedAnswer":
        """Hide tokens, by their numbers, in each row [batch]; the same number of tokens in each."""
        tokens = torch.tensor([token_ids], device=device).expand(len(hidden), -1)
        keep = torch.ones(tokens.shape, dtype=torch.bool)
        for row, places in zip(keep, hidden, strict=True):
            row[list(places)] = False
        keep = keep.to(device)
        return cls(tokens, tokens[keep].view(len(hidden), -1), keep.cumsum(1) - keep.long())

    @property
    def needed(self) -> int:
        """Count the positions whose logits are needed: the prompt's last, and each kept token before the last token."""
        return int(self.before.max()) + 1

    def take(self, logits: Tensor, take: "Take | None" = None) -> Tensor:
        """Apply `take` to the needed logits; without it, give each token's log-probability: [batch, tokens]."""
        take = take or gather_logprobs
        if self.kept.shape == self.tokens.shape:  # none is hidden: logits and tokens are in the same order
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
    """Give log p(token | inputs, the tokens before it) in float32: [batch, tokens]; or the result of `take`.

    `pictures` names the inputs that the image processor made: they are not extended by the answer, even if their size
    happens to be the prompt's length. `past` is the prefix cache of the same question and answer, for a batch of one.
    `hidden` lists for each row the numbers of the tokens that later tokens do not see, the same number in each row.
    """
    answer = ForcedAnswer.hiding(token_ids, hidden or [()] * len(inputs["input_ids"]), inputs["input_ids"].device)
    if model.config.get_text_config().is_encoder_decoder:
        return answer.take(_decode(model, inputs, answer), take)
    prompt = _without_end_mark(model, inputs) if family.drops_end_mark else inputs
    length = prompt["input_ids"].shape[1]
    texts = {name for name, value in prompt.items() if name not in pictures and _positions(value) == length}
    extended = {
        name: _extend(name, value, answer.kept, family) if name in texts else value for name, value in prompt.items()
    }
    start = -(answer.kept.shape[1] + 1)  # the prompt's last position, which predicts the first token
    if "logits_to_keep" in inspect.signature(model.forward).parameters:
        # As indices: with a number the model would slice a view, which goes through the head row by row.
        extended["logits_to_keep"] = torch.arange(start, start + answer.needed, device=answer.tokens.device)
    logits = read(model, extended, past) if past else model(**extended, use_cache=False).logits
    if logits.shape[1] != answer.needed:
        logits = logits[:, start:][:, : answer.needed]
    return answer.take(logits, take)


def gather_logprobs(logits: Tensor, token_ids: Tensor) -> Tensor:
    """Give the tokens' log-probabilities [...] from logits [..., vocabulary], in float32 whatever their precision."""
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
    """Append the answer to the ids; extend masks and types of positions by repeating the prompt's last entry."""
    if name == "input_ids":
        return torch.cat([value, answer], dim=1)
    more = value[:, -1:].expand(-1, answer.shape[1], *value.shape[2:])
    if name == "token_type_ids" and family.answer_type is not None:
        more = torch.full_like(more, family.answer_type)
    return torch.cat([value, more], dim=1)


def _positions(value: Any) -> int | None:
    return value.shape[1] if isinstance(value, Tensor) and value.ndim > 1 else None


def _without_end_mark(model: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """Give the prompt as the model's own `generate` changes it: no end token, and the start token first."""
    ids = inputs["input_ids"][:, :-1].clone()
    ids[:, 0] = model.config.text_config.bos_token_id
    return inputs | {"input_ids": ids, "attention_mask": inputs["attention_mask"][:, :-1]}


def _decode(model: Any, inputs: dict[str, Any], answer: ForcedAnswer) -> Tensor:
    """Give an encoder-decoder's logits for the answer; its decoder's input is a start token and the kept tokens."""
    places = (model.generation_config, model.config.get_text_config(decoder=True), model.config)
    start = next(found for place in places if (found := getattr(place, "decoder_start_token_id", None)) is not None)
    ids = torch.cat([torch.full_like(answer.tokens[:, :1], start), answer.kept[:, : answer.needed - 1]], dim=1)
    return model(**inputs, decoder_input_ids=ids, use_cache=False).logits


def force_tokens(
    model: Any,
    inputs: dict[str, Any],
    token_ids: Sequence[int],
    config: GenerationConfig,
    hidden: Sequence[Sequence[int]] | None = None,
    *,
    take: Take | None = None,
) -> Tensor:
    """Do the same as `score_tokens` through the model's `generate`, which is slower but works for every family."""
    answer = ForcedAnswer.hiding(token_ids, hidden or [()] * len(inputs["input_ids"]), model.device)
    config = copy.deepcopy(config)
    config.update(max_new_tokens=answer.needed, min_new_tokens=answer.needed, eos_token_id=None)
    forced = torch.cat([answer.kept, answer.tokens[:, -1:]], dim=1)[:, : answer.needed]  # the last one has no effect
    processors = LogitsProcessorList([_Force(forced)])
    with torch.inference_mode():
        out = model.generate(**inputs, generation_config=config, logits_processor=processors)
    return answer.take(torch.stack(out.logits, dim=1), take)


class _Force(LogitsProcessor):
    """Logits processor that forces the given ids [batch, tokens]; `generate` keeps the raw logits from before it."""

    def __init__(self, token_ids: Tensor) -> None:
        self._left = list(token_ids.T)

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        del input_ids
        return torch.full_like(scores, -torch.inf).scatter(1, self._left.pop(0)[:, None].to(scores.device), 0)
