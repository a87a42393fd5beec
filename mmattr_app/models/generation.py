"""Let a model say its answer token by token, greedily or by sampling, and read its tokens as text."""

import copy
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from os.path import commonprefix
from queue import SimpleQueue
from threading import Event
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList, StoppingCriteria, StoppingCriteriaList

from mmattr_app.domain import Sampling
from mmattr_app.models.teacher_forcing import gather_logprobs


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


@dataclass(frozen=True)
class Generated:
    """The ids without the stop tokens at their end, their raw log-probs, and whether the limit ended them."""

    ids: list[int]
    logprobs: Tensor
    cut_off: bool


def generate(
    model: Any, inputs: dict[str, Any], config: GenerationConfig, sampling: Sampling
) -> Iterator[list[int] | Generated]:
    """Yield the ids so far after every token, and a Generated last; closing the iterator stops the model."""
    watch = _Watch()
    with ThreadPoolExecutor(1) as thread:
        run = thread.submit(_run, model, inputs, config, sampling, watch)
        run.add_done_callback(lambda _: watch.ids.put(None))
        try:
            while (ids := watch.ids.get()) is not None:
                yield ids
        finally:
            watch.stop.set()
    yield run.result()


def greedy(model: Any, max_tokens: int, stop_ids: Sequence[int], forbidden: Sequence[int]) -> GenerationConfig:
    """Take the model's own settings without their sampling, and without tokens that stand for pictures or sound."""
    config = copy.deepcopy(model.generation_config)
    config.update(do_sample=False, num_beams=1, temperature=None, top_p=None, top_k=None, min_p=None, typical_p=None)
    config.update(max_new_tokens=max_tokens, max_length=None, return_dict_in_generate=True, output_logits=True)
    config.update(eos_token_id=list(stop_ids) or None, forced_eos_token_id=None)  # no end that it did not choose
    if config.pad_token_id is None:
        config.update(pad_token_id=next(iter(stop_ids), 0))
    config.update(suppress_tokens=sorted({*(config.suppress_tokens or []), *forbidden}) or None)
    return config


def _run(
    model: Any, inputs: dict[str, Any], config: GenerationConfig, sampling: Sampling, watch: "_Watch"
) -> Generated:
    draws = LogitsProcessorList([Draw(sampling)] if sampling.temperature else [])
    watches = StoppingCriteriaList([watch])
    with torch.inference_mode():
        out = model.generate(**inputs, generation_config=config, stopping_criteria=watches, logits_processor=draws)
    count = len(out.logits)
    ids = out.sequences[0, -count:]
    logprobs = gather_logprobs(torch.cat(out.logits), ids)
    stop_ids = set(config.eos_token_id or ())
    said = ids.tolist()
    while said and said[-1] in stop_ids:
        said.pop()
    return Generated(said, logprobs[: len(said)], cut_off=len(said) == count)


class _Watch(StoppingCriteria):
    """Sees every token as it is made; transformers asks it whether to stop."""

    def __init__(self) -> None:
        self.ids: SimpleQueue[list[int] | None] = SimpleQueue()
        self.stop = Event()
        self._count = 0

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        del scores
        self._count += 1
        self.ids.put(input_ids[0, -self._count :].tolist())
        return torch.full((len(input_ids),), self.stop.is_set(), device=input_ids.device)


def decode(tokenizer: Any, ids: Sequence[int]) -> str:
    """Decode without the tidying that would move characters between tokens."""
    return tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def split_into_pieces(tokenizer: Any, ids: Sequence[int]) -> tuple[str, ...]:
    """Cut the decoded text into one piece for each id; the pieces add up to the text exactly.

    Decoding ids one by one is wrong (spaces, bytes of one emoji), so every beginning is decoded, and a piece ends
    where that beginning stops agreeing with the whole text. A piece may be empty.
    """
    text = decode(tokenizer, ids)
    ends = [0]
    for count in range(1, len(ids)):
        agreed = len(commonprefix([decode(tokenizer, ids[:count]), text]))  # noqa: RUF071  (by character)
        ends.append(max(ends[-1], agreed))
    ends.append(len(text))
    return tuple(text[start:end] for start, end in pairwise(ends))


def align(decoded: Sequence[str], text: str) -> tuple[str, ...]:
    """Cut `text` into pieces by what each id decodes to alone, which may lack a space or be half an emoji."""
    ends: list[int] = []
    at, lost = 0, False
    for token in decoded:
        seen = token if text.startswith(token, at) or (lost and token in text[at:]) else token.strip()
        found = text.find(seen, at) if seen and "\ufffd" not in seen else -1
        if found >= 0 and (lost or not text[at:found].strip()):
            if lost:
                ends[-1] = found  # what was skipped belongs to the one before, which could not be found
            at, lost = found + len(seen), False
        elif token:
            lost = True
        ends.append(at)
    return tuple(text[start:end] for start, end in pairwise([0, *ends[:-1], len(text)]))
