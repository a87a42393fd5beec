"""Encode questions as rows of numbers, and texts as token ids."""

import numpy as np

from mmattr_app.demo.model.configuration import TOPICS
from mmattr_app.demo.model.words import ASSISTANT, END, SPACE, tokenizer
from mmattr_app.demo.scenes import COLOURS, KINDS, Question
from mmattr_app.demo.scenes.kinds import GROUPS, NEVER_DRAWN
from mmattr_app.demo.scenes.zones import ZONES

ALL_TOPICS = ["caption", *TOPICS]
_VALUES: dict[str, list[str]] = {
    "kind": [*KINDS, *NEVER_DRAWN],
    "colour": list(COLOURS),
    "place": [" ".join(words for words, _ in zone.phrase) for zone in ZONES],
    "other": list(KINDS),
    "group": list(GROUPS),
}
FIELDS = 1 + len(_VALUES)


class Encoder:
    """An encoder with a cache of token ids by word: the tokenizer itself is slow for so many short texts."""

    def __init__(self) -> None:
        self._tokenizer = tokenizer()
        self._known: dict[str, list[int]] = {}
        self._vocabulary = self._tokenizer.get_vocab()
        self._assistant, self._end = self._vocabulary[ASSISTANT], self._vocabulary[END]

    def row(self, question: Question) -> list[int]:
        """Give the topic and the things that the question names as numbers; 0 means not named."""
        named = [
            values.index(question.about[name]) + 1 if name in question.about else 0 for name, values in _VALUES.items()
        ]
        return [ALL_TOPICS.index(training_topic(question)), *named]

    def about(self, row: np.ndarray) -> tuple[str, dict[str, str]]:
        """Decode a row: the topic, and the things that the question names."""
        named = zip(_VALUES.items(), row[1:FIELDS], strict=True)
        about = {name: values[number - 1] for (name, values), number in named if number}
        return ALL_TOPICS[row[0]].removesuffix(_NO), about

    def answer(self, text: str) -> list[int]:
        return [*self._ids(text), self._end]

    def prompt(self, text: str, rng: np.random.Generator | None = None, spelt: float = 0.0) -> list[int]:
        """Encode a prompt; a random share `spelt` of its words is encoded by letters, as unknown words are."""
        return [*self._ids(text.strip().lower(), rng, spelt), self._assistant]

    def _ids(self, text: str, rng: np.random.Generator | None = None, spelt: float = 0.0) -> list[int]:
        ids: list[int] = []
        for word in text.split():
            if rng and word.isascii() and word.isalpha() and rng.random() < spelt:
                ids += [self._vocabulary[SPACE], *(self._vocabulary[letter] for letter in word)]
                continue
            if word not in self._known:
                self._known[word] = self._tokenizer.encode(word, add_special_tokens=False)
            ids += self._known[word]
        return ids


_NO = ", no"


def training_topic(question: Question) -> str:
    """Give the topic; questions whose answer is no have their own topic, since they are sampled apart."""
    denied = question.topic in {"is there", "group"} and question.answer.startswith("No")
    return f"{question.topic}{_NO}" if denied else question.topic
