"""EAGLE: take the regions one by one, each time the one that is best for the words by its insight and its necessity.

Chen et al., "Where MLLMs Attend and What They Rely On" (2025, arXiv 2509.22496). Its code asks as many masks as players
times (players + 1).
"""

from mmattr_app.arithmetic.search import Search, greedy, to_scores
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores

DEFAULT_MASKS = 4160  # what an order of 64 players takes; of more players, the beginning of their order


def masks(players: int, budget: int | None, seed: int) -> int:
    """Give the most masks: the first round at least, and no more than the whole order takes."""
    del seed
    return max(2 * players + 1, min(players * (players + 1), budget or DEFAULT_MASKS))


def eagle(game: Game, *, budget: int | None, seed: int, lazy: bool = False) -> Scores:
    """Score the players by their place in the greedy order; every round asks all its candidates at once."""
    assert game.selection, "this method is for a selection"
    count = game.players.count
    search = Search(game.probe.of(game.selection), count, masks(count, budget, seed))
    return to_scores(game, search, greedy(search, lazy=lazy))


def eagle_lazy(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Ask only candidates that were good before: fewer masks, and not always the same order."""
    return eagle(game, budget=budget, seed=seed, lazy=True)
