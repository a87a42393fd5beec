"""Measure a map for some of its words: its insertion and deletion curves, and those of random orders.

The page's tab "Can I trust it?" shows these figures, and how many masks they take.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mmattr_app import pipeline
from mmattr_app.arithmetic import curves
from mmattr_app.contracts import Worker
from mmattr_app.domain import Attribution, Measured
from mmattr_app.listener import SILENT, Listener
from mmattr_app.methods import METHODS
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo
from mmattr_app.results.saved_players import parts_of

FIGURES = ("insertion", "deletion", "random-insertion", "random-deletion", "above-chance")


def measure(
    worker: Worker, result: Attribution, tokens: Sequence[int], *, memo: Memo, listener: Listener = SILENT
) -> Attribution:
    """Add the figures of these tokens to a result."""
    chosen = replace(result, selection=tuple(tokens), figures={})
    total = len(_keys(result, [*_orders(result, tokens), *curves.random_orders(result.players.count)]))
    figures = pipeline.measure(worker, chosen, FIGURES, memo=memo, listener=listener, total=total).figures
    others = [one for one in result.measured if one.tokens != tuple(tokens)]
    return replace(result, measured=(*others, Measured(tuple(tokens), figures)))


def count_masks(result: Attribution, tokens: Sequence[int]) -> int:
    """Count the masks that `measure` asks, at most; those of random orders are asked once for all words."""
    own = _keys(result, _orders(result, tokens))
    random = set[bytes]() if result.measured else _keys(result, curves.random_orders(result.players.count))
    return len(own | random)


def whynot(result: Attribution, tokens: Sequence[int]) -> str:
    """Say in a sentence why these tokens cannot be measured; empty if they can."""
    if not only_regions(result):
        return "Only a map on which regions alone play can be measured here."
    if result.instead_of:
        return "The map of one text against another cannot be measured here."
    return _whynot_words(result, tokens)


def whynot_compared(result: Attribution, tokens: Sequence[int]) -> str:
    """Say in a sentence why these tokens cannot be explained with another occluder; empty if they can."""
    if result.players.segmentation is None:
        return "An occluder hides regions of a picture, and none played here; words are left out instead."
    if result.instead_of:
        return "The map of one text against another cannot be compared here."
    return _whynot_words(result, tokens)


def _whynot_words(result: Attribution, tokens: Sequence[int]) -> str:
    """Say in a sentence that a map is for other words than these; empty if it is for these too."""
    if METHODS[result.method].scope == "selection" and tuple(tokens) != result.selection:
        return f"This map is for “{result.answer.said(result.chosen)}” only; select that."
    return ""


def only_regions(result: Attribution) -> bool:
    """Say whether all players are regions of the pictures, each of which has some."""
    parts = parts_of(result.players)
    known = [part.picture for part in parts if isinstance(part, Regions)]
    return len(known) == len(parts) and known == list(range(len(result.answer.question.pictures)))


def _orders(result: Attribution, tokens: Sequence[int]) -> list[curves.Order]:
    """Give the orders of insertion and deletion: best first, and its reverse (hiding is showing in reverse)."""
    best = curves.order_of(result.scores, tokens)
    return [best, best[::-1]]


def _keys(result: Attribution, orders: Sequence[curves.Order]) -> set[bytes]:
    """Give the keys of the questions that curves in these orders ask."""
    masks = np.vstack([curves.steps(result.players, order) for order in orders])
    return {result.players.blank_key(), *result.players.keys(masks)}
