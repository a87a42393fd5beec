"""Greedy searches for an order of the players by importance, with EAGLE's objective.

A set S of players is worth `mean of p(token | S) + mean of 1 - p(token | all but S)` over the selected tokens: high if
the set alone is enough for the words (insight), and if they are lost without it (necessity). EAGLE gives both the
weight 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.fitting import SENSITIVE
from mmattr_app.contracts import Game, Players, Probe
from mmattr_app.domain import Curve, Keeps, LogProbs, Scores
from mmattr_app.spans import share_out

Matrix = NDArray[np.float64]

SMALLEST_STEP = 1e-6  # least change of the objective between two places, so that no two players have the same score
LAZY_BATCH = 8  # candidates that a lazy search asks at once


@dataclass(eq=False)
class Search:
    """The state of a search: probabilities of the selected tokens with the best set of each size, and without it."""

    probe: Probe  # of the selected tokens
    players: int
    left: int  # masks that may still be asked, besides the one of everything
    shown: dict[int, Matrix] = field(default_factory=dict[int, Matrix])  # size -> p with only the set visible [tokens]
    hidden: dict[int, Matrix] = field(default_factory=dict[int, Matrix])  # size -> p with only the set hidden [tokens]
    asked: int = 0

    def __post_init__(self) -> None:
        """Ask with everything and with nothing visible: the sets of all players and of none."""
        ends = np.array([[True] * self.players, [False] * self.players])
        full, none = np.exp(self.probe(ends).astype(np.float64))
        self.shown |= {0: none, self.players: full}
        self.hidden |= {0: full, self.players: none}
        self.left -= 1

    def judge(self, sets: Keeps) -> tuple[Matrix, Matrix]:
        """Ask with only each set visible, and with only each set hidden: the probabilities [sets, tokens] of both."""
        self.left -= 2 * len(sets)
        self.asked += 2 * len(sets)
        shown, hidden = np.split(np.exp(self.probe(np.vstack([sets, ~sets])).astype(np.float64)), 2)
        return shown, hidden

    def can_judge(self, sets: int) -> bool:
        """Say whether the budget is enough to judge this number of sets."""
        return 2 * sets <= self.left

    def record(self, size: int, shown: Matrix, hidden: Matrix) -> None:
        """Keep the probabilities [tokens] of the best set of this size."""
        self.shown[size], self.hidden[size] = shown, hidden


def objective(shown: Matrix, hidden: Matrix) -> Matrix:
    """Give EAGLE's objective from probabilities [..., tokens]: [...]."""
    return shown.mean(axis=-1) + (1 - hidden).mean(axis=-1)


def greedy(search: Search, *, lazy: bool = False) -> list[int]:
    """Order the players: add the one with the largest gain again and again; the rest is ordered by its last gains.

    The lazy search asks the candidates with the best last gains first, and stops when no other had a gain as good. It
    finds the same order if gains only shrink while the set grows, and a slightly worse one if they do not.
    """
    count = search.players
    found, gains = list[int](), np.full(count, np.inf)
    while len(found) < count - 1:
        rest = sorted(set(range(count)) - set(found), key=lambda player: -gains[player])
        batch = LAZY_BATCH if lazy and found else len(rest)
        best = _best(search, found, rest, gains, batch)
        if best is None:
            break
        found.append(best)
    return [*found, *sorted(set(range(count)) - set(found), key=lambda player: -gains[player])]


def _best(search: Search, found: list[int], rest: list[int], gains: Matrix, batch: int) -> int | None:
    """Find the player with the largest gain, asking a batch at a time; None if the budget is used up."""
    top, best = -np.inf, None
    before = objective(search.shown[len(found)], search.hidden[len(found)])
    while rest and not gains[rest[0]] <= top:
        tried, rest = rest[:batch], rest[batch:]
        if not search.can_judge(len(tried)):
            break
        shown, hidden = search.judge(_with(found, tried, search.players))
        gains[tried] = objective(shown, hidden) - before
        first = int(gains[tried].argmax())
        if gains[tried[first]] > top:
            top, best = gains[tried[first]], tried[first]
            search.record(len(found) + 1, shown[first], hidden[first])
    return best


def bidirectional(search: Search, *, pending: int) -> list[int]:
    """Order the players: put the best one at the front and the worst one at the back, in turns (LiMA).

    The worst one is chosen among `pending` candidates, those with the smallest gains at the front: it is the one that
    can be hidden, together with the back so far, with the least harm.
    """
    count = search.players
    front, back, rest = list[int](), list[int](), list(range(count))
    while len(rest) > 1 and search.can_judge(len(rest)):
        shown, hidden = search.judge(_with(front, rest, count))
        worth = objective(shown, hidden)
        best, worst = int(worth.argmax()), int(worth.argmin())
        search.record(len(front) + 1, shown[best], hidden[best])
        ordered: list[int] = [rest[place] for place in np.argsort(-worth, kind="stable").tolist()]
        front.append(rest[best])
        ordered.remove(rest[best])
        if not back:  # `judge` has just asked with each single player hidden, too
            search.record(count - 1, hidden[worst], shown[worst])
            back.append(ordered.pop())
        elif len(ordered) > pending and search.can_judge(pending):
            tried = ordered[-pending:]
            shown, hidden = search.judge(~_with(back, tried, count))
            last = int(objective(shown, hidden).argmax())
            search.record(count - len(back) - 1, shown[last], hidden[last])
            back.append(tried[last])
            ordered.remove(tried[last])
        rest = ordered
    return [*front, *rest, *reversed(back)]


def _with(found: Sequence[int], candidates: Sequence[int], players: int) -> Keeps:
    """Give a set for each candidate: the players that were found, and this candidate."""
    sets = np.zeros((len(candidates), players), bool)
    sets[:, list(found)] = True
    sets[range(len(candidates)), list(candidates)] = True
    return sets


def to_scores(game: Game, search: Search, order: Sequence[int]) -> Scores:
    """Score a player by the changes of the objective from its place in the order on, as a share of all changes.

    The figures are insertion and deletion curves of the order, as EAGLE draws them: the mean probability of the words.
    """
    assert game.selection, "these searches are for a selection"
    sizes = sorted(search.shown)
    shown, hidden = (np.array([of[size] for size in sizes]) for of in (search.shown, search.hidden))
    worth = np.interp(range(len(order) + 1), sizes, objective(shown, hidden))
    steps = np.maximum(np.abs(np.diff(worth)), SMALLEST_STEP)
    values = np.empty(len(order))
    values[list(order)] = steps[::-1].cumsum()[::-1] / steps.sum()
    sensitive = shown[-1] - shown[0] > SENSITIVE  # [tokens]
    weights = game.players.weights()[list(order)].cumsum()
    shares = np.append(0, weights / max(weights[-1], 1e-12))[sizes].astype(np.float64)
    curves = {"insertion of the search": shown, "deletion of the search": hidden}
    figures = {name: Curve(shares, p.mean(axis=1).astype(np.float64)) for name, p in curves.items()}
    if 0 < sensitive.sum() < len(sensitive):
        of_sensitive = {f"{name}, sensitive tokens": p[:, sensitive].mean(axis=1) for name, p in curves.items()}
        figures |= {name: Curve(shares, p.astype(np.float64)) for name, p in of_sensitive.items()}
    scores = Scores(values.astype(np.float32)[:, None], says=_says(search, sizes, sensitive), figures=figures)
    return share_out(scores, game.probe.tokens, game.selection)


def _says(search: Search, sizes: list[int], sensitive: NDArray[np.bool_]) -> str:
    """Say how far the search came, and how many of the selected tokens need the picture."""
    reached = f"{search.asked} masks. "
    if len(sizes) <= search.players:
        reached += f"The masks reached {len(sizes) - 2} of {search.players} places of the order, the rest is a guess. "
    need = f"{sensitive.sum()} of {len(sensitive)}"
    return f"{reached}Selected tokens that need the picture (by {SENSITIVE:g} or more): {need}."


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Sketch the map: the tokens' mean probability where a player is visible minus that where it is hidden."""
    del players, full
    seen = keeps.sum(axis=0)[:, None]
    unseen = len(keeps) - seen
    p = np.exp(logprobs)
    with_it, without = keeps.T @ p, ~keeps.T @ p
    known = (seen > 0) & (unseen > 0)
    values = with_it / np.maximum(seen, 1) - without / np.maximum(unseen, 1)
    return Scores(np.where(known, values, np.nan).astype(np.float32))
