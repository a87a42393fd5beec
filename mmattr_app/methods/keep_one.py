"""Keep one: a player's score is what the tokens gain when it alone is visible (sufficiency).

score[r, t] = log p_t(only r visible) - log p_t(none visible). Ablation asks whether a player is necessary, keep-one
whether it is sufficient: if two players show the same thing, ablation finds neither, and keep-one finds both. It is the
first step of insertion in Petsiuk et al., RISE, 2018.
"""

import numpy as np

from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores


def masks(players: int, budget: int | None, seed: int) -> Keeps:
    """Show none, and then each player alone: players + 1 masks, whatever the budget."""
    del budget, seed
    return np.vstack([np.zeros((1, players), bool), np.eye(players, dtype=bool)])


def keep_one(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by what the tokens gain when it alone is shown."""
    replies = game.probe(masks(game.players.count, budget, seed))
    return Scores(replies[1:] - replies[0])


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Compare the players shown alone so far with their median, which is near "none": most have no effect alone."""
    del players
    values = np.full((keeps.shape[1], len(full)), np.nan, np.float32)
    alone = keeps.sum(axis=1) == 1
    if alone.any():
        values[keeps[alone].argmax(axis=1)] = logprobs[alone] - np.median(logprobs[alone], axis=0)
    return Scores(values)
