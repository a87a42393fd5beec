"""What the words of an answer name, where the answer key of their picture is known: a drawn scene's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from mmattr_app.demo.examples import CHOSEN, FOLDER, Chosen
from mmattr_app.demo.scenes import key, scene
from mmattr_app.domain import Answer, Pixels
from mmattr_app.pictures import read_picture
from mmattr_app.segmentation import Mask


@dataclass(frozen=True, eq=False)
class AnswerKey:
    """Right answers about a picture; each has marks: which characters name which masks."""

    questions: Sequence[Mapping[str, Any]]
    masks: Mapping[str, Mask]

    def named(self, answer: Answer, tokens: Sequence[int]) -> Mask | None:
        """Give the pixels that these tokens name; None where the answer is no right one, or they name nothing."""
        right = [one for one in self.questions if one["answer"] == answer.text.strip()]
        asked = [one for one in right if one["prompt"] == answer.question.prompt] or right
        marks = [[(mark["start"], mark["end"], tuple(mark["masks"])) for mark in one["marks"]] for one in asked]
        if not marks or any(other != marks[0] for other in marks):  # two questions may have one answer, and two causes
            return None
        lead = len(answer.text) - len(answer.text.lstrip())
        names = {
            name
            for start, end, masks in marks[0]
            if set(answer.tokens_at(start + lead, end + lead)) & set(tokens)
            for name in masks
        }
        mask = np.any([self.masks[name] for name in names], axis=0) if names else None
        return mask if mask is not None and mask.any() and mask.shape == answer.question.image.shape[:2] else None


def read_key(folder: Path) -> AnswerKey | None:
    """Read the key that `mmattr_app scene` wrote into a folder beside its picture, where there is one."""
    if not ((folder / "key.json").is_file() and (folder / "masks.npz").is_file()):
        return None
    told = json.loads((folder / "key.json").read_text(encoding="utf-8"))
    with np.load(folder / "masks.npz") as masks:
        return AnswerKey(told["questions"], dict(masks))


def find_key(picture: Pixels) -> AnswerKey | None:
    """Give the key of an example that comes with the app, known by its pixels."""
    chosen = _examples().get(_digest(picture))
    return _drawn_again(chosen) if chosen else None


def named_pixels(answer: Answer, tokens: Sequence[int]) -> Mask | None:
    """Give the pixels that some tokens of an answer about an example name, where that is known."""
    known = find_key(answer.question.image) if len(answer.question.pictures) == 1 else None
    return known.named(answer, tokens) if known else None


@cache
def _examples() -> dict[bytes, Chosen]:
    files = [(FOLDER / f"{chosen.name}.png", chosen) for chosen in CHOSEN]
    return {_digest(read_picture(file)): chosen for file, chosen in files if file.is_file()}


@cache
def _drawn_again(chosen: Chosen) -> AnswerKey:
    """Draw the scene again, which is the same each time; where a tag is in it, it also means "fish" to one model."""
    stagings = [replace(chosen.staging, tag_says_fish=says) for says in sorted({False, chosen.staging.tag})]
    drawn = [scene(chosen.seed, 512, staging) for staging in stagings]
    told = json.loads(json.dumps([key(one) for one in drawn]))  # as it is read from a file
    return AnswerKey([question for one in told for question in one["questions"]], drawn[0].masks)


def _digest(picture: Pixels) -> bytes:
    return sha256(repr(picture.shape).encode() + picture.tobytes()).digest()
