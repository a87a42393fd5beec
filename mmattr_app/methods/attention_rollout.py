"""Attention rollout (Abnar and Zuidema 2020): the product of all layers' attention, residual connections included."""

from dataclasses import dataclass

import numpy as np

from mmattr_app.arithmetic.pixel_maps import score_regions
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.white_box import Floats


@dataclass(frozen=True)
class Rollout:
    """A fold over the layers, from the first to the last, with its options."""

    heads: str = "mean"  # how heads are joined: "mean" or "max"
    discard: float = 0.0  # share of each layer's attention that is set to zero, the weakest

    def __call__(self, before: Floats | None, attention: Floats, gradient: Floats | None) -> Floats:
        """Add the residual connection with equal weight, and multiply by the layers before: [positions, positions]."""
        del gradient
        joined = attention.max(axis=0) if self.heads == "max" else attention.mean(axis=0)
        if self.discard:
            seen = np.tri(len(joined), dtype=bool)  # the causal mask: later positions have no attention anyway
            joined = np.where(joined < np.quantile(joined[seen], self.discard), 0, joined)
        mixed = joined + np.eye(len(joined), dtype=np.float32)
        mixed = (mixed / mixed.sum(axis=1, keepdims=True)).astype(np.float32)
        return mixed if before is None else mixed @ before


def attention_rollout(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by how much of a token's attention reaches it through all layers of the language model."""
    del budget, seed
    return score_regions(game, game.open.spread(game.open.attentions(Rollout()).picture))


def attention_rollout_max(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Do the same with the maximum over heads, and without the weakest nine tenths of the attention."""
    del budget, seed
    return score_regions(game, game.open.spread(game.open.attentions(Rollout("max", 0.9)).picture))
