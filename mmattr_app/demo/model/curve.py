"""Draw the training curves of a log, without a plotting library."""

import json
from pathlib import Path

from PIL import Image, ImageDraw

_WIDTH, _HEIGHT, _MARGIN = 900, 420, 48
_INKS = ("#c0392b", "#2a62d6", "#309e44", "#843ab2", "#e67e22", "#16a085")
SHOWN = ("patch kind", "patch zone", "answer tokens", "caption", "caption position", "left of")


def plot(log: Path, picture: Path) -> None:
    """Draw the figures of SHOWN that the log holds, from 0 to 1, against minutes."""
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    sheet = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    draw = ImageDraw.Draw(sheet)
    last = max((row["minutes"] for row in rows), default=0) or 1
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = _at(share)
        draw.line((_MARGIN, y, _WIDTH - _MARGIN, y), fill="#dddddd")
        draw.text((8, y - 6), f"{share:.2f}", fill="black")
    draw.text((_WIDTH - 3 * _MARGIN, _HEIGHT - 24), f"{last:.0f} minutes", fill="black")
    for index, name in enumerate(SHOWN):
        points = [
            (_MARGIN + (_WIDTH - 2 * _MARGIN) * row["minutes"] / last, _at(row[name])) for row in rows if name in row
        ]
        if len(points) > 1:
            draw.line(points, fill=_INKS[index], width=2, joint="curve")
        draw.text((_MARGIN + 130 * index, 12), name, fill=_INKS[index])
    sheet.save(picture)


def _at(share: float) -> float:
    return _HEIGHT - _MARGIN - (_HEIGHT - 2 * _MARGIN) * share
