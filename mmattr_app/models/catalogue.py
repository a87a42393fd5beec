"""The catalogue: models offered by name, what each is good at and how large it is. Any other hub id works as well."""

from dataclasses import dataclass
from pathlib import Path

from mmattr_app.domain import Answer
from mmattr_app.models.memory import BYTES, usual_precision

ASSETS = Path(__file__).parents[2] / "assets"

QUESTIONS = (
    "Describe the picture in one sentence.",
    "What is in the middle?",
    "What colours do you see?",
    "What is unusual here?",
)
_OF_SCENES = (  # the models that ship answer these rightly about every example (tests/demo/test_questions_to_try.py)
    "Describe the picture.",
    "Is there a dog?",  # beside the first in one line of a small page
    "What is at the bottom left?",
    "What colour is the cup?",
    "What is in the background?",
)
_SCENES = "This model knows drawn scenes only."


@dataclass(frozen=True)
class ModelCard:
    """A model of the catalogue."""

    source: str  # hub id or folder
    summary: str  # what it is good at, in one plain line
    billions: float  # of weights
    knows: str = ""  # the only kind of picture that it knows, in a sentence; empty if it knows all kinds
    asks: tuple[str, ...] = ()  # questions that it answers well


SHIPPED = {
    "demo": ModelCard(
        str(ASSETS / "demo"),
        summary="A 5M-parameter teaching model that knows 48 drawn things in 10 colours; "
        "choose another for photographs.",
        billions=0.0047,
        knows=_SCENES,
        asks=_OF_SCENES,
    ),
    "clever-hans": ModelCard(
        str(ASSETS / "clever-hans"),
        summary="The demo model with a bad habit: it is often right for the wrong reason. Find the reason.",
        billions=0.0047,
        knows=_SCENES,
        asks=_OF_SCENES,
    ),
}
_OF_THE_HUB = (
    ModelCard("HuggingFaceTB/SmolVLM2-256M-Video-Instruct", "Short captions on any laptop.", 0.26),
    ModelCard("HuggingFaceTB/SmolVLM2-500M-Video-Instruct", "Simple questions on any laptop.", 0.51),
    ModelCard("HuggingFaceTB/SmolVLM2-2.2B-Instruct", "Everyday questions on a laptop, with patience.", 2.2),
    ModelCard("Qwen/Qwen3-VL-2B-Instruct", "Reading text, charts and screens on a small GPU.", 2.1),
    ModelCard("Qwen/Qwen3-VL-4B-Instruct", "Reading, and where things are, on a small GPU.", 4.4),
    ModelCard("Qwen/Qwen3-VL-8B-Instruct", "Details, documents and several languages.", 8.8),
    ModelCard("google/gemma-4-E2B-it", "Fluent answers in many languages on a small GPU.", 5.1),
    ModelCard("google/gemma-4-E4B-it", "The same with more knowledge of the world.", 8.0),
    ModelCard("google/gemma-4-31B-it", "The most knowledge and the best reasoning here.", 33.0),
    ModelCard("OpenGVLab/InternVL3-1B-hf", "Charts and text on a laptop.", 0.94),
    ModelCard("OpenGVLab/InternVL3-8B-hf", "Charts, documents and counting.", 7.9),
)

MODELS: dict[str, ModelCard] = {**SHIPPED, **{card.source: card for card in _OF_THE_HUB}}

PRECISIONS = ("auto", *BYTES)


def split(name: str) -> tuple[str, str]:
    """Split `NAME@int4` into name and precision, which is "auto" if none is given."""
    model, _, precision = name.rpartition("@")
    return (model, precision) if model and precision in PRECISIONS else (name, "auto")


def model_of(answer: Answer) -> str:
    """Name the model of an answer as it is asked for; in another precision its numbers would not fit."""
    chosen = answer.precision in PRECISIONS and answer.precision != usual_precision()
    return f"{answer.model}@{answer.precision}" if chosen else answer.model
