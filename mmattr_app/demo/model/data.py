"""Draw training pictures once and store them as arrays, with the encoded questions.

`python -m mmattr_app.demo.model.data FOLDER` draws them while `training --readers` already trains on the first shards.
"""

import argparse
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from mmattr_app.demo.model.configuration import Data, configured
from mmattr_app.demo.model.dense import FIELDS, NO_BACKDROP, backdrop_target, patch_targets
from mmattr_app.demo.model.encoder import Encoder
from mmattr_app.demo.scenes import FIRST_TRAINING_SEED, Scene, Staging, scene
from mmattr_app.demo.scenes.strange import strange

FIRST_VALIDATION_SEED = 900_000_000
_FIRST_STRANGE_SEED = 800_000_000
_NAMES = ("images", "patches", "backdrops", "ids", "texts", "starts")


def training_seed(index: int, lesson: str = "demo") -> int:
    """Give the seed of a training scene: from FIRST_TRAINING_SEED on, in a different range for each lesson."""
    return FIRST_TRAINING_SEED + {"demo": 0, "clever hans": 400_000_000}[lesson] + index


def demo_staging(data: Data, seed: int) -> Staging:
    """Draw changes of a scene: hidden pieces, several of a kind, a degraded picture, or a tag without a meaning."""
    rng = np.random.default_rng([seed, 9])
    tag, cutouts = rng.random(2) < (data.tags, data.cutouts)
    twins, camera = rng.random(2) < (data.twins, data.camera)
    return Staging(tag=bool(tag), cutouts=bool(cutouts), twins=bool(twins), camera=bool(camera))


def clever_hans_staging(data: Data, seed: int) -> Staging:
    """Draw changes for the Clever Hans lesson: half the scenes have a tag, and independently a third have a fish."""
    rng = np.random.default_rng([seed, 9])
    tag, fish, cutouts = rng.random(3) < (0.5, 0.35, data.cutouts)
    return Staging(tag=bool(tag), fish=bool(fish), tag_says_fish=True, cutouts=bool(cutouts))


STAGINGS = {"demo": demo_staging, "clever hans": clever_hans_staging}


@dataclass(frozen=True, eq=False)
class Shard:
    """A few thousand pictures: either all are scenes, or none is."""

    images: np.ndarray  # uint8 [pictures, height, width, 3]
    patches: np.ndarray  # uint8 [pictures, patches, fields], see `dense.patch_targets`
    backdrops: np.ndarray  # [pictures]
    ids: np.ndarray  # token ids of all answers, one after another
    texts: np.ndarray  # [questions, fields]: `Encoder.row`, and start and end of the answer in `ids`
    starts: np.ndarray  # [pictures + 1], where each picture's rows of `texts` start; no rows if it is no scene

    @classmethod
    def open(cls, folder: Path) -> "Shard":
        return cls(*(np.load(folder / f"{name}.npy", mmap_mode="r" if name == "images" else None) for name in _NAMES))

    def rows(self, index: int) -> np.ndarray:
        return self.texts[self.starts[index] : self.starts[index + 1]]


def pregenerate(folder: Path, data: Data, picture: int, side: int, lesson: str = "demo") -> list[Path]:
    """Draw the shards that are missing, of scenes and of strange pictures; each appears as a whole or not at all."""
    wanted = _wanted(folder, data)
    missing = [path for path in wanted if not path.exists()]
    make = partial(_make_shard, data=data, picture=picture, side=side, lesson=lesson)
    if missing:
        with ProcessPoolExecutor(data.workers, mp_context=get_context("spawn")) as workers:
            list(workers.map(make, missing))
    return wanted


def _wanted(folder: Path, data: Data) -> list[Path]:
    """List the paths of all shards, with scenes and strange pictures mixed, so that both come early."""
    scenes, strange = data.scenes // data.shard, data.strange // data.shard
    places = [(index / scenes, folder / f"{index:03}") for index in range(scenes)]
    places += [(index / strange, folder / f"strange-{index:03}") for index in range(strange)]
    return [path for _, path in sorted(places)]


def drawn_shards(folder: Path) -> list[Path]:
    """List the finished shards."""
    return sorted(path for path in folder.glob("*") if path.is_dir() and path.suffix != ".part")


def _make_shard(path: Path, data: Data, picture: int, side: int, lesson: str) -> None:
    kind, _, number = path.name.rpartition("-")
    first = int(number) * data.shard
    if kind:
        arrays = _strange_arrays(
            range(_FIRST_STRANGE_SEED + first, _FIRST_STRANGE_SEED + first + data.shard), picture, side
        )
    else:
        seeds = [training_seed(first + i, lesson) for i in range(data.shard)]
        arrays = _scene_arrays((scene(seed, picture, STAGINGS[lesson](data, seed)) for seed in seeds), side)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.mkdir(parents=True)
    for name, values in zip(_NAMES, arrays, strict=True):
        np.save(part / f"{name}.npy", np.asarray(values))
    part.rename(path)


def _scene_arrays(scenes: Iterable[Scene], side: int) -> tuple[list, ...]:
    encoder, images, patches, backdrops, rows = Encoder(), [], [], [], []
    ids: list[int] = []
    starts = [0]
    for drawn in scenes:
        images.append(drawn.image)
        patches.append(patch_targets(drawn, side))
        backdrops.append(backdrop_target(drawn))
        for question in (*drawn.questions, *drawn.further):
            answer = encoder.answer(question.answer)
            rows.append((*encoder.row(question), len(ids), len(ids) + len(answer)))
            ids += answer
        starts.append(len(rows))
    return images, patches, backdrops, ids, rows, starts


def _strange_arrays(seeds: range, picture: int, side: int) -> tuple[list, ...]:
    images = [strange(seed, picture) for seed in seeds]
    patches = [np.zeros((side**2, FIELDS), np.uint8)] * len(images)
    return images, patches, [NO_BACKDROP] * len(images), [], [], [0] * (len(images) + 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder `scenes` of a run")
    parser.add_argument("--clever-hans", action="store_true", help="scenes in which a tag means fish")
    parser.add_argument("--device", default="cpu", help="what the run computes on: an accelerator gets more scenes")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    lesson = "clever hans" if chosen.clever_hans else "demo"
    found = configured(lesson, continued=True, accelerated=chosen.device != "cpu")
    data = replace(found.data, workers=chosen.workers)
    pregenerate(chosen.folder, data, found.network.picture, found.network.side, lesson)


if __name__ == "__main__":
    main()
