"""The players of a view as the explorer's message holds them: pictures with their regions, and words in their texts.

Regions are counted through over all pictures.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Players
from mmattr_app.domain import Question
from mmattr_app.explorer.encoding import fill, once, picture, region_map
from mmattr_app.players.regions import Pictured
from mmattr_app.players.together import Together, pictured
from mmattr_app.players.words import FIELDS, Words
from mmattr_app.segmentation import Segmentation


def rows_on_stage(players: Players) -> NDArray[np.intp]:
    """Give the numbers of the players that are regions of any picture: the explorer counts regions in this order."""
    rows = [one.rows for one in pictured(players)]
    return np.unique(np.concatenate(rows)) if rows else np.empty(0, np.intp)


def numbered(cuts: Sequence[Segmentation | None]) -> tuple[Pictured, ...]:
    """Count the regions of pictures through, of which nobody plays yet."""
    known = [(number, cut) for number, cut in enumerate(cuts) if cut]
    ends = np.cumsum([cut.regions for _, cut in known])
    return tuple(
        Pictured(number, cut, np.arange(end - cut.regions, end))
        for (number, cut), end in zip(known, ends.tolist(), strict=True)
    )


def show_pictures(question: Question | None, shown: Sequence[Pictured], occluder: str | None = None) -> dict[str, Any]:
    """Give the first picture with its map, and those after it; with an occluder also what a hidden region shows."""
    if question is None or not question.pictures:  # of a result that was read from a file there may be regions alone
        bare = region_map(shown[0].cut) if question and shown else None
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
    return [_map(one, rows_on_stage(players)) for one in pictured(players)]


def _map(one: Pictured, rows: NDArray[np.intp]) -> dict[str, Any]:
    """Give a map; where there are several, `own` has the number of each of its regions among `total` ones."""
    shown = region_map(one.cut)
    if len(one.rows) == len(rows):
        return shown
    return shown | {"own": np.searchsorted(rows, one.rows).tolist(), "total": len(rows)}


def other_rows(players: Players) -> NDArray[np.intp]:
    """Give the numbers of these players."""
    return np.setdiff1d(np.arange(players.count), rows_on_stage(players))


@once
def describe_others(players: Players) -> list[dict[str, Any]]:
    """Give the name and the kind of each, and where it stands in the texts: [part, start, stop] of each piece."""
    names, kinds, spans = players.names(), players.kinds(), _spans(players)
    return [{"name": names[row], "kind": kinds[row], "spans": spans[row]} for row in other_rows(players).tolist()]


def texts_that_play(question: Question, players: Players) -> dict[str, str]:
    """Give each text of the question of which words play, in the order in which the model reads them."""
    kinds = set(players.kinds())
    return {part: getattr(question, field) for part, field in FIELDS.items() if part in kinds}


def _spans(players: Players) -> list[list[tuple[str, int, int]]]:
    """List the pieces of text of each player."""
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
