"""Whether the demo model knows which pictures it does not know: photographs are flagged, scenes are not."""

from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image
from skimage import data
from sklearn.datasets import load_sample_image

from mmattr_app import pipeline
from mmattr_app.demo.scenes import Staging, scene
from mmattr_app.demo.scenes.camera import compressed
from mmattr_app.demo.scenes.strange import FAMILIES, strange
from mmattr_app.domain import Pixels, Question
from tests.bench.resuming import for_each_seed, lone_worker, revision

FLAG = 0.5  # of Answer.unfamiliar
PROMPT = "Describe the picture."
# All of them CC0 or in the public domain, or CC BY 2.0 (china, flower).
PHOTOGRAPHS: dict[str, Callable[[], Pixels]] = {
    **{name: getattr(data, name) for name in ("chelsea", "coffee", "astronaut", "retina")},
    **{name: lambda name=name: load_sample_image(f"{name}.jpg") for name in ("china", "flower")},
}
SCENES: dict[str, Callable[[int], Pixels]] = {
    "scenes": lambda seed: scene(seed, 512).image,
    "scenes cropped, degraded or off a screen": lambda seed: scene(seed, 512, Staging(camera=True)).image,
    "scenes at half size, JPEG quality 50": lambda seed: _small(scene(seed, 512).image),
    "scenes with pieces hidden": lambda seed: scene(seed, 512, Staging(cutouts=True)).image,
}


def tell_photographs(count: int, processes: int) -> None:
    """Print the share of pictures that are flagged."""
    rows = [dict(row) for row in for_each_seed(f"photographs-{revision('demo')}", flag, range(count), processes)]
    print(f"\nFlagged: `Answer.unfamiliar` above {FLAG}; {count} crops and turns of each photograph, {count} scenes.\n")
    print("| pictures | flagged | aim |\n|---|---|---|")
    photographs = [row[name] > FLAG for row in rows for name in PHOTOGRAPHS]
    print(f"| photographs, all | {np.mean(photographs):.4f} | 0.98 |")
    for name in rows[0]:
        aim = "under 0.01" if name in SCENES else ""
        print(f"| {name} | {np.mean([row[name] > FLAG for row in rows]):.4f} | {aim} |")


def flag(seed: int) -> list[tuple[str, float]]:
    """Give the probability of the refusal for one variant of every photograph and for every way to show a scene."""
    shown = {name: variant(name, seed) for name in PHOTOGRAPHS}
    shown |= {f"synthesized {family}": strange(seed, 256, family) for family in FAMILIES}
    shown |= {name: make(seed) for name, make in SCENES.items()}
    worker = lone_worker("demo")
    return [(name, pipeline.ask(worker, Question((image,), PROMPT)).unfamiliar) for name, image in shown.items()]


@cache
def _photograph(name: str) -> Pixels:
    return np.ascontiguousarray(PHOTOGRAPHS[name]()[..., :3])


def variant(name: str, seed: int) -> Pixels:
    """Seed 0 is the photograph itself; others are a fifth of it or more, of any shape, turned and mirrored."""
    image = Image.fromarray(_photograph(name))
    if not seed:
        return np.asarray(image)
    rng = np.random.default_rng([seed, 11])
    wide, high = np.sqrt(rng.uniform(0.2, 1)) * np.exp(rng.uniform(-0.3, 0.3) * np.array([1, -1]))
    width, height = round(min(1, wide) * image.width), round(min(1, high) * image.height)
    left, top = int(rng.integers(image.width - width + 1)), int(rng.integers(image.height - height + 1))
    part = image.crop((left, top, left + width, top + height))
    return np.asarray(part.transpose(Image.Transpose(int(rng.integers(7)))) if rng.random() < 0.7 else part)


def _small(image: Pixels) -> Pixels:
    half = Image.fromarray(image).resize((image.shape[1] // 2, image.shape[0] // 2), Image.Resampling.BILINEAR)
    return np.asarray(compressed(half, 50))
