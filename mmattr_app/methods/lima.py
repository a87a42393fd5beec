"""LiMA: order the regions from both ends: the best one goes to the front and the worst one to the back, in turns.

Chen et al., "Less is More: Efficient Black-box Attribution via Minimal Interpretable Subset Selection" (2025, arXiv
2504.00470). Other than in the paper, the objective is EAGLE's, and every round asks all candidates.
"""

from mmattr_app.arithmetic.search import Search, bidirectional, to_scores
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores

DEFAULT_MASKS = 4160  # as for EAGLE, but they are enough for more players
PENDING = 8  # candidates for the back in each round, as in LiMA's code


def masks(players: int, budget: int | None, seed: int) -> int:
    """Give the most masks: the budget, but enough for the first round, and no more than the whole order takes."""
    del seed
    whole, left = 1 + 2 * players, players - 2  # the first round finds both ends
    while left > 1:
        back = left - 1 > PENDING
        whole, left = whole + 2 * left + 2 * PENDING * back, left - 1 - back
    return max(2 * players + 1, min(whole, budget or DEFAULT_MASKS))


def lima(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score the players by their places in the order."""
    assert game.selection, "this method is for a selection"
    count = game.players.count
    search = Search(game.probe.of(game.selection), count, masks(count, budget, seed))
    return to_scores(game, search, bidirectional(search, pending=PENDING))
