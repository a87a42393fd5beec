"""Pictures with words whose place in the picture is known: scenes with their answer key, or a folder of real ones."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Answer, Question
from mmattr_app.errors import AppError
from mmattr_app.pictures import read_with_size
from mmattr_app.segmentation import Mask
from tests.bench.pointing import PROMPT, tokens_of, words_of


@dataclass(frozen=True, eq=False)
class Word:
    """A word of an answer, or all of it."""

    kind: str  # of which a table is made
    tokens: list[int]
    inside: Mask | None = None  # the pixels that it names, where they are known


@dataclass(frozen=True)
class Scenes:
    """Scenes that a model captions right in every character; nouns and colour words."""

    name: str = "scenes"

    def load(self, number: int, worker: Worker) -> tuple[Answer, list[Word]] | None:
        """Caption the scene of this seed."""
        drawn = scene(number, 512)
        answer = pipeline.ask(worker, Question((drawn.image,), PROMPT))
        if answer.text.strip() != drawn.caption:
            return None
        masks = drawn.masks
        return answer, [
            Word(kind, tokens, np.logical_or.reduce([masks[name] for name in names]))
            for kind, tokens, names in words_of(drawn, answer)
        ]


@dataclass(frozen=True)
class Folder:
    """Real pictures: each line of `prompts` is a file's name, a tab and what to ask, and after another tab an answer.

    `masks` has a folder for each picture, called like it without its ending, with a file WORD.png for each word: white
    where that word's thing is. A word that the answer does not have is left out; without masks the whole answer counts.
    """

    images: Path
    prompts: Path
    masks: Path | None = None

    @property
    def name(self) -> str:
        """Name the data for the files of results."""
        return f"{self.prompts.stem}-{self.images.name}"

    def lines(self) -> list[list[str]]:
        """Read what is asked of which picture."""
        text = self.prompts.read_text(encoding="utf-8")
        lines = [line.split("\t") for line in text.splitlines() if line.strip()]
        for place, line in enumerate(lines, 1):
            if len(line) not in (2, 3):
                raise AppError(f"Line {place} of {self.prompts} needs a file's name, a tab and what to ask about it.")
        return lines

    def load(self, number: int, worker: Worker) -> tuple[Answer, list[Word]]:
        """Ask what the line of this number asks."""
        file, prompt, *text = self.lines()[number]
        pixels, original = read_with_size(self.images / file)
        answer = pipeline.ask(worker, Question((pixels,), prompt, original=original), text[0] if text else None)
        if self.masks is None:
            return answer, [Word("answer", list(range(len(answer.tokens))))]
        return answer, [
            Word("word", tokens_of(answer, *found.span()), _mask(path, pixels.shape[:2]))
            for path in sorted((self.masks / Path(file).stem).glob("*.png"))
            if (found := re.search(rf"\b{re.escape(path.stem)}\b", answer.text, re.IGNORECASE))
        ]


def _mask(path: Path, shape: tuple[int, ...]) -> Mask:
    with Image.open(path) as image:
        return np.asarray(image.convert("L").resize((shape[1], shape[0]), Image.Resampling.NEAREST)) > 127
