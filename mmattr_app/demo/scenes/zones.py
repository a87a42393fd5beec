"""The nine zones of a picture and how each is said."""

from dataclasses import dataclass

Part = tuple[str, bool]  # some words, and whether they say the position


@dataclass(frozen=True, order=True)
class Zone:
    """A third of the picture's rows by a third of its columns; zones sort in reading order."""

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
    """Find the zone of a box's middle."""
    left, top, right, bottom = box
    return Zone(min(2, (top + bottom) * 3 // (2 * size)), min(2, (left + right) * 3 // (2 * size)))
