"""Draw the pictures of a training step, each with its caption and some questions in random wordings."""

from pathlib import Path

import numpy as np

from mmattr_app.demo.model.configuration import TOPICS, Data
from mmattr_app.demo.model.data import Shard
from mmattr_app.demo.model.encoder import ALL_TOPICS, FIELDS, Encoder
from mmattr_app.demo.scenes import wording
from mmattr_app.demo.scenes.refusals import OUT_OF_SCOPE, UNKNOWN_PICTURE
from mmattr_app.demo.scenes.wording.phrase import rambling

Text = tuple[np.ndarray, np.ndarray]  # ids of prompt and answer


class Reader:
    """Draws from the shards of a run; all randomness comes from the generator that is passed in."""

    def __init__(self, shards: list[Path], questions: int, data: Data) -> None:
        self._scenes: list[Shard] = []
        self._strange: list[Shard] = []
        self._known: set[Path] = set()
        self.add(shards)
        self._questions, self._data = questions, data
        self._weights = np.array([0.0, *TOPICS.values()])
        self._encoder = Encoder()
        self._refuse, self._unknown = (np.array(self._encoder.answer(text)) for text in (OUT_OF_SCOPE, UNKNOWN_PICTURE))

    def add(self, shards: list[Path]) -> None:
        """Add shards to draw from; known ones are skipped."""
        for path in shards:
            if path not in self._known:
                self._known.add(path)
                shard = Shard.open(path)
                (self._scenes if len(shard.texts) else self._strange).append(shard)

    def draw(self, rng: np.random.Generator, count: int) -> list[tuple[Shard, int]]:
        """Draw pictures, most of them scenes."""
        drawn = []
        for _ in range(count):
            shards = self._strange if self._strange and rng.random() < self._data.strange_share else self._scenes
            shard = shards[int(rng.integers(len(shards)))]
            drawn.append((shard, int(rng.integers(len(shard.images)))))
        return drawn

    def texts(self, rng: np.random.Generator, shard: Shard, index: int) -> list[Text]:
        """Give prompt and answer of the caption and of random questions, some replaced by out-of-scope ones."""
        rows = shard.rows(index)
        if not len(rows):
            return self._unknown_picture(rng)
        texts = [self._asked(rng, shard, row) for row in self._drawn(rng, rows)]
        for place in range(1, len(texts)):
            draw = rng.random()
            if draw < self._data.out_of_scope:
                texts[place] = (self._prompt(rng, wording.out_of_scope(rng)), self._refuse)
            elif draw < self._data.out_of_scope + self._data.two_in_one:
                texts[place] = self._two(rng, shard, rows)
        return texts

    def _drawn(self, rng: np.random.Generator, rows: np.ndarray) -> np.ndarray:
        """Give the rows of the caption and of random questions, with the weights of TOPICS."""
        often = np.maximum(1, np.bincount(rows[:, 0], minlength=len(ALL_TOPICS)))[rows[:, 0]] ** 0.5
        weights = self._weights[rows[:, 0]] / often
        count = min(self._questions, int((weights > 0).sum()))
        return rows[[0, *rng.choice(len(rows), count, replace=False, p=weights / weights.sum())]]

    def _unknown_picture(self, rng: np.random.Generator) -> list[Text]:
        """Ask questions of other scenes about a picture that is no scene; the answer is always the refusal."""
        other = self._scenes[int(rng.integers(len(self._scenes)))]
        rows = other.rows(int(rng.integers(len(other.images))))
        picked = [rows[0], rows[int(rng.integers(len(rows)))], rows[int(rng.integers(len(rows)))]]
        texts = [(self._asked(rng, other, row)[0], self._unknown) for row in picked]
        return [*texts, (self._prompt(rng, wording.out_of_scope(rng)), self._unknown)]

    def _asked(self, rng: np.random.Generator, shard: Shard, row: np.ndarray) -> Text:
        begin, end = row[FIELDS:]
        prompt = wording.answerable(rng, *self._encoder.about(row))
        return self._prompt(rng, prompt), shard.ids[begin:end].astype(np.int64)

    def _two(self, rng: np.random.Generator, shard: Shard, rows: np.ndarray) -> Text:
        """Ask two questions in one prompt; the answer is both answers, one after the other."""
        chosen = rows[1 + rng.integers(len(rows) - 1, size=2)]
        first, second = (wording.answerable(rng, *self._encoder.about(row)) for row in chosen)
        begin, end = chosen[0][FIELDS:]
        answer = np.concatenate([shard.ids[begin : end - 1], shard.ids[slice(*chosen[1][FIELDS:])]])
        return self._prompt(rng, wording.two_in_one(rng, first, second)), answer.astype(np.int64)

    def _prompt(self, rng: np.random.Generator, text: str) -> np.ndarray:
        if rng.random() < self._data.very_long:
            text = rambling(rng, text, int(rng.integers(100, 220)))
        return np.array(self._encoder.prompt(text, rng, self._data.spelt))
