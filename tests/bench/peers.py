"""The engines that race: ours, Captum's loop, and the loop that a careful person would write.

Each takes a case and slices of its regions, and yields for each slice how much every token loses without each region,
and how many pictures went through the model for it; between two slices another engine has its turn.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch
from captum.attr import FeatureAblation, ImageMaskInput, LLMAttribution
from numpy.typing import NDArray
from PIL import Image

from mmattr_app.domain import Answer, LogProbs, Pixels, Task
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.players.regions import Regions
from mmattr_app.segmentation import Segmentation
from mmattr_app.workers.inline import InlineWorker
from tests.bench.cases import probe_of

WHITE = (255, 255, 255)

Losses: TypeAlias = NDArray[np.float32]  # [regions, tokens], in nats
Slices: TypeAlias = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Case:
    """What every engine is asked: the same model, answer and regions."""

    model: HuggingFaceModel
    answer: Answer
    cut: Segmentation


Engine: TypeAlias = Callable[[Case, Slices], Iterator[tuple[Losses, int]]]


def unknown(answer: Answer) -> Answer:
    """Give the same answer as one of which the engine has scored nothing yet."""
    return replace(answer, question=replace(answer.question))


def ours(case: Case, slices: Slices) -> Iterator[tuple[Losses, int]]:
    """Ask the probe; the whole picture is scored in the first slice."""
    task, worker = (
        Task(unknown(case.answer), Regions(case.answer.question, case.cut, "white")),
        InlineWorker(case.model),
    )
    probe = probe_of(worker, task)
    whole, without_one = np.ones((1, case.cut.regions), bool), ~np.eye(case.cut.regions, dtype=bool)
    for number, regions in enumerate(slices):
        replies = probe(np.vstack([whole, without_one[list(regions)]]))
        yield replies[:1] - replies[1:], len(regions) + (number == 0)


def captum(case: Case, slices: Slices) -> Iterator[tuple[Losses, int]]:
    """Run FeatureAblation under LLMAttribution, which scores the whole picture again in each slice."""
    model, picture = case.model._model, Image.fromarray(case.answer.question.image)
    attribution = LLMAttribution(FeatureAblation(model), case.model._tokenizer)
    for regions in slices:
        captum_input = ImageMaskInput(
            processor_fn=lambda image: _inputs(case, [image]),
            image=picture,
            mask_list=[torch.from_numpy(case.cut.mask(region)) for region in regions],
            baseline=WHITE,
        )
        result: Any = attribution.attribute(
            captum_input, target=torch.tensor(case.answer.token_ids), forward_in_tokens=False
        )
        yield result.token_attr.float().cpu().numpy().T, len(regions) + 1


def plain(case: Case, slices: Slices, *, batch: int) -> Iterator[tuple[Losses, int]]:
    """Hide, encode and score in batches, with logits for every position."""
    whole: LogProbs | None = None
    for regions in slices:
        pictures = [*([_hide(case, None)] if whole is None else []), *(_hide(case, region) for region in regions)]
        rows: list[LogProbs] = [
            _score(case, pictures[start : start + batch]) for start in range(0, len(pictures), batch)
        ]
        logprobs = np.concatenate(rows)
        if whole is None:
            whole, logprobs = logprobs[:1], logprobs[1:]
        yield whole - logprobs, len(pictures)


OURS, CAPTUM, BY_HAND = "ours", "Captum", "Captum's loop, by hand"
ENGINES: dict[str, Engine] = {
    OURS: ours,
    CAPTUM: captum,
    BY_HAND: partial(plain, batch=1),  # stands in for a family that Captum cannot run
    "plain, batches of 4": partial(plain, batch=4),
}


def _hide(case: Case, region: int | None) -> Image.Image:
    image: Pixels = case.answer.question.image.copy()
    if region is not None:
        image[case.cut.mask(region)] = WHITE
    return Image.fromarray(image)


@torch.no_grad()
def _score(case: Case, pictures: Sequence[Image.Image]) -> LogProbs:
    """Append the answer to whatever has an entry for each position, and read its log-probs: [pictures, tokens]."""
    inputs = _inputs(case, pictures)
    prompt = inputs["input_ids"]
    answer = torch.tensor([case.answer.token_ids] * len(prompt), device=prompt.device)
    for name in ("attention_mask", "mm_token_type_ids", "token_type_ids"):
        if name in inputs:
            more = torch.ones_like(answer) if name == "attention_mask" else torch.zeros_like(answer)
            inputs[name] = torch.cat([inputs[name], more], dim=1)
    inputs["input_ids"] = torch.cat([prompt, answer], dim=1)
    logits = case.model._model(**inputs).logits[:, prompt.shape[1] - 1 : -1]
    return logits.log_softmax(-1).gather(-1, answer[..., None])[..., 0].float().cpu().numpy()


def _inputs(case: Case, pictures: Sequence[Image.Image]) -> Any:
    processor, model = case.model._processor, case.model._model
    content = [{"type": "image"}, {"type": "text", "text": case.answer.question.prompt}]
    text = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
    images = [[picture] for picture in pictures]
    encoded = processor(text=[text] * len(pictures), images=images, return_tensors="pt", padding=True)
    return encoded.to(model.device, model.dtype)
