"""Insertion: the probability of the words while players are shown, the best ones of the map first (EAGLE, LiMA)."""

from mmattr_app.arithmetic import curves
from mmattr_app.contracts import Game
from mmattr_app.domain import Curve, Scores


def insertion(game: Game, scores: Scores) -> Curve:
    """Give the curve while players are shown, the best first, starting with nothing visible."""
    return curves.show(game, [curves.best_first(game, scores)], curves.columns(game))[0]


def sensitive_insertion(game: Game, scores: Scores) -> Curve:
    """Do the same for the tokens that need the picture only (EAGLE), in the order of all selected tokens."""
    return curves.show(game, [curves.best_first(game, scores)], curves.sensitive_columns(game))[0]


def random_insertion(game: Game, scores: Scores) -> Curve:
    """Give the mean curve of random orders, with the band that holds them all."""
    del scores
    return curves.mean_curve(curves.show(game, curves.random_orders(game.players.count), curves.columns(game)))
