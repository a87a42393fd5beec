"""The last layer's attention, averaged over its heads: what most people mean by an attention map."""

from mmattr_app.arithmetic.pixel_maps import score_regions
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.white_box import Floats


def last_layer(before: Floats | None, attention: Floats, gradient: Floats | None) -> Floats:
    """Average the heads, and drop the layers before: [positions, positions]."""
    del before, gradient
    return attention.mean(axis=0)


def attention_last(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by the attention that its positions get from the position that predicts the token."""
    del budget, seed
    return score_regions(game, game.open.spread(game.open.attentions(last_layer).picture))
