"""Methods on a person's own function from masks to log-probabilities, with no model and no picture."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Game, Probe
from mmattr_app.domain import Keeps, LogProbs, Question, Scores
from mmattr_app.errors import AppError
from mmattr_app.methods import METHODS
from mmattr_app.plan import Plan, check
from mmattr_app.players.named import Named
from mmattr_app.probe import Columns

Function = Callable[[Keeps], Any]  # masks [masks, players] -> log-probabilities [masks, tokens], or [masks] for one


class FunctionProbe:
    """A probe that calls a function, once for each different mask."""

    def __init__(self, function: Function, players: Named) -> None:
        """Take the function and its players, and call it with nobody visible, to count the tokens."""
        self._function, self._players = function, players
        self._known: dict[bytes, NDArray[np.float32]] = {}
        self.tokens = len(self.nothing())

    def __call__(self, keeps: Keeps) -> LogProbs:
        """Give the log-probabilities of each mask: [masks, tokens]."""
        keys = self._players.keys(keeps)
        new = {key: row for row, key in enumerate(keys) if key not in self._known}
        if new:
            rows = sorted(new.values())
            self._known |= zip((keys[row] for row in rows), self._ask(keeps[rows]), strict=True)
        return np.array([self._known[key] for key in keys], np.float32)

    def nothing(self) -> LogProbs:
        """Give the log-probabilities with nobody visible: [tokens]."""
        return self(np.zeros((1, self._players.count), bool))[0]

    def of(self, tokens: Sequence[int]) -> Probe:
        """Give the same probe for these tokens only."""
        return Columns(self, tokens)

    def _ask(self, keeps: Keeps) -> NDArray[np.float32]:
        replies = np.asarray(self._function(keeps), np.float32)
        replies = replies[:, None] if replies.ndim == 1 else replies
        if replies.ndim != 2 or len(replies) != len(keeps):
            raise AppError(
                f"The function gave an array of shape {list(replies.shape)} for {len(keeps)} masks; it should give "
                "[masks, tokens], or [masks] for one token."
            )
        if not np.isfinite(replies).all():
            raise AppError(
                "The function gave a number that is not finite; a probability of 0 can be -60, for instance."
            )
        return replies


def play(
    function: Function,
    players: int | Sequence[str],
    method: str = "shapley",
    *,
    places: NDArray[np.float64] | None = None,
    budget: int | None = None,
    seed: int = 0,
) -> Scores:
    """Score each player for each token by a method that asks with masks: [players, tokens].

    `function` takes masks [masks, players], True where a player stays visible, and gives log-probabilities
    [masks, tokens]. `players` are their names, or how many there are; `places` [players, dimensions] are their
    coordinates, for methods that expect neighbours to have similar scores. A method for a selection gets all tokens.
    """
    if method in METHODS and METHODS[method].needs != "probe":
        raise AppError(f"{method} reads a model, and a function is none; choose another method.")
    names = [str(number) for number in range(players)] if isinstance(players, int) else players
    named = Named(names, None if places is None else np.asarray(places, np.float64))
    plan = Plan(method, budget=budget, seed=seed, players=("words",))
    check(Question((), "a function"), named, plan, selects=True)
    probe = FunctionProbe(function, named)
    chosen = tuple(range(probe.tokens))
    texts = tuple(str(token) for token in chosen)
    selection = chosen if METHODS[method].scope == "selection" else None
    return METHODS[method].run(Game(probe, named, selection, texts=texts), budget=budget, seed=seed)
