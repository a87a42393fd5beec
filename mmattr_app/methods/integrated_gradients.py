"""Integrated gradients (Sundararajan et al. 2017): gradients on the way from a baseline picture to the picture.

The baseline is what the occluder shows. How much the log-prob gains on a piece of the way is known without gradients,
from its two ends. While the gradients do not add up to all that is gained (completeness), the piece that is furthest
off is halved.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.pixel_maps import blank_picture, full_picture, share_out
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.open_models import Line
from mmattr_app.spans import columns

DEFAULT_PASSES = 128
POINTS = 8  # of a piece, where Gauss and Legendre put them
COMPLETE = 0.01  # of what is gained may be missing, or of one nat where less is gained


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of the way, and what its gradients say."""

    start: float  # as a share of the way
    end: float
    maps: NDArray[np.float32]  # [1, height, width]
    before: float  # log-prob at its start
    after: float
    found: float  # what is gained, by the gradients

    @property
    def missing(self) -> float:
        """Give what is gained besides."""
        return self.after - self.before - self.found


def masks(players: int, budget: int | None, seed: int) -> int:
    """Give the most passes."""
    del players, seed
    return max(POINTS + 2, budget or DEFAULT_PASSES)


def integrated_gradients(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by its pixels' (picture - baseline) times the mean gradient on the way."""
    most, passes = masks(game.players.count, budget, seed), POINTS + 2
    start, end = _logprob(game, 0), _logprob(game, 1)
    pieces, gain = [_take(game, 0, 1, start, end)], max(abs(end - start), 1)
    while _off(pieces, gain) > COMPLETE and passes + 2 * POINTS + 1 <= most:
        worst = max(pieces, key=lambda piece: abs(piece.missing))
        pieces.remove(worst)
        middle = (worst.start + worst.end) / 2
        halfway = _logprob(game, middle)
        pieces.append(_take(game, worst.start, middle, worst.before, halfway))
        pieces.append(_take(game, middle, worst.end, halfway, worst.after))
        passes += 2 * POINTS + 1
    off, found = _off(pieces, gain), sum(piece.found for piece in pieces)
    more = "" if off <= COMPLETE else " A larger budget brings them closer."
    says = f"{passes} passes. Gradients add up to {found:.3g} nats of the {end - start:.3g} that are gained.{more}"
    return share_out(game, np.sum([piece.maps for piece in pieces], axis=0), says)


def _off(pieces: list[Piece], gain: float) -> float:
    """Give the convergence delta as a share of what is gained."""
    return abs(sum(piece.missing for piece in pieces)) / gain


def _logprob(game: Game, share: float) -> float:
    span = columns(game)
    return float(game.open.gradients(_line(game, [share], [0]), [span]).logprobs[0, span].sum())


def _take(game: Game, start: float, end: float, before: float, after: float) -> Piece:
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    shares, weights = start + (end - start) * (nodes + 1) / 2, (end - start) * weights / 2
    there = game.open.gradients(_line(game, shares.tolist(), weights.tolist()), [columns(game)])
    return Piece(start, end, there.maps, before, after, float(weights @ there.totals[:, 0]))


def _line(game: Game, shares: list[float], weights: list[float]) -> Line:
    return Line(blank_picture(game.players), full_picture(game.players), shares, weights)
