"""Slow, independent ways to the same numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import LogitsProcessor, LogitsProcessorList

from mmattr_app.domain import Pixels


class _Force(LogitsProcessor):
    """Let generation say one text and no other."""

    def __init__(self, token_ids: Sequence[int]) -> None:
        self._left = list(token_ids)

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        del input_ids
        forced = torch.full_like(scores, -torch.inf)
        forced[:, self._left.pop(0)] = 0
        return forced


def forced_generation(
    model: Any, processor: Any, image: Pixels, prompt: str, token_ids: Sequence[int]
) -> NDArray[np.float32]:
    """Make the model generate `token_ids` by its own loop and cache, one picture alone; give their log-probs."""
    logprobs = forced_distributions(model, processor, image, prompt, token_ids)
    return logprobs[range(len(token_ids)), list(token_ids)]


def forced_distributions(
    model: Any, processor: Any, image: Pixels, prompt: str, token_ids: Sequence[int]
) -> NDArray[np.float32]:
    """Do so, and give the log-probs of all words that could have been said: [tokens, vocabulary]."""
    inputs = _inputs(processor, Image.fromarray(image), prompt)
    with torch.no_grad():
        out = model.generate(
            **inputs,
            max_new_tokens=len(token_ids),
            min_new_tokens=len(token_ids),
            do_sample=False,
            return_dict_in_generate=True,
            output_logits=True,
            logits_processor=LogitsProcessorList([_Force(token_ids)]),
        )
    return torch.stack(out.logits, dim=1)[0].log_softmax(-1).numpy()


def _inputs(processor: Any, picture: Image.Image, prompt: str) -> Any:
    if not getattr(processor, "chat_template", None):
        inputs = processor(images=picture, text=prompt, return_tensors="pt")
        return {name: value for name, value in inputs.items() if name != "labels"}
    content = [{"type": "image", "image": picture}, {"type": "text", "text": prompt}]
    talk = [{"role": "user", "content": content}]
    return processor.apply_chat_template(
        talk, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
    )


def leave_one_out(
    model: Any, processor: Any, image: Pixels, prompt: str, *, token_ids: Sequence[int], masks: Any, colour: Any
) -> NDArray[np.float32]:
    """Paint each mask in turn and see what every token loses: [masks, tokens]."""

    def score(picture: Pixels) -> NDArray[np.float32]:
        return forced_generation(model, processor, picture, prompt, token_ids)

    everything = score(image)
    rows: list[NDArray[np.float32]] = []
    for mask in masks:
        painted = image.copy()
        painted[mask] = colour
        rows.append(everything - score(painted))
    return np.stack(rows)
