"""Integrated gradients (Sundararajan et al. 2017): gradients along the line from baseline pictures to the pictures.

The baseline is what the occluder shows. The line is divided into pieces. What the log-prob gains along a piece is also
known from its two ends, without gradients. As long as the gradients do not add up to this gain (completeness), the
piece with the largest error is halved.
"""

from dataclasses import dataclass

import numpy as np

from mmattr_app.arithmetic.pixel_maps import blank_pictures, full_pictures, score_regions_for_span, sum_up
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.spans import columns
from mmattr_app.white_box import Line, Maps

DEFAULT_PASSES = 128
POINTS = 8  # points of a piece, by Gauss-Legendre quadrature
COMPLETE = 0.01  # share of the gain that may be missing; of one nat if the gain is smaller


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of the line, and its gradients."""

    start: float  # as a share of the line, from 0 to 1
    end: float
    maps: Maps  # of one span, the integrated gradients of the piece
    before: float  # log-prob at its start
    after: float  # log-prob at its end
    found: float  # nats gained along it, according to the gradients

    @property
    def missing(self) -> float:
        """Give the nats gained along it that the gradients do not account for."""
        return self.after - self.before - self.found


def masks(players: int, budget: int | None, seed: int) -> int:
    """Count the most passes: the budget, but enough for one piece."""
    del players, seed
    return max(POINTS + 2, budget or DEFAULT_PASSES)


def integrated_gradients(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by its pixels' (picture - baseline) times the mean gradient along the line."""
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
    return score_regions_for_span(game, sum_up(piece.maps for piece in pieces), says)


def _off(pieces: list[Piece], gain: float) -> float:
    """Give the convergence delta, what the gradients miss, as a share of the gain."""
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
    return Line(blank_pictures(game.players), full_pictures(game.players), shares, weights)
