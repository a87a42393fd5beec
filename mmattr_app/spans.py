"""A span's score is the sum of its tokens' scores: from tokens to one column for a span, and back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Game
from mmattr_app.domain import Scores


def columns(game: Game) -> list[int]:
    """List the numbers of the selected tokens, or of all."""
    return list(range(game.probe.tokens) if game.selection is None else game.selection)


def join(scores: Scores, selection: Sequence[int]) -> Scores:
    """Add up the columns of the selected tokens, without their errors: [players, 1]."""
    return Scores(scores.values[:, list(selection)].sum(axis=1, keepdims=True))


def share_out(scores: Scores, tokens: int, selection: Sequence[int]) -> Scores:
    """Share out the one column of a span to its tokens in equal parts, of `tokens` in all; the others get zero."""
    chosen = list(selection)
    together = np.eye(tokens, dtype=np.float32)
    together[np.ix_(chosen, chosen)] = 1  # fully correlated, so that the errors of the parts add up to the span's error
    doubts = np.ones(tokens, np.float32)  # nothing is known of the tokens outside the span

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
