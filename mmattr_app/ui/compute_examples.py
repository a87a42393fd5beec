"""Compute the examples that come with the app: drawn scenes, asked and explained by the demo model."""

from pathlib import Path

from PIL import Image

from mmattr_app import exports, pipeline
from mmattr_app.domain import Question
from mmattr_app.pipeline import Plan
from mmattr_app.scenes import scene
from mmattr_app.ui.examples import FOLDER

CHOSEN = {
    # file name: (seed, question)
    "1-scene": (12, "Describe the picture."),
}


def main(folder: Path = FOLDER) -> None:
    """Write a picture and a result for each."""
    folder.mkdir(parents=True, exist_ok=True)
    worker = pipeline.open_worker("demo", device="cpu")
    for name, (seed, prompt) in CHOSEN.items():
        image = scene(seed, 512).image
        Image.fromarray(image).save(folder / f"{name}.png", optimize=True)
        answer = pipeline.ask(worker, Question(image, prompt))
        result = pipeline.explain(worker, answer, pipeline.segment(image, "grid:8x8"), Plan("ablation", "mean"))
        exports.write(result, folder / f"{name}.npz")


if __name__ == "__main__":
    main()
