"""How much of a word came from the picture, from the question, and from the words that were said before it.

In a small game each kind of player is one player. All its masks are asked, so its Shapley values are exact. With more
than MOST_KINDS kinds, as of seven pictures, they are estimated from a few orders, each with its reverse: such a pair is
exact for whatever one kind or two kinds together do.

If the answer's own words play, there is a second game, of the other kinds, in which own words stay visible. It says
more of the other kinds: with its own words hidden the model starts its answer anew, and is asked for a word of another
place of the sentence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import shapley_value
from mmattr_app.arithmetic.sampling import every_mask, in_order
from mmattr_app.contracts import Probe
from mmattr_app.domain import Keeps, LogProbs

MOST_KINDS = 6  # with more kinds, all masks would be too many
ORDERS = 8  # in which the kinds are shown one after the other, if there are more
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

    @property
    def estimated(self) -> bool:
        """Say whether the values are estimates, since there are too many kinds to ask all masks."""
        return len(self.kinds) > MOST_KINDS

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
    """Count the masks that are asked besides the one of everything; 0 for a single kind."""
    names = list(dict.fromkeys(kinds))
    if len(names) < 2:
        return 0
    masks = _masks(len(names))
    if OWN_WORDS in names:
        masks = np.vstack([masks, _with(_masks(len(names) - 1), names.index(OWN_WORDS))])
    return len(np.unique(masks, axis=0)) - 1


def measure_shares(probe: Probe, kinds: Sequence[str]) -> Shares:
    """Measure the shares by a probe whose players are the kinds."""
    shares = _measure(probe, kinds)
    if OWN_WORDS not in kinds:
        return shares
    own, others = kinds.index(OWN_WORDS), [kind for kind in kinds if kind != OWN_WORDS]
    return replace(shares, given=_measure(lambda keeps: probe(_with(keeps, own)), others))


def _with(keeps: Keeps, player: int) -> Keeps:
    """Insert a player that all masks show."""
    return np.insert(keeps, player, True, axis=1)


def _orders(number: int) -> list[NDArray[np.intp]]:
    """Give orders, each followed by its reverse; they are the same every time.

    They are one random order, turned on, so that each kind comes early, late and between: nearer than random orders.
    """
    first = np.random.default_rng(0).permutation(number)
    turned = [np.roll(first, turn * number // (ORDERS // 2)) for turn in range(ORDERS // 2)]
    return [order for one in turned for order in (one, one[::-1])]


def _masks(number: int) -> Keeps:
    """List all masks of so many kinds, or those of the orders, one after the other, and then each kind alone."""
    if number <= MOST_KINDS:
        return every_mask(number)
    return np.vstack([*map(in_order, _orders(number)), np.eye(number, dtype=bool)])


def _measure(ask: Callable[[Keeps], LogProbs], kinds: Sequence[str]) -> Shares:
    """Compute the shares from the values of the masks."""
    number = len(kinds)
    values = ask(_masks(number)).astype(np.float64)
    if number <= MOST_KINDS:
        none, everything, alone = values[0], values[-1], values[[2**kind for kind in range(number)]]
        shapley = np.stack([shapley_value(values, kind) for kind in range(number)])
    else:
        orders, alone = _orders(number), values[-number:]
        by_order = values[:-number].reshape(len(orders), number + 1, -1)
        none, everything = by_order[0, 0], by_order[0, -1]
        gains = np.diff(by_order, axis=1)
        shapley = np.mean([gain[order.argsort()] for gain, order in zip(gains, orders, strict=True)], axis=0)
    joint = everything - none - (alone - none).sum(axis=0)
    return Shares(tuple(kinds), shapley.astype(np.float32), joint.astype(np.float32))
