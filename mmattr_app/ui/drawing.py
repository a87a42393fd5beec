"""The shapes that a person drew on the pictures of the form."""

import filecmp
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from mmattr_app.errors import AppError
from mmattr_app.segmentation import HowToCut, for_picture

DRAWN = "drawn:"

_numbers = count(1)


@dataclass(frozen=True)
class Drawing:
    """The shapes drawn on pictures, in fractions of each; a new number tells the browser to start again from these."""

    files: Mapping[str, str] = field(default_factory=dict[str, str])  # the pictures, by the names of the form's fields
    shapes: Mapping[str, list[Any]] = field(default_factory=dict[str, list[Any]])  # by the same names
    number: int = field(default_factory=lambda: next(_numbers))

    @classmethod
    def read(cls, files: Mapping[str, str], regions: HowToCut) -> "Drawing":
        """Give the shapes that a result was made of: those of each picture whose regions were drawn."""
        ways = [(name, for_picture(regions, number)) for number, name in enumerate(files)]
        return cls(files, {name: _shapes_of(way) for name, way in ways if way.startswith(DRAWN)})

    def on(self, files: Mapping[str, str]) -> "Drawing":
        """Give the drawing for these pictures: of a picture that is new it has no shape yet."""
        if list(files.items()) == list(self.files.items()):
            return self
        stay = [name for name, file in files.items() if is_same_picture(file, self.files.get(name))]
        shapes = {name: shapes for name, shapes in self.shapes.items() if name in stay}
        same = len(stay) == len(files) == len(self.files)
        return Drawing(files, shapes, self.number) if same else Drawing(files, shapes)

    def redrawn(self, shapes: Any) -> "Drawing":
        """Give a drawing with the shapes that the browser shows now: a list for each picture, in their order."""
        if not (isinstance(shapes, list) and all(isinstance(own, list) for own in shapes)):
            raise AppError("The drawing cannot be read; press Clear and draw again.")
        return Drawing(self.files, dict(zip(self.files, shapes, strict=False)), self.number)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is drawn on any picture."""
        return not any(self.shapes.values())

    def regions(self, name: str) -> str:
        """Give the shapes on a picture as the text that `segmenters.drawn` reads and checks; empty without any."""
        shapes = self.shapes.get(name)
        return f"{DRAWN}{json.dumps(shapes, separators=(',', ':'))}" if shapes else ""

    def message(self) -> dict[str, Any]:
        """Give what the browser is told: the number, and the shapes on each picture."""
        return {"number": self.number, "shapes": [self.shapes.get(name, []) for name in self.files]}


def is_same_picture(one: str | None, other: str | None) -> bool:
    """Say whether two files hold the same picture; Gradio copies files, so the paths may differ."""
    if not one or not other:
        return False
    files = Path(one), Path(other)
    return files[0] == files[1] or (all(map(Path.is_file, files)) and filecmp.cmp(*files, shallow=False))


def _shapes_of(regions: str) -> list[Any]:
    """Read the shapes; what was done to the regions afterwards follows them, such as ", split 2"."""
    shapes: list[Any] = json.JSONDecoder().raw_decode(regions, len(DRAWN))[0]
    return shapes
