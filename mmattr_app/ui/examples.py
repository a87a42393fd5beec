"""Examples that come with the app: a picture and its result, computed beforehand."""

from dataclasses import dataclass
from pathlib import Path

from mmattr_app.domain import Attribution
from mmattr_app.exports import read_npz
from mmattr_app.pictures import read_picture

FOLDER = Path(__file__).parents[2] / "assets" / "examples"


@dataclass(frozen=True, eq=False)
class Example:
    """A picture's file and what was found out about it."""

    picture: Path
    attribution: Attribution


def load_examples(folder: Path = FOLDER) -> list[Example]:
    """Read every picture of the folder that has its result beside it, in the order of their names."""
    pictures = sorted(path.with_suffix(".png") for path in folder.glob("*.npz"))
    return [Example(path, read_npz(path.with_suffix(".npz"), read_picture(path))) for path in pictures]
