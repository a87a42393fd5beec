"""Examples that come with the app: a picture and its result, computed beforehand."""

import json
from dataclasses import dataclass
from pathlib import Path

from mmattr_app.domain import Attribution
from mmattr_app.pictures import read_picture
from mmattr_app.results.reading import read_npz

WORDS = "first-words.json"  # by the example's name
FOLDER = Path(__file__).parents[2] / "assets" / "examples"


@dataclass(frozen=True, eq=False)
class Example:
    """A picture's file and what was found out about it."""

    picture: Path
    attribution: Attribution
    first_word: str = ""  # selected at first; the one that needs the picture most where it is empty

    @property
    def name(self) -> str:
        """Give the file's name without its ending."""
        return self.picture.stem


def load_examples(folder: Path = FOLDER) -> list[Example]:
    """Read every picture of the folder that has its result beside it, in the order of their names."""
    words = json.loads((folder / WORDS).read_text(encoding="utf-8")) if (folder / WORDS).is_file() else {}
    pictures = sorted(path.with_suffix(".png") for path in folder.glob("*.npz"))
    return [
        Example(path, read_npz(path.with_suffix(".npz"), read_picture(path)), words.get(path.stem, ""))
        for path in pictures
    ]
