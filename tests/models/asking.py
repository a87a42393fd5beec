"""Short ways to ask a model in a test."""

from dataclasses import replace

import numpy as np

from mmattr_app.contracts import Model
from mmattr_app.domain import Answer, Pixels, Question


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
