"""The players in the explorer's message: pictures with their regions, and texts with their words.

Regions of several pictures have one numbering: those of the second picture follow those of the first.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Players
from mmattr_app.domain import Question
from mmattr_app.explorer.encoding import cached_while_alive, fill, picture, region_map
from mmattr_app.players.together import Together
from mmattr_app.players.words import FIELDS, Words
from mmattr_app.segmentation import Pictured, Segmentation


def rows_on_stage(players: Players) -> NDArray[np.intp]:
    """Give the numbers of the players that are regions, in the order in which the explorer counts regions."""
    rows = [one.rows for one in players.pictured]
    return np.unique(np.concatenate(rows)) if rows else np.empty(0, np.intp)


def numbered(cuts: Sequence[Segmentation | None]) -> tuple[Pictured, ...]:
    """Give the regions of several pictures numbers, one after the other, before there is a game."""
    known = [(number, cut) for number, cut in enumerate(cuts) if cut]
    ends = np.cumsum([cut.regions for _, cut in known])
    return tuple(
        Pictured(number, cut, np.arange(end - cut.regions, end))
        for (number, cut), end in zip(known, ends.tolist(), strict=True)
    )


def show_pictures(question: Question | None, shown: Sequence[Pictured], occluder: str | None = None) -> dict[str, Any]:
    """Give the first picture with its map, and under "further" the others; with an occluder, what hides a region."""
    if question is None or not question.pictures:  # a result from a file may have regions without the picture
        bare = region_map(shown[0].segmentation) if question and shown else None
        return {"picture": None, "map": bare, "fill": None, "further": []}
    rows = np.unique(np.concatenate([one.rows for one in shown])) if shown else np.empty(0, np.intp)
    by_picture = {one.picture: one for one in shown}
    first, *further = [
        {
            "picture": picture(image),
            "map": _map(by_picture[number], rows) if number in by_picture else None,
            "fill": fill(image, occluder) if occluder and number in by_picture else None,
        }
        for number, image in enumerate(question.pictures)
    ]
    return {**first, "further": further}


def maps_of(players: Players) -> list[dict[str, Any]]:
    """Give the map of each picture that has regions."""
    return [_map(one, rows_on_stage(players)) for one in players.pictured]


def _map(one: Pictured, rows: NDArray[np.intp]) -> dict[str, Any]:
    """Give a map. Of several, `own` has the numbers of its regions among the `total` regions of all pictures."""
    shown = region_map(one.segmentation)
    if len(one.rows) == len(rows):
        return shown
    return shown | {"own": np.searchsorted(rows, one.rows).tolist(), "total": len(rows)}


def other_rows(players: Players) -> NDArray[np.intp]:
    """Give the numbers of the players that are not regions."""
    return np.setdiff1d(np.arange(players.count), rows_on_stage(players))


@cached_while_alive
def describe_others(players: Players) -> list[dict[str, Any]]:
    """Describe the players that are not regions: name, kind, and place in the texts as spans [text, start, stop]."""
    names, kinds, spans = players.names(), players.kinds(), _spans(players)
    return [{"name": names[row], "kind": kinds[row], "spans": spans[row]} for row in other_rows(players).tolist()]


def texts_that_play(question: Question, players: Players) -> dict[str, str]:
    """Give the texts of the question whose words are players, in the order in which the model reads them."""
    kinds = set(players.kinds())
    return {part: getattr(question, field) for part, field in FIELDS.items() if part in kinds}


def _spans(players: Players) -> list[list[tuple[str, int, int]]]:
    """List the spans of text of each player; a region has none."""
    if isinstance(players, Words):
        return [[(span.part, span.start, span.stop) for span in own] for own in players.spans]
    if not isinstance(players, Together):
        return [[] for _ in range(players.count)]
    spans: list[list[tuple[str, int, int]]] = [[] for _ in range(players.count)]
    for group, own in zip(
        players.groups.tolist(), [own for part in players.parts for own in _spans(part)], strict=True
    ):
        spans[group] += own
    return spans
