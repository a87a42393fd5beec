"""Integrated gradients (Sundararajan et al. 2017): gradients on the way from a baseline picture to the picture.

The baseline is what the occluder shows. How much a token gains on any piece of the way is known without gradients: from
its log-probs at both ends. While the gradients do not add up to all that is gained (completeness), the piece that is
furthest off is halved.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Game
from mmattr_app.domain import Line, LogProbs, Scores
from mmattr_app.pixel_maps import blank_picture, full_picture, score_regions

DEFAULT_PASSES = 128
POINTS = 8  # of a piece, where Gauss and Legendre put them
COMPLETE = 0.01  # of what a token gains may be missing, or of one nat where it gains less


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of the way, and what its gradients say."""

    start: float  # as a share of the way
    end: float
    scores: NDArray[np.float32]  # [regions, tokens]
    found: LogProbs  # [tokens], what a token gains by its gradients
    before: LogProbs  # [tokens], log-probs at its start
    after: LogProbs

    @property
    def missing(self) -> LogProbs:
        """Give what a token gains besides: [tokens]."""
        return self.after - self.before - self.found


def masks(players: int, budget: int | None, seed: int) -> int:
    """Give the most passes."""
    del players, seed
    return max(POINTS + 2, budget or DEFAULT_PASSES)


def integrated_gradients(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by its pixels' (picture - baseline) times the mean gradient on the way."""
    most, passes = masks(game.players.count, budget, seed), POINTS + 2
    start, end = _logprobs(game, 0), _logprobs(game, 1)
    gain = np.maximum(np.abs(end - start), 1)
    pieces = [_take(game, 0, 1, start, end)]
    while _off(pieces, gain) > COMPLETE and passes + 2 * POINTS + 1 <= most:
        worst = max(pieces, key=lambda piece: float((np.abs(piece.missing) / gain).max()))
        pieces.remove(worst)
        middle = (worst.start + worst.end) / 2
        halfway = _logprobs(game, middle)
        pieces.append(_take(game, worst.start, middle, worst.before, halfway))
        pieces.append(_take(game, middle, worst.end, halfway, worst.after))
        passes += 2 * POINTS + 1
    off = _off(pieces, gain)
    more = "" if off <= COMPLETE else " A larger budget brings them closer."
    says = (
        f"{passes} passes. Scores over the whole picture add up to what a token gains by it, but for {off:.1%}.{more}"
    )
    return Scores(np.sum([piece.scores for piece in pieces], axis=0, dtype=np.float32), says=says)


def _off(pieces: list[Piece], gain: LogProbs) -> float:
    """Give the convergence delta of the token that is furthest off, as a share of what it gains."""
    return float((np.abs(np.sum([piece.missing for piece in pieces], axis=0)) / gain).max())


def _logprobs(game: Game, share: float) -> LogProbs:
    return game.open.gradients(_line(game, [share], [0])).logprobs[0]


def _take(game: Game, start: float, end: float, before: LogProbs, after: LogProbs) -> Piece:
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    shares, weights = start + (end - start) * (nodes + 1) / 2, (end - start) * weights / 2
    there = game.open.gradients(_line(game, shares.tolist(), weights.tolist()))
    scores = score_regions(game, there.maps).values
    return Piece(start, end, scores, (weights @ there.totals).astype(np.float32), before, after)


def _line(game: Game, shares: list[float], weights: list[float]) -> Line:
    return Line(blank_picture(game.players), full_picture(game.players), shares, weights)
