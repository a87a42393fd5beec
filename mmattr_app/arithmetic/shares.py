"""How much of a word came from the picture, from the question, and from the words that were said before it.

In a small game each kind of player is one player. All its masks are asked, so its Shapley values are exact. If the
answer's own words play, half of these masks are a second game, of the other kinds, in which own words stay visible. It
says more of the other kinds: with its own words hidden the model starts its answer anew, and is asked for a word that
belongs to another place of the sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import shapley_value
from mmattr_app.arithmetic.sampling import every_mask
from mmattr_app.contracts import Probe

MOST_KINDS = 6  # with more kinds, their masks would be too many
OWN_WORDS = "own words"  # the kind of player that words of the answer are


@dataclass(frozen=True, eq=False)
class Shares:
    """What each kind of player adds to each token's log-probability, in nats.

    Of a contrast it is what each kind adds to log p(selection) - log p(the other text), in equal parts for each of
    the selected tokens, and zero for the others.
    """

    kinds: tuple[str, ...]
    values: NDArray[np.float32]  # [kinds, tokens], Shapley values: their sum is what all kinds together add
    joint: NDArray[np.float32]  # [tokens], that sum minus what each kind adds alone
    given: "Shares | None" = (
        None  # shares of the other kinds while own words are visible; None if own words do not play
    )

    def of(self, tokens: Sequence[int]) -> NDArray[np.float32]:  # [kinds]
        """Give each kind's share of a span, from 0 to 1: by the absolute values of its Shapley values for the span."""
        sizes = np.abs(self.values[:, list(tokens)].sum(axis=1))
        return sizes / max(float(sizes.sum()), 1e-9)

    def spread(self, selection: Sequence[int], tokens: int) -> "Shares":
        """Make shares of each of `tokens` tokens from those of one column, which is about the selected tokens."""
        parts = np.zeros(tokens, np.float32)
        parts[list(selection)] = 1 / len(selection)
        given = self.given and self.given.spread(selection, tokens)
        return Shares(self.kinds, self.values * parts, self.joint * parts, given)


def count_shared_masks(kinds: Sequence[str]) -> int:
    """Count the masks that are asked besides the one of everything; 0 for a single kind, or for too many kinds."""
    different = len(set(kinds))
    return 2**different - 1 if 1 < different <= MOST_KINDS else 0


def measure_shares(probe: Probe, kinds: Sequence[str]) -> Shares:
    """Measure the shares by a probe whose players are the kinds."""
    masks = every_mask(len(kinds))
    values = probe(masks).astype(np.float64)
    given = None
    if OWN_WORDS in kinds:
        own = kinds.index(OWN_WORDS)
        others = [kind for kind in kinds if kind != OWN_WORDS]
        given = _to_shares(values[masks[:, own]], others)  # these rows are in the order of `every_mask` of the others
    return _to_shares(values, kinds, given)


def _to_shares(values: NDArray[np.float64], kinds: Sequence[str], given: Shares | None = None) -> Shares:
    """Compute shares from the values of all masks [2^kinds, tokens]; mask number 2^i shows kind i alone."""
    number = len(kinds)
    shapley = np.stack([shapley_value(values, kind) for kind in range(number)])
    alone = values[[2**kind for kind in range(number)]] - values[0]
    joint = values[-1] - values[0] - alone.sum(axis=0)
    return Shares(tuple(kinds), shapley.astype(np.float32), joint.astype(np.float32), given)
