"""Scores of a span as one column, and shared out to the tokens of an answer, whose sum the score of a span is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Game
from mmattr_app.domain import Scores


def columns(game: Game) -> list[int]:
    """List the tokens that count: those that are selected, or all."""
    return list(range(game.probe.tokens) if game.selection is None else game.selection)


def join(scores: Scores, selection: Sequence[int]) -> Scores:
    """Add up the columns of the selected tokens, without their errors: [players, 1]."""
    return Scores(scores.values[:, list(selection)].sum(axis=1, keepdims=True))


def share_out(scores: Scores, tokens: int, selection: Sequence[int]) -> Scores:
    """Give the one column of a span to its tokens in equal parts; the other tokens get zero."""
    chosen = list(selection)
    together = np.eye(tokens, dtype=np.float32)
    together[np.ix_(chosen, chosen)] = 1  # so that the errors of the parts add up to that of the span
    doubts = np.ones(tokens, np.float32)  # of the tokens that were not looked at

    def share(column: NDArray[np.float32] | None) -> Any:  # [players, 1]
        if column is None:
            return None
        shared = np.zeros((len(column), tokens), np.float32)
        shared[:, chosen] = column / len(chosen)
        return shared

    if scores.doubts is not None:
        doubts[chosen] = scores.doubts[0]
    return replace(
        scores,
        values=share(scores.values),
        errors=share(scores.errors),
        correlation=None if scores.correlation is None else together,
        doubts=None if scores.doubts is None else doubts,
    )
