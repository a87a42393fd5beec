"""What an open model shows of how it came to an answer: the values, and the verbs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Answer, LogProbs, Question

Floats: TypeAlias = NDArray[np.float32]
# (what came of other layers, attention [heads, positions, positions] of this one, its gradient or None) -> the same
Fold: TypeAlias = Callable[[Floats | None, Floats, Floats | None], Floats]
# (features [positions, size] that the picture gives the language model, their gradient) -> [positions]
Combine: TypeAlias = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, eq=False)
class Line:
    """Pictures on the straight line from one picture to another, at which gradients are taken."""

    start: NDArray[Any]  # [height, width, 3], from 0 to 255; need not be whole numbers
    end: NDArray[Any]
    shares: Sequence[float]  # of the way from start to end, one for each point
    weights: Sequence[float]  # what each point counts in the sum; one that counts nothing is scored only
    sizes: bool = False  # add up the sizes of gradients, instead of gradients times (end - start)


@dataclass(frozen=True, eq=False)
class GradientMaps:
    """Gradients of spans of tokens along a line; channels, and small squares of a large picture, are added up."""

    maps: NDArray[np.float32]  # [spans, height, width], the weighted sum over the points
    totals: NDArray[np.float32]  # [points, spans], the sum of each point's map; 0 where it is scored only
    logprobs: LogProbs  # [points, tokens]


@dataclass(frozen=True, eq=False)
class Positions:
    """Numbers for each position that a language model reads: those of the picture, and words in their order."""

    picture: NDArray[np.float32]  # [rows, picture positions]
    words: NDArray[np.float32]  # [rows, words]
    places: NDArray[np.intp]  # [picture positions, 3]: sheet, row and column; sheet -1 where it shows no place
    word_ids: NDArray[np.intp]  # [words], the answer's last
    words_before: int  # words that come before the picture


class Open(Protocol):
    """What an open model shows of how it came to an answer. Functions that it is given run where the model is."""

    def gradients(self, line: Line, spans: Sequence[Sequence[int]]) -> GradientMaps:
        """Give the gradients along a line of pictures of the log-prob of each span, the sum of its tokens'."""
        ...

    def attentions(self, fold: Fold, *, with_gradients: bool = False) -> Positions:
        """Fold the attention of the layers, from the first to the last; give a row for each token.

        With gradients, each token is folded by itself, from the last layer to the first: a fold begins with a row
        [1, positions] that is 1 at the token, and is given the gradient of the token's log-prob too.
        """
        ...

    def activations(self) -> Positions:
        """Give how much each position calls for each word, as a logit: a row for each word, the answer's last."""
        ...

    def features(self, combine: Combine) -> Positions:
        """Combine the picture's features with the gradient of each token's log-prob; give a row for each token."""
        ...

    def spread(self, weights: Floats) -> Floats:
        """Lay rows [rows, picture positions] over the pixels that were seen: [rows, height, width] with equal sums."""
        ...


# [masks, tokens, words + 1]: log-probabilities of some words at each token, and last of all others together
Distributions: TypeAlias = NDArray[np.float32]


@runtime_checkable
class TellsDistributions(Protocol):
    """A model that tells how likely other words are than those that it said."""

    def likeliest(self, answer: Answer, questions: Sequence[Question], count: int) -> NDArray[np.intp]:
        """Give the ids of the likeliest words at each token, on average over the questions: [tokens, count]."""
        ...

    def distributions(self, answer: Answer, questions: Sequence[Question], ids: NDArray[np.intp]) -> Distributions:
        """Give the log-probability of each of these words at each token, and of all others together."""
        ...


@runtime_checkable
class Openable(Protocol):
    """A model that runs here and can be opened."""

    def open(self, answer: Answer) -> Open: ...
