"""How likely it is that a model refuses the picture comes with its answer."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import AutoModelForImageTextToText, AutoProcessor

from mmattr_app import pipeline
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Question
from mmattr_app.models import MODELS
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.workers.inline import InlineWorker

SENTENCE = "The picture is in a room."
QUESTION = Question((scene(0, 128).image,), "Describe the picture.", max_tokens=4)


def wrapped(sentence: str | None) -> HuggingFaceModel:
    """Give the demo model that sentence for pictures that it does not know."""
    source = Path(MODELS["demo"].source)
    model: Any = AutoModelForImageTextToText.from_pretrained(source, dtype="float32")
    model.config.unknown_picture = sentence
    given = AutoProcessor.from_pretrained(source)
    return HuggingFaceModel(model, given, name="demo", revision="0", precision="float32")


def test_it_is_the_probability_of_the_whole_sentence() -> None:
    worker = InlineWorker(wrapped(SENTENCE))
    found = pipeline.ask(worker, QUESTION).unfamiliar
    said = pipeline.ask(worker, QUESTION, SENTENCE)
    assert found == pytest.approx(float(np.exp(said.logprobs.sum())), rel=1e-3)
    assert said.unfamiliar == found
    assert 0 < found < 1


def test_a_model_without_such_a_sentence_knows_every_picture() -> None:
    assert pipeline.ask(InlineWorker(wrapped(None)), QUESTION).unfamiliar == 0
