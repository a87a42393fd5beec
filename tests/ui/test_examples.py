"""The examples are what the models that ship say today."""

import pytest

from mmattr_app import pipeline
from mmattr_app.demo.examples import CHOSEN
from mmattr_app.models import MODELS, load
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.ui.examples import Example, load_examples
from mmattr_app.workers.inline import InlineWorker

EXAMPLES = load_examples()


def test_there_are_at_least_six() -> None:
    assert len(EXAMPLES) == len(CHOSEN) >= 6


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.picture.stem for example in EXAMPLES])
def test_an_example_is_not_out_of_date(example: Example) -> None:
    kept = example.attribution.answer
    model = load(kept.model, device="cpu", dtype="float32")
    assert isinstance(model, HuggingFaceModel)
    assert kept.model in MODELS
    assert kept.revision == model.revision
    assert pipeline.ask(InlineWorker(model), kept.question).text == kept.text
