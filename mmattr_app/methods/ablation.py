"""Leave-one-out: a player's score is what the tokens lose when it is hidden (Captum's FeatureAblation)."""

import numpy as np

from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores


def masks(players: int, budget: int | None, seed: int) -> Keeps:
    """Hide each player once: one mask for each player, whatever the budget."""
    del budget, seed
    return ~np.eye(players, dtype=bool)


def ablation(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by log p(token | everything visible) - log p(token | all but this player)."""
    count = game.players.count
    return Scores(game.probe(np.ones((1, count), bool)) - game.probe(masks(count, budget, seed)))


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Give the final scores of the players that were hidden so far."""
    del players
    values = np.full((keeps.shape[1], logprobs.shape[1]), np.nan, np.float32)
    one_hidden = (~keeps).sum(axis=1) == 1
    values[keeps[one_hidden].argmin(axis=1)] = full - logprobs[one_hidden]
    return Scores(values)
