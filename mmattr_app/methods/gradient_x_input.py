"""Gradient x input (Shrikumar et al. 2016): the gradient at the picture, times (picture - baseline)."""

from mmattr_app.arithmetic.pixel_maps import blank_pictures, full_pictures, score_regions
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.white_box import Line


def gradient_x_input(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by its pixels' gradient times (picture - baseline); the baseline is the occluder's picture."""
    del budget, seed
    line = Line(blank_pictures(game.players), full_pictures(game.players), [1.0], [1.0])
    each = [[token] for token in range(game.probe.tokens)]
    return score_regions(game, game.open.gradients(line, each).maps)
