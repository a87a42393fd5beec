"""Players that are no regions, mostly words, as the explorer draws them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Players
from mmattr_app.domain import Question
from mmattr_app.explorer.encoding import once
from mmattr_app.explorer.pictures_shown import region_rows
from mmattr_app.players.together import Together
from mmattr_app.players.words import FIELDS, Words


def other_rows(players: Players) -> NDArray[np.intp]:
    """Give the numbers of these players."""
    return np.setdiff1d(np.arange(players.count), region_rows(players))


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
