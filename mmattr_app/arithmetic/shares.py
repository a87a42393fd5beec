"""How much of a word came from the picture, how much from the question, how much from what was said before it.

Each kind of player is one player of a small game, of which all masks are asked: Shapley values are exact. Where the
answer's own words play, the same masks hold a second game, in which they stay visible. It says more of the others:
without its own words the model begins its answer anew, so hiding them asks for a word at another place of a sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import shapley_value
from mmattr_app.arithmetic.sampling import every_mask
from mmattr_app.contracts import Probe

MOST_KINDS = 6  # whose masks are all asked
OWN_WORDS = "own words"  # the kind of player that words of the answer are


@dataclass(frozen=True, eq=False)
class Shares:
    """What each kind of player adds to each token's log-probability, in nats."""

    kinds: tuple[str, ...]
    values: NDArray[np.float32]  # [kinds, tokens], Shapley values: they add up to what all kinds together add
    joint: NDArray[np.float32]  # [tokens], what is left of that when each kind is asked alone
    given: "Shares | None" = None  # of the other kinds while own words stay visible; None where own words do not play

    def of(self, tokens: Sequence[int]) -> NDArray[np.float32]:  # [kinds]
        """Give each kind's share of a span: of the sizes of the Shapley values of its sum, whatever their signs."""
        sizes = np.abs(self.values[:, list(tokens)].sum(axis=1))
        return sizes / max(float(sizes.sum()), 1e-9)


def count_shared_masks(kinds: Sequence[str]) -> int:
    """Count the masks that are asked, besides everything: none where there is one kind only, or too many."""
    different = len(set(kinds))
    return 2**different - 1 if 1 < different <= MOST_KINDS else 0


def measure_shares(probe: Probe, kinds: Sequence[str]) -> Shares:
    """Ask the probe of a game with one player for each kind."""
    masks = every_mask(len(kinds))
    values = probe(masks).astype(np.float64)
    given = None
    if OWN_WORDS in kinds:
        own = kinds.index(OWN_WORDS)
        others = [kind for kind in kinds if kind != OWN_WORDS]
        given = _share_out(values[masks[:, own]], others)  # whose order is that of all masks of the others
    return _share_out(values, kinds, given)


def _share_out(values: NDArray[np.float64], kinds: Sequence[str], given: Shares | None = None) -> Shares:
    """Share out what a game gives for each of its masks [2^kinds, tokens], of which 2^i shows kind i alone."""
    number = len(kinds)
    shapley = np.stack([shapley_value(values, kind) for kind in range(number)])
    alone = values[[2**kind for kind in range(number)]] - values[0]
    joint = values[-1] - values[0] - alone.sum(axis=0)
    return Shares(tuple(kinds), shapley.astype(np.float32), joint.astype(np.float32), given)
