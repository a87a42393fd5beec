"""Surrogate: a sparse linear fit to random masks (ContextCite's LASSO); a weight is what a player adds to the log-odds.

w = argmin mean_m (z(m) - b - m'w)^2 / 2 + alpha |w|_1, where z is the log-odds of a token, m_r ~ Bernoulli(1/2), and
alpha is a tenth of the smallest penalty that makes all weights zero (Cohen-Wang et al., ContextCite, 2024, which has
one alpha of .01 on standardised masks and replies).

Its quality is ContextCite's linear datamodelling score: Spearman's rank correlation between predictions and replies on
held-out masks. Here each quarter of the masks is predicted by a fit to the other three.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.agreement import rank_correlation
from mmattr_app.arithmetic.fitting import find_sensitive, sketch_effects, to_logits
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores

DEFAULT_MASKS = 64
FEWEST_MASKS = 8  # fewer say nothing about more than a few players
SPARSITY = 0.1  # the penalty as a share of the smallest one that makes all weights zero
FOLDS = 4  # folds of the cross-validation

Matrix = NDArray[np.float64]


def masks(players: int, budget: int | None, seed: int) -> Keeps:
    """Draw `budget` masks that show each player with probability 1/2."""
    number = max(FEWEST_MASKS, budget or DEFAULT_MASKS)
    return np.random.default_rng(seed).random((number, players)) < 0.5


def surrogate(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by its weight in a LASSO fit of the tokens' log-odds."""
    keeps = masks(game.players.count, budget, seed)
    logits = to_logits(game.probe(keeps), contrast=game.contrast)
    sensitive = find_sensitive(game.probe(np.ones((1, keeps.shape[1]), bool))[0], game.probe.nothing())
    spans = logits[:, sensitive] if game.selection is None else logits[:, game.selection].sum(axis=1, keepdims=True)
    says = f"Linear datamodelling score: {datamodelling_score(keeps, spans):.2f} (1 is best), on masks held out."
    return Scores(_fit(keeps, logits).astype(np.float32), says=says)


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Give mean effects until all masks are asked."""
    del players, full
    return sketch_effects(keeps, to_logits(logprobs))


def datamodelling_score(keeps: Keeps, logits: Matrix) -> float:
    """Predict each fold of the masks from the others; give the rank correlation with the replies, mean over tokens."""
    predicted, fold = np.empty_like(logits), np.arange(len(keeps)) % FOLDS
    for part in range(FOLDS):
        known, held = keeps[fold != part], keeps[fold == part]
        middle = logits[fold != part].mean(axis=0)
        predicted[fold == part] = middle + (held - known.mean(axis=0)) @ _fit(known, logits[fold != part])
    return float(np.mean([rank_correlation(one, other) for one, other in zip(predicted.T, logits.T, strict=True)]))


def _fit(keeps: Keeps, logits: Matrix) -> Matrix:  # [players, tokens]
    shown = keeps - keeps.mean(axis=0)  # centred, so that the penalty spares the intercept
    return np.stack([_weights(shown, column) for column in logits.T], axis=1)


def _weights(shown: Matrix, logits: Matrix) -> Matrix:
    # Imported late: it takes seconds, which the page need not wait for.
    from sklearn.linear_model import Lasso  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    target = logits - logits.mean()
    all_zero = np.abs(shown.T @ target).max() / len(target)  # the smallest penalty that makes all weights zero
    if all_zero < 1e-9:  # the token does not depend on the picture
        return np.zeros(len(shown[0]))
    lasso: Any = Lasso(alpha=SPARSITY * all_zero, fit_intercept=False, max_iter=10_000)
    return lasso.fit(shown, target).coef_
