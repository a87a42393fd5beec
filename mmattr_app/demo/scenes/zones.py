"""The nine zones of a picture, and their names."""

from dataclasses import dataclass

Part = tuple[str, bool]  # some words, and whether they name the position


@dataclass(frozen=True, order=True)
class Zone:
    """A ninth of the picture, by row and column; zones sort in reading order."""

    row: int
    column: int

    @property
    def phrase(self) -> tuple[Part, Part]:
        height, side = ("top", "", "bottom")[self.row], ("left", "", "right")[self.column]
        lead = "at the" if height else "on the" if side else "in the"
        return (lead, False), (f"{height} {side}".strip() or "middle", True)

    @property
    def name(self) -> str:
        return self.phrase[1][0]


ZONES = tuple(Zone(row, column) for row in range(3) for column in range(3))


def zone_at(box: tuple[int, int, int, int], size: int) -> Zone:
    """Give the zone of a box's centre; the box is left, top, right, bottom in pixels."""
    left, top, right, bottom = box
    return Zone(min(2, (top + bottom) * 3 // (2 * size)), min(2, (left + right) * 3 // (2 * size)))
