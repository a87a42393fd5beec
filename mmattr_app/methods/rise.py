"""RISE: a player matters as much as the tokens are likelier under the random masks that show it than under the others.

score[r, t] = mean of z_t(m) over the masks m with m_r = 1, less the mean over those with m_r = 0, where z is the
log-odds of a token and m_r ~ Bernoulli(1/2) (Petsiuk, Das and Saenko, RISE, 2018).

RISE, and Xplique, give the first mean alone, sum_m z(m) m_r / sum_m m_r, of the model's own output. Taking off the
second makes zero mean "no effect" and leaves the order as it is, but for how often each player happened to be shown:
first mean = mean over all masks + (share of masks that hide r) * score. Their masks are enlarged smoothly and shifted;
here a mask shows whole players.
"""

from mmattr_app.arithmetic.fitting import mean_effects, sketch_effects, to_logits
from mmattr_app.arithmetic.sampling import random_halves, usual_masks
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores


def masks(players: int, budget: int | None, seed: int) -> Keeps:
    """Draw as many masks as the budget says, each player visible with probability one half; few are all asked."""
    return random_halves(players, usual_masks(players, budget), seed)


def rise(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Compare the masks that show a player with those that hide it."""
    keeps = masks(game.players.count, budget, seed)
    return Scores(mean_effects(keeps, to_logits(game.probe(keeps), contrast=game.contrast)).astype("float32"))


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Do the same with what was asked so far."""
    del players, full
    return sketch_effects(keeps, to_logits(logprobs))
