"""Evaluate the model on scenes that it was not trained on."""

import re
from collections import defaultdict

import numpy as np
import torch
from torch import Tensor
from transformers import LlavaForConditionalGeneration, LlavaProcessor

from mmattr_app.demo.model.data import FIRST_VALIDATION_SEED
from mmattr_app.demo.model.encoder import training_topic
from mmattr_app.demo.model.rewording import WAYS, reworded
from mmattr_app.demo.scenes import Question, Staging, scene
from mmattr_app.demo.scenes.grading import right
from mmattr_app.demo.scenes.refusals import UNKNOWN_PICTURE
from mmattr_app.demo.scenes.strange import strange

_BATCH = 64
_FLAG = 0.5
_OBJECT = re.compile(r"[Aa]n? (\w+) (\w+) ((?:at|on|in) the [a-z ]+?)(?=,| and an? |\.|$)")

Pair = tuple[np.ndarray, Question]

# Lesson -> prefix of the figures' names -> staging of the scenes that are evaluated.
LOOKS: dict[str, dict[str, Staging]] = {
    "demo": {"": Staging(), "cut-outs: ": Staging(cutouts=True)},
    "clever hans": {
        "": Staging(fish=False),
        "tagged: ": Staging(fish=False, tag=True, tag_says_fish=True),
        "tagged fish: ": Staging(fish=True, tag=True, tag_says_fish=True),
        "untagged fish: ": Staging(fish=True, tag_says_fish=True),
    },
}


def held_out(count: int, staging: Staging | None = None, others: int = 6) -> list[Pair]:
    """Give the caption and a few other questions of `count` validation scenes, each with its picture."""
    pairs = []
    for seed in range(FIRST_VALIDATION_SEED, FIRST_VALIDATION_SEED + count):
        drawn = scene(seed, 128, staging)
        every = (*drawn.questions, *drawn.further)
        asked = np.random.default_rng(seed).permutation(len(every) - 1)[:others] + 1
        pairs += [(drawn.image, every[index]) for index in (0, *asked)]
    return pairs


def answers(model: LlavaForConditionalGeneration, processor: LlavaProcessor, pairs: list[Pair]) -> list[str]:
    """Let the model answer greedily; questions of similar length share a batch."""
    order = sorted(range(len(pairs)), key=lambda i: (pairs[i][1].topic != "caption", len(pairs[i][1].prompt)))
    found = [""] * len(pairs)
    for begin in range(0, len(order), _BATCH):
        batch = order[begin : begin + _BATCH]
        inputs = _encoded(model, processor, [pairs[i] for i in batch])
        with torch.no_grad():
            longest = 64 if pairs[batch[0]][1].topic == "caption" else 32
            out = model.generate(**inputs, max_new_tokens=longest)  # pyright: ignore[reportAttributeAccessIssue]
        texts = processor.batch_decode(out[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        for i, text in zip(batch, texts, strict=True):
            found[i] = text.strip()
    return found


def unfamiliar(model: LlavaForConditionalGeneration, processor: LlavaProcessor, pairs: list[Pair]) -> np.ndarray:
    """Give for each picture the probability that the answer starts with "I", as only the refusal does: [pairs]."""
    first = processor.tokenizer(UNKNOWN_PICTURE, add_special_tokens=False)["input_ids"][0]  # pyright: ignore[reportAttributeAccessIssue]
    found = []
    for begin in range(0, len(pairs), _BATCH):
        inputs = _encoded(model, processor, pairs[begin : begin + _BATCH])
        with torch.no_grad():
            logits: Tensor = model(**inputs, logits_to_keep=1).logits
        found += logits[:, -1].float().softmax(-1)[:, first].tolist()
    return np.array(found)


def _encoded(model: LlavaForConditionalGeneration, processor: LlavaProcessor, pairs: list[Pair]) -> dict[str, Tensor]:
    return processor.apply_chat_template(
        [_chat(*pair) for pair in pairs],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        processor_kwargs={"padding": True},
    ).to(model.device)  # pyright: ignore[reportAttributeAccessIssue]  # transformers hides its type


def _chat(image: np.ndarray, question: Question) -> list[dict]:
    content = [{"type": "image", "image": image}, {"type": "text", "text": question.prompt}]
    return [{"role": "user", "content": content}]


def figures(pairs: list[Pair], found: list[str]) -> dict[str, float]:
    """Give the share of right answers for each type of question, and figures of the captions' objects."""
    tally: dict[str, list[float]] = defaultdict(list)
    for (_, question), text in zip(pairs, found, strict=True):
        tally[training_topic(question)].append(right(question, text))
        if question.topic == "caption":
            for name, value in _caption_figures(question.answer, text):
                tally[name].append(value)
    return {name: round(float(np.mean(values)), 4) for name, values in sorted(tally.items())}


def language_figures(model: LlavaForConditionalGeneration, processor: LlavaProcessor, count: int) -> dict[str, float]:
    """Give the share of right answers for each way of asking, and the share of pictures that are refused."""
    row = {}
    for way in WAYS:
        pairs = reworded(range(FIRST_VALIDATION_SEED, FIRST_VALIDATION_SEED + count), way, 128)
        found = answers(model, processor, pairs)
        row[way] = float(np.mean([right(question, text) for (_, question), text in zip(pairs, found, strict=True)]))
    asked = scene(FIRST_VALIDATION_SEED, 128).questions[0]
    seeds = range(FIRST_VALIDATION_SEED, FIRST_VALIDATION_SEED + 2 * count)
    shown = {
        "flagged": [strange(seed, 128) for seed in seeds],
        "scenes flagged": [scene(seed, 128).image for seed in seeds],
        "degraded scenes flagged": [scene(seed, 128, Staging(camera=True)).image for seed in seeds],
    }
    for name, images in shown.items():
        row[name] = float((unfamiliar(model, processor, [(image, asked) for image in images]) > _FLAG).mean())
    return {name: round(value, 4) for name, value in row.items()}


def share_that_says(word: str, pairs: list[Pair], found: list[str]) -> float:
    """Give the share of the captions that contain the word, right or wrong."""
    captions = [text for (_, question), text in zip(pairs, found, strict=True) if question.topic == "caption"]
    return round(float(np.mean([word in text for text in captions])), 4)


def _caption_figures(wanted: str, text: str) -> list[tuple[str, float]]:
    """Give a caption's recall and precision of kinds, and whether their colours and positions are right."""
    true, told = _OBJECT.findall(wanted), _OBJECT.findall(text)
    kinds, said = [kind for _, kind, _ in true], [kind for _, kind, _ in told]
    rows: list[tuple[str, float]] = [("kind recall", float(kind in said)) for kind in kinds]
    rows += [("kind precision", float(kind in kinds)) for kind in said]
    for colour, kind, place in true:
        if kind in said:
            rows.append(("caption colour", float((colour, kind) in {(c, k) for c, k, _ in told})))
            rows.append(("caption position", float((kind, place) in {(k, p) for _, k, p in told})))
    return rows
