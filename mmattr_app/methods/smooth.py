"""Smooth: hide smooth random halves and fit a Gaussian process; a fine map with standard errors from few masks.

The first masks are drawn, the next ones chosen: of many drawn masks, those that would tell most about where the top of
each token's map is. It stops when every top is sure. Where there are few players, all masks are asked.
"""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.choosing import choose_masks, count_tops, doubts_of, say_sure
from mmattr_app.arithmetic.fitting import Posterior, fit_weights, sensitive, to_logits
from mmattr_app.arithmetic.sampling import every_mask, smooth_halves_of_kinds
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores
from mmattr_app.settings import settings

DEFAULT_MASKS, FEWEST_MASKS, MOST_MASKS = 64, 8, 2048  # more would take long to fit, and tell little more
FIRST, ROUND = 16, 16  # masks that are drawn, and that are chosen at a time, at least
LEAST = 32  # masks before it stops: a top that is sure says nothing of the places after it
ROUNDS = 4  # a quarter of what was asked before is chosen at a time where that is more
POOL, LARGEST_POOL = 8, 1024  # masks to choose from for each one that may be asked; and at most, besides those
# A sum over the players is not quite what a model does, and misses large scores most. With so much of a score added to
# its error, about nine in ten intervals of scores over half the top hold what 640 masks give (tests.bench.calibration).
MISFIT = 0.3
ENOUGH_MASKS, SKETCHED = 12, 256  # masks before a sketch is worth a look, and the last ones that it is made of


def masks(players: int, budget: int | None, seed: int) -> int:
    """Give the most masks: the budget, or all that there are besides everything and nothing."""
    del seed
    return min(max(FEWEST_MASKS, budget or DEFAULT_MASKS), MOST_MASKS, 2 ** min(players, 30) - 2)


def smooth(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by what it adds to the tokens' log-odds, w ~ GP, from masks that are drawn and then chosen."""
    most, places, rng = masks(game.players.count, budget, seed), game.players.places(), np.random.default_rng(seed)
    nothing = game.probe.nothing()
    needy = sensitive(game.probe(np.ones((1, len(places)), bool))[0], nothing)
    selected = [] if game.selection is None else [game.selection]
    spans = [*([token] for token in range(game.probe.tokens)), *selected]  # of these the tops are looked for
    judged = needy if not selected else [game.probe.tokens]  # and of these they must be sure
    if most == 2 ** len(places) - 2:
        keeps = every_mask(len(places))
        logits = to_logits(np.vstack([nothing, game.probe(keeps[1:])]), contrast=game.contrast)
        known = fit_weights(places, keeps, logits, needy)
        doubts = doubts_of(known, count_tops(known, rng), places)
        return _scores(known, doubts, f"All {len(keeps)} masks that there are were asked.")
    pool = smooth_halves_of_kinds(places, game.players.kinds(), min(POOL * most, most + LARGEST_POOL), rng)
    keeps, pool = np.split(pool, [min(FIRST, most)])
    logits = to_logits(game.probe(keeps), contrast=game.contrast)
    while True:
        known = fit_weights(places, keeps, logits, needy)
        chances = count_tops(known.of(spans), rng)
        doubts = doubts_of(known.of(spans), chances, places)
        unsure = doubts[judged] > settings().wrong_top / 100
        if len(keeps) == most or (len(keeps) >= LEAST and not unsure.any()):
            return _scores(
                known, doubts[: game.probe.tokens], f"{len(keeps)} masks. {say_sure(unsure, game.selection)}"
            )
        number = min(max(ROUND, len(keeps) // ROUNDS), most - len(keeps))
        chosen = choose_masks(number, pool - keeps.mean(axis=0), known, chances[judged], doubts[judged])
        keeps, pool = np.vstack([keeps, pool[chosen]]), np.delete(pool, chosen, axis=0)
        news = to_logits(game.probe(keeps[len(logits) :]), contrast=game.contrast)
        logits = np.vstack([logits, news])


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Fit what was asked so far."""
    drawn = np.flatnonzero(~keeps.all(axis=1))[-SKETCHED:]
    if len(drawn) < ENOUGH_MASKS:
        return Scores(np.full((keeps.shape[1], len(full)), np.nan, np.float32))
    needy = sensitive(full, logprobs[drawn].min(axis=0))
    return _scores(fit_weights(players.places(), keeps[drawn], to_logits(logprobs[drawn]), needy), None, "")


def _scores(known: Posterior, doubts: NDArray[np.float64] | None, says: str) -> Scores:
    scale = np.sqrt(np.maximum(known.token_covariance.diagonal(), 1e-12))
    return Scores(
        known.mean.astype(np.float32),
        errors=known.errors.astype(np.float32),
        relative_error=MISFIT,
        doubts=None if doubts is None else doubts.astype(np.float32),
        correlation=(known.token_covariance / np.outer(scale, scale)).astype(np.float32),
        says=says,
    )
