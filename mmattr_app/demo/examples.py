"""Compute the examples that ship with the app: answers of the demo models about drawn scenes, explained."""

from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from mmattr_app import pipeline
from mmattr_app.demo.scenes import Staging, scene
from mmattr_app.domain import Question
from mmattr_app.models.catalogue import ASSETS
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.results import exports
from mmattr_app.settings import REGIONS

FOLDER = ASSETS / "examples"


@dataclass(frozen=True)
class Chosen:
    """An example: a scene, a question and the model to ask."""

    name: str
    seed: int
    prompt: str
    model: str = "demo"
    staging: Staging = field(default_factory=Staging)


CHOSEN = [
    Chosen("1-night", 12, "Describe the picture."),
    Chosen("2-beach", 31, "What do you see?"),
    Chosen("3-meadow", 51, "Describe the picture."),
    Chosen("4-colour", 23, "What colour is the cup?"),
    Chosen("5-relation", 32, "What is left of the cup?"),
    Chosen("6-denied", 15, "Can you see an orange guitar?"),
    Chosen("7-clever-hans", 26, "Describe the picture.", "clever-hans", Staging(tag=True, fish=False)),
]


def main(folder: Path = FOLDER) -> None:
    """Write a picture and a result for each example."""
    folder.mkdir(parents=True, exist_ok=True)
    workers = {name: pipeline.open_worker(name, device="cpu") for name in {chosen.model for chosen in CHOSEN}}
    for chosen in CHOSEN:
        image, worker = scene(chosen.seed, 512, chosen.staging).image, workers[chosen.model]
        Image.fromarray(image).save(folder / f"{chosen.name}.png", optimize=True)
        answer = pipeline.ask(worker, Question((image,), chosen.prompt))
        players = Regions(answer.question, pipeline.segment(image, REGIONS), "mean")
        result = pipeline.explain(worker, answer, players, Plan())
        exports.write(result, folder / f"{chosen.name}.npz")


if __name__ == "__main__":
    main()
