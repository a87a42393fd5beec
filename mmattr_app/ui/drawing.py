"""What was drawn on the picture by hand, as the browser told it."""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from mmattr_app.errors import AppError

_numbers = count(1)


@dataclass(frozen=True)
class Drawing:
    """Shapes in fractions of the picture; a new number tells the browser to begin again from these."""

    shapes: list[Any] = field(default_factory=list)
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def regions(self) -> str:
        """Give the text that `segmenters.drawn` reads, which judges every shape."""
        return f"drawn:{json.dumps(self.shapes, separators=(',', ':'))}"

    def redrawn(self, shapes: Any) -> "Drawing":
        """Take over what the browser shows now."""
        if not isinstance(shapes, list):
            raise AppError("The drawing cannot be read; press Clear and draw again.")
        return Drawing(shapes, self.number)
