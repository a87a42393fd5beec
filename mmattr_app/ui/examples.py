"""Examples that come with the app: pictures, each with a result that was computed before."""

import json
from dataclasses import dataclass
from pathlib import Path

from mmattr_app.domain import Attribution
from mmattr_app.pictures import read_picture
from mmattr_app.results.reading import read_npz

WORDS = "first-words.json"  # for each example's name, the word that is selected first
FOLDER = Path(__file__).parents[2] / "assets" / "examples"


@dataclass(frozen=True, eq=False)
class Example:
    """The file of a picture, and the result about it."""

    picture: Path
    attribution: Attribution
    first_word: str = ""  # the word that is selected first; empty: the word that needs the picture most

    @property
    def name(self) -> str:
        """Give the name of the file without its ending."""
        return self.picture.stem


def load_examples(folder: Path = FOLDER) -> list[Example]:
    """Read every picture of the folder that has a result file (.npz) beside it, sorted by name."""
    words = json.loads((folder / WORDS).read_text(encoding="utf-8")) if (folder / WORDS).is_file() else {}
    pictures = sorted(path.with_suffix(".png") for path in folder.glob("*.npz"))
    return [
        Example(path, read_npz(path.with_suffix(".npz"), read_picture(path)), words.get(path.stem, ""))
        for path in pictures
    ]
