"""Interactions: which of the top regions need each other, while the rest of the picture is one more player.

The index is the pairwise Shapley interaction index (Grabisch and Roubens, 1999) of the tokens' log-odds: how much two
players do together beyond what each does alone, averaged over which others are visible. It is exact for these players.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import fit_weights, mean_by_size, shapley_value, to_logits
from mmattr_app.arithmetic.sampling import every_mask, smooth_halves
from mmattr_app.contracts import Game
from mmattr_app.domain import Links, Scores

DEFAULT_MASKS, FEWEST_MASKS = 320, 24
DRAWN = 64  # smooth masks that find the top players; at most half of all masks
MOST_PLAYERS = 12
INDEX = "Shapley interaction index"

Worth = NDArray[np.float64]  # [2^players, tokens], the value of each set; bit i of a row's number: player i is in it


def masks(players: int, budget: int | None, seed: int) -> int:
    """Count the most masks: those that find the top players, and all masks of the top players and the rest."""
    del seed
    chosen, drawn = _plan(players, budget)
    return drawn + 2 ** (chosen + (chosen < players))


def interactions(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score the top players by their Shapley values, and link each two by their interaction."""
    assert game.selection, "this method is for a selection"
    count, places = game.players.count, game.players.places()
    chosen, drawn = _plan(count, budget)
    groups = np.arange(count)
    if chosen < count:
        keeps = smooth_halves(places, drawn, np.random.default_rng(seed))
        known = fit_weights(places, keeps, to_logits(game.probe(keeps)), game.selection).of([game.selection])
        groups = np.full(count, chosen)  # all players are the rest, but for the top ones
        groups[np.argsort(-np.abs(known.mean[:, 0]), kind="stable")[:chosen]] = range(chosen)
    players = int(groups.max()) + 1
    worth = to_logits(game.probe(every_mask(players)[:, groups]))
    pairs = np.array(list(combinations(range(players), 2)), np.intp).reshape(-1, 2)
    values = np.array([interaction(worth, first, second) for first, second in pairs.tolist()], np.float32)
    links = Links(INDEX, pairs, values.reshape(len(pairs), worth.shape[1]))
    scores = np.array([shapley_value(worth, player) for player in range(players)], np.float32)
    rest = f"The {count - chosen} other regions are one player. " if chosen < count else ""
    return Scores(scores, groups=groups, links=links, says=f"{rest}Links: {INDEX} of the log-odds, exact.")


def interaction(worth: Worth, first: int, second: int) -> NDArray[np.float64]:  # [tokens]
    """Give what two players add together beyond what each adds alone, averaged like a Shapley value."""
    sets = np.arange(len(worth))
    one, other = 1 << first, 1 << second
    without = sets[sets & (one | other) == 0]
    together = worth[without | one | other] - worth[without | one] - worth[without | other] + worth[without]
    return mean_by_size(without) @ together


def _plan(players: int, budget: int | None) -> tuple[int, int]:
    """Give the number of top players, and the number of masks that find them (0 if all players are top ones)."""
    most = max(FEWEST_MASKS, budget or DEFAULT_MASKS)
    if players <= MOST_PLAYERS and 2**players <= most:
        return players, 0
    drawn = min(DRAWN, most // 2)
    return min((most - drawn).bit_length() - 2, MOST_PLAYERS - 1, players - 1), drawn
