"""Convert players into plain values for a file, and back; regions of a single picture are just its label map."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mmattr_app.contracts import Players
from mmattr_app.domain import Question
from mmattr_app.players.regions import Regions
from mmattr_app.players.together import Together
from mmattr_app.players.words import Span, Words
from mmattr_app.segmentation import FINER, GROUPED, Segmentation

Record = dict[str, Any]

BEFORE = "_before"  # the ending of the arrays with the regions that a run began with
# Endings of `made_by` of regions that no text cuts again.
CHANGED = re.compile(r", (split \d+|merge \d+(\+\d+)*|cut finer|grouped)$")


def parts_of(players: Players) -> Sequence[Players]:
    """List the players of each kind, and of each picture: of a single kind, the players themselves."""
    return players.parts if isinstance(players, Together) else (players,)


def record(players: Players) -> Record | None:
    """Give the players as plain values; None if they are the regions of a single picture."""
    parts = parts_of(players)
    if len(parts) == 1 and isinstance(players, Regions):
        return None
    return {
        "names": players.names(),
        "kinds": players.kinds(),
        "parts": [_record(part) for part in parts],
        "groups": players.groups.tolist() if isinstance(players, Together) else None,
    }


def _record(part: Players) -> Record:
    if isinstance(part, Words):
        spans = [[(span.part, span.start, span.stop) for span in own] for own in part.spans]
        return {"words": spans, "hidden_by": part.occluder, "says": part.says}
    assert isinstance(part, Regions), "players are regions or words"
    return {
        "picture": part.picture,
        "regions": part.segmentation.made_by,
        "occluder": part.occluder,
        "says": part.segmentation.says,
    }


def cuts_of(players: Players) -> dict[str, Segmentation]:
    """Give the regions of each picture by the ending of their arrays' names: "" for the first, then "_1" and so on."""
    return {ending(part.picture): part.segmentation for part in parts_of(players) if isinstance(part, Regions)}


def ending(picture: int) -> str:
    """Give the ending of the names of a picture's arrays; `picture` counts from 0."""
    return f"_{picture}" if picture else ""


def saved_cuts(players: Players) -> dict[str, Segmentation]:
    """Give also the regions that a run began with, where a method joined them and no text cuts them again."""
    before = players.before if isinstance(players, Regions) else None
    needed = before and (CHANGED.search(before.made_by) or before.made_by.startswith("saved:"))
    return cuts_of(players) | ({BEFORE: before} if before and needed else {})


def begun_with(made_by: str) -> str:
    """Name the regions that a run began with, whose method joined some of them: it sharpened them, or it did not."""
    return made_by.removesuffix(GROUPED).removesuffix(FINER)


def ways_of(players: Players) -> tuple[str, ...]:
    """Name the players as the command line does, such as ("regions", "words")."""
    ways: dict[str, None] = {}
    for part in parts_of(players):
        ways |= dict.fromkeys(part.ways() if isinstance(part, Words) else ["regions"])
    return tuple(ways)


def restore(about: Record, question: Question, cuts: Mapping[str, Segmentation], said: tuple[str, ...]) -> Players:
    """Make the players from the plain values of a file; `said` are the answer's tokens."""
    record = about.get("players")
    if record is None:
        cut, before = cuts[""], cuts.get(BEFORE)
        named = replace(before, made_by=begun_with(cut.made_by)) if before else None
        return Regions(question, cut, about["occluder"], before=named)
    parts = [_restore(part, question, cuts, said) for part in record["parts"]]
    if record["groups"] is None:
        return parts[0]
    return Together(parts, np.array(record["groups"], np.intp), record["names"])


def _restore(part: Record, question: Question, cuts: Mapping[str, Segmentation], said: tuple[str, ...]) -> Players:
    if "words" in part:
        spans = [[Span(*span) for span in own] for own in part["words"]]
        return Words(question, spans, part["hidden_by"], said=said, says=part["says"])
    number = part["picture"]
    cut = replace(cuts[ending(number)], made_by=part["regions"], says=part["says"])
    return Regions(question, cut, part["occluder"], number)
