"""What `explain` gives in a notebook: a result that shows itself, and answers questions about words."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from PIL import Image

from mmattr_app.domain import INTERVAL, Attribution
from mmattr_app.errors import AppError
from mmattr_app.packages import import_package
from mmattr_app.players.pictured import pictured
from mmattr_app.results.captum_bridge import to_captum
from mmattr_app.results.files import to_html, write
from mmattr_app.results.heatmaps import Heat, find_heat, find_layer, find_scale, paint
from mmattr_app.results.tables import list_rows
from mmattr_app.selection import check_tokens, find_tokens
from mmattr_app.sentences import describe, name, name_places

Words: TypeAlias = str | int | Sequence[int] | None  # of the answer: as said, numbers of tokens, or None for all

FRAME = (
    '<iframe sandbox="allow-scripts allow-downloads" style="width: 100%; height: {height}px; border: 0" '
    'title="mmattr" srcdoc="{page}"></iframe>'
)
HEIGHT = 860  # pixels of the explorer in a notebook


class TopPlayer(NamedTuple):
    """A region or word that matters much."""

    number: int  # of its row in `scores.values`
    name: str  # a region's number as the page shows it, or the word itself
    place: str  # where in the picture, in words
    score: float
    error: float | None  # half the width of the interval that holds the score nine times in ten


@dataclass(frozen=True, eq=False)
class Explanation(Attribution):
    """A result with the words to ask it: by a word or a phrase, by a token's number from 0, or by several numbers.

    Without words, each of its questions is about all that the result is for.
    """

    @classmethod
    def of(cls, result: Attribution) -> "Explanation":
        """Make one of any result, such as one that was read from a file."""
        return cls(**{each.name: getattr(result, each.name) for each in fields(Attribution)})

    def tokens(self, words: Words = None) -> tuple[int, ...]:
        """Give the numbers of the tokens that some words are."""
        if words is None:
            return self.chosen
        if isinstance(words, str):
            return find_tokens(self.answer, words)
        return check_tokens(self.answer, [words] if isinstance(words, int) else words)

    def top(self, words: Words = None, count: int = 3) -> list[TopPlayer]:
        """List the regions or words that matter most, for or against, the first first."""
        chosen = list(self.tokens(words))
        scores, error = self.scores.values[:, chosen].sum(axis=1), self.scores.error(chosen)
        names, places = self.players.names(), name_places(self)
        best = np.argsort(-np.abs(np.nan_to_num(scores)), kind="stable")[:count].tolist()
        return [
            TopPlayer(
                one,
                names[one],
                places[one],
                float(scores[one]),
                None if error is None else INTERVAL * float(error[one]),
            )
            for one in best
        ]

    def describe(self, words: Words = None) -> str:
        """Say in two sentences where the support of some words lies, and how sure that is."""
        return describe(self, self.tokens(words))

    def heatmap(self, words: Words = None, picture: int = 1) -> Heat:
        """Give the score of every pixel: [height, width], in the unit of the method; of several pictures, of one."""
        return find_heat(self, self.tokens(words), picture=self._number_of(picture))

    def picture(self, words: Words = None, picture: int = 1) -> Image.Image:
        """Paint the map over a picture, with nothing where it is not sure; a method that reads pixels has its own."""
        number = self._number_of(picture)
        return paint(self.answer.question.pictures[number], *find_layer(self, self.tokens(words), number))

    def plot(self, words: Words = None, picture: int = 1) -> Any:
        """Give a Plotly figure of a picture with its map, which tells the score under the pointer."""
        graph_objects = import_package("plotly.graph_objects", "plot()")
        tokens = self.tokens(words)
        figure = graph_objects.Figure(
            graph_objects.Image(z=np.asarray(self.picture(tokens, picture)), hoverinfo="skip")
        )
        end = find_scale(self, tokens)
        figure.add_heatmap(
            z=self.heatmap(tokens, picture), zmin=-end, zmax=end, opacity=0, showscale=False, name="score"
        )
        figure.update_layout(title=f"{name(self, tokens)}: {self.answer.question.prompt}")
        figure.update_yaxes(scaleanchor="x", autorange="reversed")
        return figure

    def _number_of(self, picture: int) -> int:
        """Give the number from 0 of a picture that is counted from 1, as everywhere where people read."""
        known = (one.picture + 1 for one in pictured(self.players))  # a result from a file may have no pictures
        count = max(1, len(self.answer.question.pictures), *known)
        if not 1 <= picture <= count:
            several = f"the pictures 1 to {count}" if count > 1 else "one picture"
            raise AppError(f"The question has {several}, not picture {picture}; give the number of one of them.")
        return picture - 1

    def frame(self) -> Any:
        """Give a pandas table with a row for each player and token."""
        return import_package("pandas", "frame()").DataFrame(list_rows(self))

    def to_captum(self) -> Any:
        """Give Captum's LLMAttributionResult of the same numbers, with the picture and its regions."""
        return to_captum(self)

    def save(self, path: str | Path, words: Words = None) -> None:
        """Write a .html, .png, .svg, .json, .csv or .npz file; a picture shows the map of some words."""
        write(self, Path(path), self.tokens(words))

    def _repr_html_(self) -> str:
        """Show the explorer in a notebook, in a frame of its own, so that several do not disturb each other."""
        try:
            return FRAME.format(height=HEIGHT, page=escape(to_html(self)))
        except AppError as error:
            return f"<p>{escape(str(error))}</p>"
