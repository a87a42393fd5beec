"""How well the model answers on scenes it was not trained on."""

import re
from collections import defaultdict

import numpy as np
import torch
from transformers import LlavaForConditionalGeneration, LlavaProcessor

from mmattr_app.models.demo.data import FIRST_VALIDATION_SEED
from mmattr_app.scenes import Question, Staging, scene

_BATCH = 64
_OBJECT = re.compile(r"[Aa]n? (\w+) (\w+) ((?:at|on|in) the [a-z ]+?)(?=,| and an? |\.|$)")

Pair = tuple[np.ndarray, Question]

# What is looked at while a lesson is taught: a word before each figure's name, and how its scenes are staged.
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
    """For some validation scenes the caption and a few other questions, each with its picture."""
    pairs = []
    for seed in range(FIRST_VALIDATION_SEED, FIRST_VALIDATION_SEED + count):
        drawn = scene(seed, 128, staging)
        asked = np.random.default_rng(seed).permutation(len(drawn.questions) - 1)[:others] + 1
        pairs += [(drawn.image, drawn.questions[index]) for index in (0, *asked)]
    return pairs


def answers(model: LlavaForConditionalGeneration, processor: LlavaProcessor, pairs: list[Pair]) -> list[str]:
    """Greedy; questions of a like length are asked together."""
    order = sorted(range(len(pairs)), key=lambda i: (pairs[i][1].topic != "caption", len(pairs[i][1].prompt)))
    found = [""] * len(pairs)
    for begin in range(0, len(order), _BATCH):
        batch = order[begin : begin + _BATCH]
        chats = [_chat(*pairs[i]) for i in batch]
        inputs = processor.apply_chat_template(
            chats,
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            processor_kwargs={"padding": True},
        ).to(model.device)  # pyright: ignore[reportAttributeAccessIssue]  # transformers hides its type
        with torch.no_grad():
            longest = 64 if pairs[batch[0]][1].topic == "caption" else 16
            out = model.generate(**inputs, max_new_tokens=longest)  # pyright: ignore[reportAttributeAccessIssue]
        texts = processor.batch_decode(out[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        for i, text in zip(batch, texts, strict=True):
            found[i] = text.strip()
    return found


def _chat(image: np.ndarray, question: Question) -> list[dict]:
    content = [{"type": "image", "image": image}, {"type": "text", "text": question.prompt}]
    return [{"role": "user", "content": content}]


def figures(pairs: list[Pair], found: list[str]) -> dict[str, float]:
    """Share of exact answers for each question type, and what of the captions' objects is right."""
    tally: dict[str, list[float]] = defaultdict(list)
    for (_, question), text in zip(pairs, found, strict=True):
        denied = question.topic == "is there" and question.answer.startswith("No")
        tally[f"{question.topic}, no" if denied else question.topic].append(text == question.answer)
        if question.topic == "caption":
            for name, value in _caption_figures(question.answer, text):
                tally[name].append(value)
    return {name: round(float(np.mean(values)), 4) for name, values in sorted(tally.items())}


def share_that_says(word: str, pairs: list[Pair], found: list[str]) -> float:
    """Share of the captions that hold the word, true or not."""
    captions = [text for (_, question), text in zip(pairs, found, strict=True) if question.topic == "caption"]
    return round(float(np.mean([word in text for text in captions])), 4)


def _caption_figures(wanted: str, text: str) -> list[tuple[str, float]]:
    """Kinds found and kinds said that are there; colour and position of the kinds found."""
    true, told = _OBJECT.findall(wanted), _OBJECT.findall(text)
    kinds, said = [kind for _, kind, _ in true], [kind for _, kind, _ in told]
    rows: list[tuple[str, float]] = [("kind recall", float(kind in said)) for kind in kinds]
    rows += [("kind precision", float(kind in kinds)) for kind in said]
    for colour, kind, place in true:
        if kind in said:
            rows.append(("caption colour", float((colour, kind) in {(c, k) for c, k, _ in told})))
            rows.append(("caption position", float((kind, place) in {(k, p) for _, k, p in told})))
    return rows
