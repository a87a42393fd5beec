"""What a method may ask of an open model (a white box), as protocols, and what it is told, as values; all is NumPy.

`workers/open_proxy.py` passes the questions on to the process of the model, where `models/opened_answer.py` answers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Answer, LogProbs, Question

Floats: TypeAlias = NDArray[np.float32]
Maps: TypeAlias = Sequence[Floats]  # of each picture of the question [rows, height, width]
# (result of the layers before or None, this layer's attention [heads, positions, positions], its gradient or None) ->
# result with this layer
Fold: TypeAlias = Callable[[Floats | None, Floats, Floats | None], Floats]
# (features [positions, size] that the language model gets of the pictures, their gradient) -> [positions]
Combine: TypeAlias = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, eq=False)
class Line:
    """The straight line from some pictures to others, all at once; gradients are taken at points of it."""

    start: Sequence[NDArray[Any]]  # of each picture of the question [height, width, 3], 0 to 255, may be fractions
    end: Sequence[NDArray[Any]]  # likewise
    shares: Sequence[float]  # [points], where each point lies: 0 is start, 1 is end
    weights: Sequence[float]  # [points], its weight in the sum; with weight 0 it is only scored, with no gradient
    sizes: bool = False  # add up absolute gradients, instead of gradients times (end - start)


@dataclass(frozen=True, eq=False)
class GradientMaps:
    """Gradients of spans of tokens along a line, summed over channels, and over small squares of a large picture."""

    maps: Maps  # a row for each span, the weighted sum over the points
    totals: NDArray[np.float32]  # [points, spans], the sum of each point's maps; 0 for a point of weight 0
    logprobs: LogProbs  # [points, tokens]


@dataclass(frozen=True, eq=False)
class Positions:
    """Rows of numbers, one for each position of the language model's input: the pictures', and the words' in order."""

    picture: NDArray[np.float32]  # [rows, picture positions], those of the first picture first
    words: NDArray[np.float32]  # [rows, words]
    places: NDArray[np.intp]  # [picture positions, 3]: sheet (a view of a picture), row, column; sheet -1: no place
    word_ids: NDArray[np.intp]  # [words], token ids; those of the answer are the last
    words_before: int  # how many words come before the first picture


class Open(Protocol):
    """An answer in an open model. `fold` and `combine` are sent to the process that holds the model, and run there."""

    def gradients(self, line: Line, spans: Sequence[Sequence[int]]) -> GradientMaps:
        """Give the gradients along a line of the log-prob of each span, the sum of its tokens'."""
        ...

    def attentions(self, fold: Fold, *, with_gradients: bool = False) -> Positions:
        """Fold the attention of all layers into one result, from the first to the last; give a row for each token.

        With gradients, each token is folded by itself, from the last layer to the first. The fold then starts with a
        row [1, positions] that is 1 at the token, and gets the gradient of the token's log-prob too.
        """
        ...

    def activations(self) -> Positions:
        """Give the logit of each word at each position: a row for each word, those of the answer last."""
        ...

    def features(self, combine: Combine) -> Positions:
        """Combine the picture's features with the gradient of each token's log-prob; give a row for each token."""
        ...

    def spread(self, weights: Floats) -> Maps:
        """Spread rows [rows, picture positions] over the pixels of each position, with the same sums."""
        ...


# [masks, tokens, words + 1]: log-probabilities of some words at each token, and last that of all other words together
Distributions: TypeAlias = NDArray[np.float32]


@runtime_checkable
class TellsDistributions(Protocol):
    """A model that gives the log-probabilities of other words than those that it said."""

    def likeliest(self, answer: Answer, questions: Sequence[Question], count: int) -> NDArray[np.intp]:
        """Give the ids of the likeliest words at each token, on average over the questions: [tokens, count]."""
        ...

    def distributions(self, answer: Answer, questions: Sequence[Question], ids: NDArray[np.intp]) -> Distributions:
        """Give the log-probabilities of the words `ids` [tokens, words] at each token, and of all others together."""
        ...


@runtime_checkable
class Openable(Protocol):
    """A model that runs in this process and can be opened."""

    def open(self, answer: Answer) -> Open:
        """Open the model at one of its answers."""
        ...
