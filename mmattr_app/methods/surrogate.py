"""A sparse linear surrogate fitted to random masks (ContextCite's LASSO): what a player adds to a token's log-odds."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores
from mmattr_app.fitting import to_logits

DEFAULT_MASKS = 64
FEWEST_MASKS = 8  # fewer say nothing about more than a few players
ENOUGH_MASKS = 12  # before a sketch is worth a look
SPARSITY = 0.1  # the penalty as a share of the smallest one that leaves no player at all


def masks(players: int, budget: int | None, seed: int) -> Keeps:
    """Draw as many masks as the budget says, each player visible with probability one half."""
    number = max(FEWEST_MASKS, budget or DEFAULT_MASKS)
    return np.random.default_rng(seed).random((number, players)) < 0.5


def surrogate(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Show each player with probability one half, and fit the tokens' log-odds by the players shown."""
    keep = masks(game.players.count, budget, seed)
    logits = to_logits(game.probe(keep), contrast=game.contrast)
    shown = keep - keep.mean(axis=0)  # centred, so that the penalty spares the intercept
    return Scores(np.stack([_weights(shown, column) for column in logits.T], axis=1))


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Estimate what showing a player adds to the log-odds, every player by itself: rough, better with every mask."""
    del players, full
    drawn = ~keeps.all(axis=1)
    if drawn.sum() < ENOUGH_MASKS:
        return Scores(np.full((keeps.shape[1], logprobs.shape[1]), np.nan, np.float32))
    logits, shown = to_logits(logprobs[drawn]), keeps[drawn] - keeps[drawn].mean(axis=0)
    together = shown.T @ (logits - logits.mean(axis=0))
    return Scores((together / np.maximum((shown**2).sum(axis=0), 1e-9)[:, None]).astype(np.float32))


def _weights(shown: NDArray[np.float64], logits: NDArray[np.float64]) -> NDArray[np.float32]:
    # Here, since it takes seconds that the page need not wait for.
    from sklearn.linear_model import Lasso  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    target = logits - logits.mean()
    no_player_left = np.abs(shown.T @ target).max() / len(target)
    if no_player_left < 1e-9:  # the token does not react to the picture
        return np.zeros(len(shown[0]), np.float32)
    lasso: Any = Lasso(alpha=SPARSITY * no_player_left, fit_intercept=False, max_iter=10_000)
    return lasso.fit(shown, target).coef_.astype(np.float32)
