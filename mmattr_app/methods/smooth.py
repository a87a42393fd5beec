"""Smooth: hide smooth random halves and fit a Gaussian process; a fine map with standard errors from few masks.

The first masks are drawn at random. The next ones are chosen from a pool of random masks: those that say most about
where the top of each token's map is. It stops when every top is sure. With few players, all masks are asked.
"""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.choosing import choose_masks, doubts_of, say_sure, top_chances
from mmattr_app.arithmetic.fitting import ENOUGH_MASKS, Posterior, find_sensitive, fit_weights, to_logits
from mmattr_app.arithmetic.sampling import every_mask, smooth_halves_of_kinds
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores
from mmattr_app.settings import settings

DEFAULT_MASKS, FEWEST_MASKS, MOST_MASKS = 64, 8, 2048  # more would take long to fit, and say little more
FIRST = 16  # masks that are drawn before any is chosen
ROUND, ROUNDS = 16, 4  # masks chosen at a time: ROUND, or the number asked before / ROUNDS if that is more
LEAST = 32  # masks before it may stop: a sure top says nothing of the regions after it
POOL, LARGEST_POOL = 8, 1024  # pool size: POOL masks for each mask of the budget, at most the budget + LARGEST_POOL
# The model is not quite a sum over players, and this error is largest for large scores. With this share of a score
# added to its error, about 90% of the intervals of scores over half the top hold the value that 640 masks give
# (measured by tests.bench.calibration).
MISFIT = 0.3
SKETCHED = 256  # a sketch is made from this many masks, the last ones


def masks(players: int, budget: int | None, seed: int) -> int:
    """Give the most masks: the budget, or all masks but those of everything and nothing if there are no more."""
    del seed
    return min(max(FEWEST_MASKS, budget or DEFAULT_MASKS), MOST_MASKS, 2 ** min(players, 30) - 2)


def smooth(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by what it adds to the tokens' log-odds, its weight in a Gaussian process."""
    most, places, rng = masks(game.players.count, budget, seed), game.players.places(), np.random.default_rng(seed)
    nothing = game.probe.nothing()
    sensitive = find_sensitive(game.probe(np.ones((1, len(places)), bool))[0], nothing)
    selected = [] if game.selection is None else [game.selection]
    spans = [*([token] for token in range(game.probe.tokens)), *selected]  # doubts are computed for these
    judged = sensitive if not selected else [game.probe.tokens]  # numbers of the spans whose tops must be sure
    if most == 2 ** len(places) - 2:
        keeps = every_mask(len(places))
        logits = to_logits(np.vstack([nothing, game.probe(keeps[1:])]), contrast=game.contrast)
        known = fit_weights(places, keeps, logits, sensitive)
        doubts = doubts_of(known, top_chances(known, rng), places)
        return _scores(known, doubts, f"All {len(keeps)} masks that there are were asked.")
    pool = smooth_halves_of_kinds(places, game.players.kinds(), min(POOL * most, most + LARGEST_POOL), rng)
    keeps, pool = np.split(pool, [min(FIRST, most)])
    logits = to_logits(game.probe(keeps), contrast=game.contrast)
    while True:
        known = fit_weights(places, keeps, logits, sensitive)
        chances = top_chances(known.of(spans), rng)
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
    """Fit the masks so far."""
    drawn = np.flatnonzero(~keeps.all(axis=1))[-SKETCHED:]
    if len(drawn) < ENOUGH_MASKS:
        return Scores(np.full((keeps.shape[1], len(full)), np.nan, np.float32))
    sensitive = find_sensitive(full, logprobs[drawn].min(axis=0))
    return _scores(fit_weights(players.places(), keeps[drawn], to_logits(logprobs[drawn]), sensitive), None, "")


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
