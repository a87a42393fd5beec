"""Greedy searches for the order in which players make the words, by EAGLE's objective.

A set S of players is worth `mean of p(token | S) + mean of 1 - p(token | all but S)` over the selected tokens: what it
shows is enough for the words (insight), and without it they are lost (necessity). EAGLE weighs both with 1.
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

SMALLEST_STEP = 1e-6  # of the objective, so that no two players have the same score
LAZY_BATCH = 8  # candidates that a lazy search asks at once


@dataclass(eq=False)
class Search:
    """What was asked on the way: the probabilities of the selected tokens with a set of each size, and without it."""

    probe: Probe  # of the selected tokens
    players: int
    left: int  # masks that may still be asked, besides everything
    shown: dict[int, Matrix] = field(default_factory=dict[int, Matrix])  # size -> p with nothing but the set [tokens]
    hidden: dict[int, Matrix] = field(default_factory=dict[int, Matrix])  # size -> p with all but the set [tokens]
    asked: int = 0

    def __post_init__(self) -> None:
        """Ask of everything and of nothing, which are the ends of every way."""
        ends = np.array([[True] * self.players, [False] * self.players])
        full, none = np.exp(self.probe(ends).astype(np.float64))
        self.shown |= {0: none, self.players: full}
        self.hidden |= {0: full, self.players: none}
        self.left -= 1

    def judge(self, sets: Keeps) -> tuple[Matrix, Matrix]:
        """Ask of sets of players and of their complements: the probabilities [sets, tokens] of both."""
        self.left -= 2 * len(sets)
        self.asked += 2 * len(sets)
        shown, hidden = np.split(np.exp(self.probe(np.vstack([sets, ~sets])).astype(np.float64)), 2)
        return shown, hidden

    def pays_for(self, sets: int) -> bool:
        """Say whether so many sets may still be asked."""
        return 2 * sets <= self.left

    def note(self, size: int, shown: Matrix, hidden: Matrix) -> None:
        """Remember what a set on the way is worth."""
        self.shown[size], self.hidden[size] = shown, hidden


def objective(shown: Matrix, hidden: Matrix) -> Matrix:
    """Give what sets are worth: [..., tokens] -> [...]."""
    return shown.mean(axis=-1) + (1 - hidden).mean(axis=-1)


def greedy(search: Search, *, lazy: bool = False) -> list[int]:
    """Take the best player again and again; what the masks do not reach keeps the order of its last gains.

    The lazy search asks the candidates with the best last gains first, and stops when no other had as good a gain. It
    finds the same where gains only shrink as the set grows, and loses a little where they do not.
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
    """Find the player that adds most, asking a batch at a time; None where the masks reach no further."""
    top, best = -np.inf, None
    before = objective(search.shown[len(found)], search.hidden[len(found)])
    while rest and not gains[rest[0]] <= top:
        tried, rest = rest[:batch], rest[batch:]
        if not search.pays_for(len(tried)):
            break
        shown, hidden = search.judge(_with(found, tried, search.players))
        gains[tried] = objective(shown, hidden) - before
        first = int(gains[tried].argmax())
        if gains[tried[first]] > top:
            top, best = gains[tried[first]], tried[first]
            search.note(len(found) + 1, shown[first], hidden[first])
    return best


def bidirectional(search: Search, *, pending: int) -> list[int]:
    """Take the best player for the front and the worst one for the back, in turns (LiMA).

    The worst one is that of `pending` candidates, those that would add least to the front, without which what is left
    of the whole is worth most.
    """
    count = search.players
    front, back, rest = list[int](), list[int](), list(range(count))
    while len(rest) > 1 and search.pays_for(len(rest)):
        shown, hidden = search.judge(_with(front, rest, count))
        worth = objective(shown, hidden)
        best, worst = int(worth.argmax()), int(worth.argmin())
        search.note(len(front) + 1, shown[best], hidden[best])
        ordered: list[int] = [rest[place] for place in np.argsort(-worth, kind="stable").tolist()]
        front.append(rest[best])
        ordered.remove(rest[best])
        if not back:  # the complement of the worst set of one was asked just now
            search.note(count - 1, hidden[worst], shown[worst])
            back.append(ordered.pop())
        elif len(ordered) > pending and search.pays_for(pending):
            tried = ordered[-pending:]
            shown, hidden = search.judge(~_with(back, tried, count))
            last = int(objective(shown, hidden).argmax())
            search.note(count - len(back) - 1, shown[last], hidden[last])
            back.append(tried[last])
            ordered.remove(tried[last])
        rest = ordered
    return [*front, *rest, *reversed(back)]


def _with(found: Sequence[int], candidates: Sequence[int], players: int) -> Keeps:
    """Make the set of what was found and one candidate, for each candidate."""
    sets = np.zeros((len(candidates), players), bool)
    sets[:, list(found)] = True
    sets[range(len(candidates)), list(candidates)] = True
    return sets


def to_scores(game: Game, search: Search, order: Sequence[int]) -> Scores:
    """Score a player by how much the objective still changes from it on, as a share of all its changes.

    The figures are the curves of the order, as EAGLE draws them: the mean probability of the words.
    """
    assert game.selection, "these searches are for a selection"
    sizes = sorted(search.shown)
    shown, hidden = (np.array([of[size] for size in sizes]) for of in (search.shown, search.hidden))
    worth = np.interp(range(len(order) + 1), sizes, objective(shown, hidden))
    steps = np.maximum(np.abs(np.diff(worth)), SMALLEST_STEP)
    values = np.empty(len(order))
    values[list(order)] = steps[::-1].cumsum()[::-1] / steps.sum()
    needy = shown[-1] - shown[0] > SENSITIVE
    weights = game.players.weights()[list(order)].cumsum()
    shares = np.append(0, weights / max(weights[-1], 1e-12))[sizes].astype(np.float64)
    curves = {"insertion of the search": shown, "deletion of the search": hidden}
    figures = {name: Curve(shares, p.mean(axis=1).astype(np.float64)) for name, p in curves.items()}
    if 0 < needy.sum() < len(needy):
        few = {f"{name}, sensitive tokens": p[:, needy].mean(axis=1) for name, p in curves.items()}
        figures |= {name: Curve(shares, p.astype(np.float64)) for name, p in few.items()}
    scores = Scores(values.astype(np.float32)[:, None], says=_says(search, sizes, needy), figures=figures)
    return share_out(scores, game.probe.tokens, game.selection)


def _says(search: Search, sizes: list[int], needy: NDArray[np.bool_]) -> str:
    """Say how far the search came, and whether there was anything to find."""
    reached = f"{search.asked} masks. "
    if len(sizes) <= search.players:
        reached += f"The masks reached {len(sizes) - 2} of {search.players} places of the order, the rest is a guess. "
    return reached + f"Selected tokens that need the picture (by {SENSITIVE:g} or more): {needy.sum()} of {len(needy)}."


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Compare the mean probability of the tokens where a player is visible with that where it is hidden."""
    del players, full
    seen = keeps.sum(axis=0)[:, None]
    unseen = len(keeps) - seen
    p = np.exp(logprobs)
    with_it, without = keeps.T @ p, ~keeps.T @ p
    known = (seen > 0) & (unseen > 0)
    values = with_it / np.maximum(seen, 1) - without / np.maximum(unseen, 1)
    return Scores(np.where(known, values, np.nan).astype(np.float32))
