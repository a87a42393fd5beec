"""A result as a table with a row for each player and token, for CSV files and data frames."""

import csv
import io
from typing import Any

from mmattr_app.domain import Attribution
from mmattr_app.sentences import name_places

COLUMNS: tuple[str, ...] = ("player", "name", "kind", "place", "share", "token", "text", "score", "error")


def list_rows(result: Attribution) -> list[dict[str, Any]]:
    """List the rows. `player` and `token` count from 0, as in arrays; `name` counts regions from 1, as on the page.

    `place` says where in the picture a region is, `share` is the player's share of the whole, and `error` is the
    standard error of the score (None if the method has none).
    """
    names, kinds, places = result.players.names(), result.players.kinds(), name_places(result)
    shares, scores, errors = result.players.weights(), result.scores.values, result.scores.errors
    tokens = result.chosen
    rows: list[dict[str, Any]] = []
    for player in range(result.players.count):
        who = (player, names[player], kinds[player], places[player], float(shares[player]))
        for token in tokens:
            error = None if errors is None else float(errors[player, token])
            said = (token, result.answer.tokens[token], float(scores[player, token]), error)
            rows.append(dict(zip(COLUMNS, (*who, *said), strict=True)))
    return rows


def to_csv(result: Attribution) -> str:
    """Write the table as CSV with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(list_rows(result))
    return text.getvalue()
