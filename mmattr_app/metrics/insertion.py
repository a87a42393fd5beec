"""Insertion: the probability of the words while players are shown, the best ones of the map first (EAGLE, LiMA)."""

from mmattr_app.arithmetic import curves
from mmattr_app.contracts import Game
from mmattr_app.domain import Curve, Scores


def insertion(game: Game, scores: Scores) -> Curve:
    """Show the best players first, from nothing visible on."""
    return curves.show(game, [curves.best_first(game, scores)], curves.columns(game))[0]


def sensitive_insertion(game: Game, scores: Scores) -> Curve:
    """Do the same for those of the tokens that need the picture (EAGLE), in the order for all of them."""
    return curves.show(game, [curves.best_first(game, scores)], curves.sensitive_columns(game))[0]


def random_insertion(game: Game, scores: Scores) -> Curve:
    """Show the players in random orders: the mean, and the band that holds all orders."""
    del scores
    return curves.together(curves.show(game, curves.random_orders(game.players.count), curves.columns(game)))
