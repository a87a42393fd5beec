"""Why this and not that: the difference of two texts' log-probabilities after the same beginning, as a probe."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Probe
from mmattr_app.domain import Answer, Keeps, LogProbs
from mmattr_app.errors import AppError
from mmattr_app.probe import Columns


@dataclass(frozen=True, eq=False)
class Alternative:
    """What might have been said instead of the selected tokens of an answer."""

    text: str  # as a person typed it
    answer: Answer  # with it in their place
    tokens: tuple[int, ...]  # of that answer: those that spell it


def text_instead(answer: Answer, selection: Sequence[int], text: str) -> str:
    """Write the answer up to the selected tokens, and go on with something else."""
    first, last = selection[0], selection[-1]
    if list(selection) != list(range(first, last + 1)):
        raise AppError("Something else can be said only instead of words that stand together; choose such words.")
    said = "".join(answer.tokens[first : last + 1])
    before = "".join(answer.tokens[:first]) + said[: len(said) - len(said.lstrip())]
    if not text.strip() or text.strip() == said.strip():
        raise AppError(f"Name something else that could be said instead of {said.strip()!r}.")
    return before + text.strip()


def alternative(answer: Answer, selection: Sequence[int], text: str, scored: Answer) -> Alternative:
    """Find what differs between the answer and what `text_instead` gave, as the model cut it into tokens."""
    first = selection[0]
    if scored.token_ids[:first] != answer.token_ids[:first]:
        raise AppError(
            f"The model cuts the words before {text!r} into other tokens than those of its answer, so the two cannot "
            "be compared; choose the whole answer, or give one of your own."
        )
    return Alternative(text.strip(), scored, tuple(range(first, len(scored.token_ids))))


class ContrastProbe:
    """A probe with one column: log p(this) - log p(that), sums over the tokens of each."""

    tokens = 1

    def __init__(self, this: Probe, that: Probe) -> None:
        """Take the probes of the tokens of both."""
        self._this, self._that = this, that

    def __call__(self, keep: Keeps) -> LogProbs:
        """Answer each mask: [masks, 1]."""
        return _difference(self._this(keep), self._that(keep))

    def nothing(self) -> LogProbs:
        """Answer with nothing visible: [1]."""
        return _difference(self._this.nothing(), self._that.nothing())

    def of(self, tokens: Sequence[int]) -> Probe:
        """Show its one column."""
        return Columns(self, tokens)


class ChoiceProbe(ContrastProbe):
    """The same as a log-probability, for metrics: of this, if only this or that could be said."""

    def __call__(self, keep: Keeps) -> LogProbs:
        """Answer each mask: [masks, 1]."""
        return _log_chance(super().__call__(keep))

    def nothing(self) -> LogProbs:
        """Answer with nothing visible: [1]."""
        return _log_chance(super().nothing())


def _difference(this: LogProbs, that: LogProbs) -> LogProbs:
    sums = [logprobs.astype(np.float64).sum(axis=-1, keepdims=True) for logprobs in (this, that)]
    return (sums[0] - sums[1]).astype(np.float32)


def _log_chance(log_odds: NDArray[np.float32]) -> LogProbs:
    return -np.logaddexp(0, -log_odds).astype(np.float32)
