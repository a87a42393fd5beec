"""Why this and not that: a probe of the difference between the log-probabilities of two texts in the same place."""

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
    """A text that might have been said instead of the selected tokens of an answer."""

    text: str  # as a person typed it
    answer: Answer  # the answer up to the selected tokens, and then this text
    tokens: tuple[int, ...]  # numbers of the tokens of `answer` that spell the text


def text_instead(answer: Answer, selection: Sequence[int], text: str) -> str:
    """Give the answer up to the selected tokens, with `text` after it; refuse what cannot be compared."""
    first, last = selection[0], selection[-1]
    if list(selection) != list(range(first, last + 1)):
        raise AppError("Something else can be said only instead of words that stand together; choose such words.")
    said = "".join(answer.tokens[first : last + 1])
    before = "".join(answer.tokens[:first]) + said[: len(said) - len(said.lstrip())]
    if not text.strip() or text.strip() == said.strip():
        raise AppError(f"Name something else that could be said instead of {said.strip()!r}.")
    return before + text.strip()


def alternative(answer: Answer, selection: Sequence[int], text: str, scored: Answer) -> Alternative:
    """Make an Alternative of `scored`, the text of `text_instead` as the model scored it."""
    first = selection[0]
    if scored.token_ids[:first] != answer.token_ids[:first]:
        raise AppError(
            f"The model cuts the words before {text!r} into other tokens than those of its answer, so the two cannot "
            "be compared; choose the whole answer, or give one of your own."
        )
    return Alternative(text.strip(), scored, tuple(range(first, len(scored.token_ids))))


class ContrastProbe:
    """A probe with one column: log p(this) - log p(that), each summed over its tokens."""

    tokens = 1

    def __init__(self, this: Probe, that: Probe) -> None:
        """Take a probe of the tokens of this text, and one of the tokens of that text."""
        self._this, self._that = this, that

    def __call__(self, keeps: Keeps) -> LogProbs:
        """Give the difference for each mask: [masks, 1]."""
        return _difference(self._this(keeps), self._that(keeps))

    def nothing(self) -> LogProbs:
        """Give the difference with nothing visible: [1]."""
        return _difference(self._this.nothing(), self._that.nothing())

    def of(self, tokens: Sequence[int]) -> Probe:
        """Give the same probe; its only token is 0."""
        return Columns(self, tokens)


class ChoiceProbe(ContrastProbe):
    """The same for metrics, which need a log-probability: log p(this), given that this or that is said."""

    def __call__(self, keeps: Keeps) -> LogProbs:
        """Give the log-probability for each mask: [masks, 1]."""
        return _log_sigmoid(super().__call__(keeps))

    def nothing(self) -> LogProbs:
        """Give the log-probability with nothing visible: [1]."""
        return _log_sigmoid(super().nothing())


def _difference(this: LogProbs, that: LogProbs) -> LogProbs:
    log_this, log_that = (logprobs.astype(np.float64).sum(axis=-1, keepdims=True) for logprobs in (this, that))
    return (log_this - log_that).astype(np.float32)


def _log_sigmoid(log_odds: NDArray[np.float32]) -> LogProbs:
    return -np.logaddexp(0, -log_odds).astype(np.float32)
