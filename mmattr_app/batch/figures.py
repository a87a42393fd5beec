"""A result in figures: how much the answer needs the picture, how local its support is, and what else it rests on."""

from dataclasses import dataclass

import numpy as np

from mmattr_app.domain import Attribution
from mmattr_app.sentences import name_places

KINDS = ("picture", "question", "own words")  # kinds of player whose shares are figures


@dataclass(frozen=True)
class Figures:
    """Figures of one result, over all tokens that it explains."""

    reliance: float  # nats that a token loses without the picture, on average
    best_share: float  # share of the whole support in the best region, from 0 to 1
    entropy: float  # of the support over the regions: 0 is all in one region (local), 1 the same in all (global)
    place: str  # where the best region is, in words
    # Share of the answer that came from each kind of player, from 0 to 1; None if it was not measured.
    share_picture: float | None = None
    share_question: float | None = None
    share_own_words: float | None = None


def find_figures(result: Attribution) -> Figures:
    """Compute the figures. Support is the positive part of the scores; without any, the map counts as global."""
    tokens = list(result.chosen)
    scores = np.nan_to_num(result.scores.values[:, tokens].sum(axis=1, dtype=np.float64))
    support, players = np.maximum(scores, 0), len(scores)
    parts = support / support.sum() if support.any() else np.full(players, 1 / players)
    entropy = -float((parts[parts > 0] * np.log(parts[parts > 0])).sum()) / max(np.log(players), 1e-9)
    best = int(parts.argmax())
    reliance = float(result.reliance[tokens].mean())
    place = name_places(result)[best]
    return Figures(reliance, float(parts[best]), min(1.0, max(0.0, entropy)), place, **_shares(result))


def _shares(result: Attribution) -> dict[str, float]:
    if result.shares is None:
        return {}
    found = zip(result.shares.kinds, result.shares.of(result.chosen).tolist(), strict=True)
    return {f"share_{kind.replace(' ', '_')}": share for kind, share in found if kind in KINDS}
