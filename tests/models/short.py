"""Short ways to ask a model in a test."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mmattr_app.contracts import Model
from mmattr_app.domain import Answer, LogProbs, Pixels, Question


def answer(model: Model, question: Question, text: str | None = None) -> Answer:
    """Let the model answer to the end, or score `text`."""
    *_, last = model.answer(question, text)
    assert isinstance(last, Answer)
    return last


def again(said: Answer) -> Answer:
    """Give the same answer as one that no model has scored yet."""
    return replace(said, question=replace(said.question))


def variants(picture: Pixels) -> list[Pixels]:
    """Give five pictures of one size, more than a batch."""
    return [picture, 255 - picture, picture[::-1].copy(), np.zeros_like(picture), picture // 2]


def hidden_corners(picture: Pixels) -> list[Pixels]:
    """Hide the first corner, the last one, both, the whole picture, and nothing."""
    hidden = [picture.copy() for _ in range(5)]
    hidden[0][:9, :9] = hidden[1][-9:, -9:] = hidden[2][:9, :9] = hidden[2][-9:, -9:] = hidden[3][:] = 255
    return hidden


class About(Sequence[Question]):
    """The same words about each of several pictures, which are looked at when they are needed."""

    def __init__(self, question: Question, images: Sequence[Pixels]) -> None:
        self._question, self._images = question, images

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, place: Any) -> Any:
        return replace(self._question, pictures=(self._images[place],))


def scored(model: Model, said: Answer, images: Sequence[Pixels]) -> LogProbs:
    """Score an answer under other pictures: [images, tokens]."""
    return model.score(said, About(said.question, images))
