"""What the explorer shows at one moment, as one compact message by which the page draws any selection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.shares import Shares
from mmattr_app.contracts import Players
from mmattr_app.domain import UNITS, Attribution, Curve, Links, Question
from mmattr_app.explorer.encoding import halves, numbers, pixel_maps
from mmattr_app.explorer.players_shown import (
    describe_others,
    numbered,
    other_rows,
    rows_on_stage,
    show_pictures,
    texts_that_play,
)
from mmattr_app.explorer.trusted import compared, measured
from mmattr_app.players.regions import Pictured
from mmattr_app.players.together import pictured
from mmattr_app.segmentation import Segmentation

State: TypeAlias = Literal["empty", "queued", "cutting", "answering", "hiding", "done", "failed", "cancelled"]


@dataclass(frozen=True, eq=False)
class View:
    """A moment of a job, or of none: "empty" with a question and its regions is the preview."""

    state: State
    says: str = ""  # the state in words, or the sentence of an error
    question: Question | None = None  # before there is a result
    segmentation: Segmentation | None = None  # before there is a result
    further: Sequence[Segmentation] = ()  # of the pictures after the first one, likewise
    text: str = ""  # the answer so far, while it is still being said
    attribution: Attribution | None = None  # the result so far
    hiding: int | None = None  # the player that is hidden right now
    done: int = 0  # masks asked
    of: int = 0  # masks to ask
    model_says: str = ""  # one line about the model
    drawing: Mapping[str, Any] | None = None  # {"number", "shapes"}: what is drawn by hand, while it can be drawn on
    edits: int | None = None  # changes by hand that can be taken back; None where the regions cannot be changed
    files: Mapping[str, str] = field(default_factory=dict[str, str])  # format, such as "json", to its URL
    # "python" and "command": texts that make it again; "needs": what to save first
    code: Mapping[str, str] = field(default_factory=dict[str, str])
    job: str = ""
    example: str = ""  # the name of the example that this is
    live: bool = False  # there is somebody to sharpen the map, and to cut the picture anew
    back: bool = False  # these regions lie over a result, which can be shown again
    notice: str = ""  # what a person must know before the answer is read
    unfamiliar: bool = False  # the model knows no such pictures
    first_word: str = ""  # selected at first
    base: str | None = None  # the job whose map this one is sharpened from
    sharpened: Sequence[int] = ()  # the tokens for which it is, or cannot be
    trust: Mapping[str, Any] = field(default_factory=dict[str, Any])  # what finding out costs, and what was found out
    compare: Mapping[str, Any] = field(default_factory=dict[str, Any])  # what other methods cost, and their maps

    @property
    def asked(self) -> Question | None:
        """Give what was asked."""
        return self.attribution.answer.question if self.attribution else self.question

    @property
    def regions(self) -> Segmentation | None:
        """Give the regions of the first picture; None where none plays."""
        return self.attribution.players.segmentation if self.attribution else self.segmentation

    @property
    def pictured(self) -> tuple[Pictured, ...]:
        """Give the regions of each picture."""
        if self.attribution:
            return pictured(self.attribution.players)
        return numbered((self.segmentation, *self.further))


def message(view: View) -> dict[str, Any]:
    """Put the view into values that JSON knows.

    `rows` holds a region's scores each, so that a partial result differs from the one before in its new rows only.
    Where a method has errors, every score moves with every mask: `block` holds all of them, and `errors` theirs.
    """
    question, why = view.asked, view.attribution
    return {
        "state": view.state,
        "says": view.says,
        "job": view.job,
        "example": view.example,
        "prompt": question.prompt if question else "",
        "text": view.text,
        **show_pictures(question, view.pictured, why.occluder if why and view.hiding is not None else None),
        "hiding": _hidden_region(view),
        "done": view.done,
        "of": view.of,
        "model_says": view.model_says,
        "drawing": dict(view.drawing) if view.drawing is not None else None,
        "edits": view.edits,
        "files": dict(view.files),
        "code": dict(view.code),
        "live": view.live,
        "back": view.back,
        "notice": view.notice,
        "unfamiliar": view.unfamiliar,
        "first_word": view.first_word,
        "typed": bool(why and why.answer.typed),
        "base": view.base,
        "sharpened": list(view.sharpened),
        "trust": dict(view.trust),
        "compare": dict(view.compare),
        "cut_says": _about_pixels(view),
    } | (_result(why) if why else NO_RESULT)


def _result(why: Attribution) -> dict[str, Any]:
    scores, shown = why.scores, rows_on_stage(why.players)
    values = _heard(scores.values, why.answer.noise) if why.reads.startswith("measured") else scores.values
    others, all_errors = other_rows(why.players), scores.errors
    beside, values = values[others], values[shown]
    errors = None if all_errors is None else all_errors[shown]
    return {
        "pieces": list(why.answer.tokens),
        "cut_off": why.answer.cut_off,
        "rows": _rows(values) if scores.errors is None else [],
        "block": None if scores.errors is None else halves(values),
        "errors": None if errors is None else halves(errors),
        "others": describe_others(why.players),
        "other_block": halves(beside) if len(others) else None,
        "other_errors": None if all_errors is None or not len(others) else halves(all_errors[others]),
        "texts": texts_that_play(why.answer.question, why.players),
        "shares": None if why.shares is None else _shares(why.shares),
        "selection": None if why.selection is None else list(why.selection),
        "instead_of": why.instead_of,
        "links": None if scores.links is None else _links(scores.links, why.players),
        "correlation": None if scores.correlation is None else halves(scores.correlation),
        "relative_error": scores.relative_error,
        "full": numbers(why.logprob_full),
        "blank": numbers(why.logprob_blank),
        "reads": why.reads,
        "unit": UNITS[why.reads],
        "method": why.method,
        "occluder": why.occluder,
        "figures": {name: _figure(figure) for name, figure in why.figures.items()},
        "curves": measured(why),
        "compared": compared(why),
        "pixels": None if scores.pixels is None or not len(shown) else pixel_maps(scores.pixels),
        "doubts": None if scores.doubts is None else scores.doubts.astype(float).round(3).tolist(),
    }


def _hidden_region(view: View) -> int | None:
    """Give the region that is hidden right now; a hidden word is none."""
    if view.hiding is None or view.attribution is None:
        return view.hiding
    rows = rows_on_stage(view.attribution.players).tolist()
    return rows.index(view.hiding) if view.hiding in rows else None


def _shares(shares: Shares) -> dict[str, Any]:
    """Give the Shapley value of each kind of player for each token, and what only several kinds do."""
    return {
        "kinds": list(shares.kinds),
        "values": [halves(row) for row in shares.values],
        "joint": halves(shares.joint),
        "estimated": shares.estimated,
        "given": None if shares.given is None else _shares(shares.given),
    }


def _links(links: Links, players: Players) -> dict[str, Any]:
    """Give the links between regions of pictures; `rest` is the region of all that was not taken apart."""
    rows = rows_on_stage(players)
    known = np.isin(links.pairs, rows).all(axis=1)
    cut = players.segmentation
    return {
        "pairs": np.searchsorted(rows, links.pairs[known]).tolist(),
        "values": halves(links.values[known]),
        "rest": len(rows) - 1 if cut and cut.made_by.endswith(", grouped") else None,
    }


def _figure(figure: Curve | float) -> float:
    """Give the number of a figure, of a curve its area."""
    return round(figure.area if isinstance(figure, Curve) else figure, 4)


NO_RESULT: dict[str, Any] = {
    "pieces": [],
    "cut_off": False,
    "rows": [],
    "block": None,
    "errors": None,
    "others": [],
    "other_block": None,
    "other_errors": None,
    "texts": {},
    "shares": None,
    "selection": None,
    "instead_of": "",
    "links": None,
    "correlation": None,
    "relative_error": 0.0,
    "full": None,
    "blank": None,
    "reads": None,
    "unit": "",
    "method": "",
    "occluder": "",
    "figures": {},
    "curves": [],
    "compared": [],
    "pixels": None,
    "doubts": None,
}


def _about_pixels(view: View) -> str:
    """Say what a person should know of how the scores, the regions and the picture came out; mostly nothing."""
    said = (
        view.attribution.scores.says if view.attribution else "",
        view.regions.says if view.regions else "",
        view.asked.size_says if view.asked else "",
    )
    return " ".join(filter(None, said))


def _heard(scores: NDArray[np.float32], noise: float) -> NDArray[np.float32]:
    """Make nothing of what is under the noise."""
    return np.where(np.abs(scores) < noise, 0, scores)


def _rows(scores: NDArray[np.float32]) -> list[str | None]:
    """Encode the scores of each region that was asked."""
    return [None if np.isnan(row).any() else halves(row) for row in scores]
