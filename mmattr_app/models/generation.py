"""Generate an answer token by token, greedily or by sampling, and decode its tokens into text."""

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
    """Logits processor that samples by the Gumbel-max trick: the largest score after it is a draw from the softmax.

    Transformers' own sampling uses torch's global generator, which answers in parallel would share.
    """

    def __init__(self, sampling: Sampling) -> None:
        """Take a temperature above zero."""
        self._how = sampling
        self._random = torch.Generator().manual_seed(sampling.seed)  # on the CPU: the same draws on every device

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Give noisy scores [batch, vocabulary], whose largest one is the drawn token."""
        del input_ids
        scaled = _keep_top_p(scores.float() / self._how.temperature, self._how.top_p)
        uniform = torch.rand(scaled.shape, generator=self._random, dtype=torch.float64).clamp_min(1e-300)
        return scaled - (-uniform.log()).log().to(scaled)


def _keep_top_p(logits: Tensor, top_p: float) -> Tensor:
    """Set all logits to -inf but those of the fewest tokens that make up `top_p` of the probability."""
    if top_p >= 1:
        return logits
    ordered, places = logits.sort(descending=True)
    before = ordered.softmax(-1).cumsum(-1) - ordered.softmax(-1)
    dropped = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, places, before >= top_p)
    return logits.masked_fill(dropped, -torch.inf)


@dataclass(frozen=True)
class Generated:
    """A generated answer."""

    ids: list[int]  # without stop tokens at the end
    logprobs: Tensor  # [tokens], before temperature
    cut_off: bool  # the token limit ended it


def generate(
    model: Any, inputs: dict[str, Any], config: GenerationConfig, sampling: Sampling
) -> Iterator[list[int] | Generated]:
    """Yield the ids so far after every token, and last a Generated; closing the iterator stops the model."""
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
    """Give the model's generation settings for greedy decoding, with the `forbidden` ids (media tokens) suppressed."""
    config = copy.deepcopy(model.generation_config)
    config.update(do_sample=False, num_beams=1, temperature=None, top_p=None, top_k=None, min_p=None, typical_p=None)
    config.update(max_new_tokens=max_tokens, max_length=None, return_dict_in_generate=True, output_logits=True)
    config.update(eos_token_id=list(stop_ids) or None, forced_eos_token_id=None)  # only the model ends its answer
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
    """Stopping criteria: puts the ids so far into a queue after every token, and stops the model when asked."""

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
    """Decode without clean-up of spaces, which would move characters between tokens."""
    return tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def split_into_pieces(tokenizer: Any, ids: Sequence[int]) -> tuple[str, ...]:
    """Cut the decoded text into one piece for each id; joined, the pieces are exactly the text. A piece may be empty.

    Ids decoded alone give wrong text (spaces, bytes of one emoji). So every prefix of the ids is decoded, and a piece
    ends where this text stops agreeing with the whole text.
    """
    text = decode(tokenizer, ids)
    ends = [0]
    for count in range(1, len(ids)):
        agreed = len(commonprefix([decode(tokenizer, ids[:count]), text]))  # noqa: RUF071  (by character)
        ends.append(max(ends[-1], agreed))
    ends.append(len(text))
    return tuple(text[start:end] for start, end in pairwise(ends))


def align(decoded: Sequence[str], text: str) -> tuple[str, ...]:
    """Cut `text` into a piece for each id; each was `decoded` alone, so it may lack a space or be half an emoji."""
    ends: list[int] = []
    at, lost = 0, False
    for token in decoded:
        seen = token if text.startswith(token, at) or (lost and token in text[at:]) else token.strip()
        found = text.find(seen, at) if seen and "\ufffd" not in seen else -1
        if found >= 0 and (lost or not text[at:found].strip()):
            if lost:
                ends[-1] = found  # the skipped text belongs to the token before, which was not found
            at, lost = found + len(seen), False
        elif token:
            lost = True
        ends.append(at)
    return tuple(text[start:end] for start, end in pairwise([0, *ends[:-1], len(text)]))
