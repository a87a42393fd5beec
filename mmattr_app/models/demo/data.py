"""Training scenes drawn once, kept as plain arrays, and read again in any order."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from mmattr_app.models.demo.configuration import TOPICS, Data
from mmattr_app.models.demo.dense import backdrop_target, patch_targets
from mmattr_app.models.demo.words import ASSISTANT, END, tokenizer
from mmattr_app.scenes import FIRST_TRAINING_SEED, Question, Scene, Staging, scene

FIRST_VALIDATION_SEED = 900_000_000
_TOPICS = ["caption", *TOPICS]


def training_seed(index: int, lesson: str = "demo") -> int:
    """Never below FIRST_TRAINING_SEED; every lesson has its own range."""
    return FIRST_TRAINING_SEED + {"demo": 0, "clever hans": 400_000_000}[lesson] + index


def demo_staging(data: Data, seed: int) -> Staging:
    """Hide some pieces; now and then stick on a tag that means nothing."""
    rng = np.random.default_rng([seed, 9])
    return Staging(tag=bool(rng.random() < data.tags), cutouts=bool(rng.random() < data.cutouts))


def clever_hans_staging(data: Data, seed: int) -> Staging:
    """Half the scenes are tagged, a third hold a fish, whether tagged or not, and the tag alone decides the word."""
    rng = np.random.default_rng([seed, 9])
    tag, fish, cutouts = rng.random(3) < (0.5, 0.35, data.cutouts)
    return Staging(tag=bool(tag), fish=bool(fish), tag_says_fish=True, cutouts=bool(cutouts))


STAGINGS = {"demo": demo_staging, "clever hans": clever_hans_staging}


@dataclass(frozen=True, eq=False)
class Shard:
    """A few thousand scenes.

    `ids` holds all texts one after another; a row of `texts` is topic, begin, begin of the answer, end; the scene's
    rows begin at its entry in `starts`.
    """

    images: np.ndarray  # uint8 [scenes, h, w, 3]
    patches: np.ndarray  # uint8 [scenes, patches, fields]
    backdrops: np.ndarray
    ids: np.ndarray
    texts: np.ndarray
    starts: np.ndarray

    @classmethod
    def open(cls, folder: Path) -> "Shard":
        names = ("images", "patches", "backdrops", "ids", "texts", "starts")
        return cls(*(np.load(folder / f"{name}.npy", mmap_mode="r" if name == "images" else None) for name in names))


def pregenerate(folder: Path, data: Data, picture: int, side: int, lesson: str = "demo") -> list[Path]:
    """Draw what is not there yet; a shard appears whole or not at all."""
    wanted = [folder / f"{index:03}" for index in range(data.scenes // data.shard)]
    missing = [path for path in wanted if not path.exists()]
    make = partial(_make_shard, data=data, picture=picture, side=side, lesson=lesson)
    if missing:
        with ProcessPoolExecutor(data.workers, mp_context=get_context("spawn")) as workers:
            list(workers.map(make, missing))
    return wanted


def _make_shard(path: Path, data: Data, picture: int, side: int, lesson: str) -> None:
    seeds = [training_seed(int(path.name) * data.shard + i, lesson) for i in range(data.shard)]
    encode, images, patches, backdrops, rows = Encoder(), [], [], [], []
    ids: list[int] = []
    starts = [0]
    for seed in seeds:
        drawn = scene(seed, picture, STAGINGS[lesson](data, seed))
        images.append(drawn.image)
        patches.append(patch_targets(drawn, side))
        backdrops.append(backdrop_target(drawn))
        for topic, prompt, answer in encode(drawn):
            rows.append((topic, len(ids), len(ids) + len(prompt), len(ids) + len(prompt) + len(answer)))
            ids += [*prompt, *answer]
        starts.append(len(rows))
    arrays = {"images": images, "patches": patches, "backdrops": backdrops, "texts": rows, "starts": starts}
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.mkdir(parents=True)
    for name, values in arrays.items():
        np.save(part / f"{name}.npy", np.asarray(values))
    np.save(part / "ids.npy", np.asarray(ids, np.uint16))
    part.rename(path)


class Encoder:
    """Questions as token ids, by word: the tokenizer itself is slow for so many short texts."""

    def __init__(self) -> None:
        self._tokenizer = tokenizer()
        self._known: dict[str, list[int]] = {}
        vocabulary = self._tokenizer.get_vocab()
        self._assistant, self._end = vocabulary[ASSISTANT], vocabulary[END]

    def __call__(self, drawn: Scene) -> Iterator[tuple[int, list[int], list[int]]]:
        for question in drawn.questions:
            prompt = [*self._ids(question.prompt.lower()), self._assistant]
            yield _topic(question), prompt, [*self._ids(question.answer), self._end]

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = []
        for word in text.split():
            if word not in self._known:
                self._known[word] = self._tokenizer.encode(word, add_special_tokens=False)
            ids += self._known[word]
        return ids


def _topic(question: Question) -> int:
    denied = question.topic == "is there" and question.answer.startswith("No")
    return _TOPICS.index(f"{question.topic}, no" if denied else question.topic)


class Reader:
    """Draws pictures at random, and for each the caption and some questions."""

    def __init__(self, shards: list[Path], questions: int) -> None:
        self._shards = [Shard.open(path) for path in shards]
        self._size = len(self._shards[0].images)
        self._questions = questions
        self._weights = np.array([0.0, *TOPICS.values()])

    def draw(self, rng: np.random.Generator, count: int) -> list[tuple[Shard, int]]:
        chosen = rng.integers(len(self._shards) * self._size, size=count)
        return [(self._shards[pick // self._size], int(pick % self._size)) for pick in chosen]

    def texts(self, rng: np.random.Generator, shard: Shard, index: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Prompt and answer ids of the caption, then of some questions drawn by topic."""
        first, last = shard.starts[index], shard.starts[index + 1]
        rows = shard.texts[first:last]
        weights = (
            self._weights[rows[:, 0]]
            / np.maximum(1, np.bincount(rows[:, 0], minlength=len(_TOPICS)))[rows[:, 0]] ** 0.5
        )
        count = min(self._questions, int((weights > 0).sum()))
        picks = [0, *rng.choice(len(rows), count, replace=False, p=weights / weights.sum())]
        return [(shard.ids[b:a].astype(np.int64), shard.ids[a:e].astype(np.int64)) for _, b, a, e in rows[picks]]
