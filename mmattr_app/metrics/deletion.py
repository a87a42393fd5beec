"""Deletion: the probability of the words while players are hidden, the best ones of the map first (EAGLE, LiMA)."""

from mmattr_app.arithmetic import curves
from mmattr_app.contracts import Game
from mmattr_app.domain import Curve, Scores


def deletion(game: Game, scores: Scores) -> Curve:
    """Hide the best players first, from everything visible on."""
    return curves.hide(game, [curves.best_first(game, scores)], curves.columns(game))[0]


def sensitive_deletion(game: Game, scores: Scores) -> Curve:
    """Do the same for those of the tokens that need the picture (EAGLE), in the order for all of them."""
    return curves.hide(game, [curves.best_first(game, scores)], curves.sensitive_columns(game))[0]


def random_deletion(game: Game, scores: Scores) -> Curve:
    """Hide the players in random orders: the mean, and the band that holds all orders."""
    del scores
    return curves.together(curves.hide(game, curves.random_orders(game.players.count), curves.columns(game)))
