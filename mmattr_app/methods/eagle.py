"""EAGLE: order the regions greedily, each time by the largest gain in insight and necessity (see arithmetic/search.py).

Chen et al., "Where MLLMs Attend and What They Rely On" (2025, arXiv 2509.22496). Its code asks players * (players + 1)
masks.
"""

from mmattr_app.arithmetic.search import Search, greedy, to_scores
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores

DEFAULT_MASKS = 4160  # enough for the whole order of 64 players; of more players, only the start of the order is found


def masks(players: int, budget: int | None, seed: int) -> int:
    """Give the most masks: the budget, but enough for the first round, and no more than the whole order takes."""
    del seed
    return max(2 * players + 1, min(players * (players + 1), budget or DEFAULT_MASKS))


def eagle(game: Game, *, budget: int | None, seed: int, lazy: bool = False) -> Scores:
    """Score the players by their places in the greedy order; each round asks all its candidates at once."""
    assert game.selection, "this method is for a selection"
    count = game.players.count
    search = Search(game.probe.of(game.selection), count, masks(count, budget, seed))
    return to_scores(game, search, greedy(search, lazy=lazy))


def eagle_lazy(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Ask first the candidates that were good before: fewer masks, but not always the same order."""
    return eagle(game, budget=budget, seed=seed, lazy=True)
