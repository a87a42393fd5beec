"""Above chance: by how much the map is better than random orders of its players."""

from mmattr_app.arithmetic import curves
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores


def above_chance(game: Game, scores: Scores) -> float:
    """Give the area of insertion minus that of deletion, minus the same difference of the best random order.

    The difference of random orders is zero on average. A random map is better than all eight of them one time in ten.
    """
    orders, tokens = curves.random_orders(game.players.count), curves.columns(game)
    chance = max(_differences(game, orders, tokens))
    return _differences(game, [curves.best_first(game, scores)], tokens)[0] - chance


def _differences(game: Game, orders: list[curves.Order], tokens: list[int]) -> list[float]:
    shown, hidden = curves.show(game, orders, tokens), curves.hide(game, orders, tokens)
    return [insertion.area - deletion.area for insertion, deletion in zip(shown, hidden, strict=True)]
