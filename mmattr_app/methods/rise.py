"""RISE: a player's score is how much likelier the tokens are under random masks that show it than under the others.

score[r, t] = mean of z_t(m) over the masks m with m_r = 1, less the mean over those with m_r = 0, where z is the
log-odds of a token and m_r ~ Bernoulli(1/2) (Petsiuk, Das and Saenko, RISE, 2018).

RISE and Xplique give the first mean alone, sum_m z(m) m_r / sum_m m_r, of the model's own output. Here the second mean
is subtracted, so that zero means "no effect". The order of the players is the same, except that masks do not show all
players equally often: first mean = mean over all masks + (share of masks that hide r) * score. Their masks are enlarged
smoothly and shifted; here a mask shows whole players.
"""

from mmattr_app.arithmetic.fitting import mean_effects, sketch_effects, to_logits
from mmattr_app.arithmetic.sampling import random_halves, usual_masks
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores


def masks(players: int, budget: int | None, seed: int) -> Keeps:
    """Draw `budget` masks that show each player with probability 1/2; all masks if there are no more."""
    return random_halves(players, usual_masks(players, budget), seed)


def rise(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by the mean of the masks that show it minus the mean of those that hide it."""
    keeps = masks(game.players.count, budget, seed)
    return Scores(mean_effects(keeps, to_logits(game.probe(keeps), contrast=game.contrast)).astype("float32"))


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Compute the scores from the masks so far."""
    del players, full
    return sketch_effects(keeps, to_logits(logprobs))
