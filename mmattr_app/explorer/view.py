"""A view: all that the explorer shows at one moment; and its message, from which the browser draws any selection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.shares import Shares
from mmattr_app.contracts import Players
from mmattr_app.domain import UNITS, Attribution, Curve, Links, Question
from mmattr_app.explorer.encoding import encode_float16, numbers, pixel_maps
from mmattr_app.explorer.players_shown import (
    describe_others,
    numbered,
    other_rows,
    rows_on_stage,
    show_pictures,
    texts_that_play,
)
from mmattr_app.explorer.trusted import compared, measured
from mmattr_app.segmentation import Pictured, Segmentation

State: TypeAlias = Literal["empty", "queued", "cutting", "answering", "hiding", "done", "failed", "cancelled"]


@dataclass(frozen=True, eq=False)
class View:
    """A job at one moment, a finished result, or a preview, which has the state "empty" and a question with regions."""

    state: State
    says: str = ""  # the state in words, or the sentence of an error
    question: Question | None = None  # only before there is a result
    segmentation: Segmentation | None = None  # only before there is a result
    further: Sequence[Segmentation | None] = ()  # the same of the pictures after the first one
    text: str = ""  # the answer so far, while the model still writes it
    attribution: Attribution | None = None  # the result so far
    hiding: int | None = None  # the number of the player that is hidden right now
    done: int = 0  # masks asked
    of: int = 0  # masks to ask
    model_says: str = ""  # one line about the model
    drawing: Mapping[str, Any] | None = None  # {"number", "shapes"}: shapes drawn on each picture; None: no drawing
    edits: int | None = None  # changes by hand that can be taken back; None where the regions cannot be changed
    files: Mapping[str, str] = field(default_factory=dict[str, str])  # format, such as "json", to its URL
    # "python" and "command": code that makes the result again; "needs": what to save first
    code: Mapping[str, str] = field(default_factory=dict[str, str])
    job: str = ""
    example: str = ""  # the name of the example, if it is one
    live: bool = False  # there is a server, which can sharpen the map or cut the picture again
    back: bool = False  # this preview lies over a result, which can be shown again
    notice: str = ""  # a sentence that a person must read before the answer
    unfamiliar: bool = False  # the model was not trained on such pictures
    first_word: str = ""  # the word that is selected first
    base: str | None = None  # the id of the job whose map was sharpened to make this one
    sharpened: Sequence[int] = ()  # the tokens for which the map was sharpened, or could not be
    trust: Mapping[str, Any] = field(default_factory=dict[str, Any])  # costs and progress for "Can I trust it?"
    compare: Mapping[str, Any] = field(default_factory=dict[str, Any])  # costs and maps for the tab "Compare"

    @property
    def asked(self) -> Question | None:
        """Give the question."""
        return self.attribution.answer.question if self.attribution else self.question

    @property
    def regions(self) -> Segmentation | None:
        """Give the regions of the first picture; None if they are not players."""
        return self.attribution.players.segmentation if self.attribution else self.segmentation

    @property
    def pictured(self) -> tuple[Pictured, ...]:
        """Give each picture whose regions are players, with these regions."""
        if self.attribution:
            return self.attribution.players.pictured
        return numbered((self.segmentation, *self.further))


def message(view: View) -> dict[str, Any]:
    """Encode a view as values for JSON, the arrays as base64.

    `rows` has a row of scores for each region, None for a region that was not asked yet; so a partial result differs
    from the one before only in its new rows. Where a method gives standard errors, every mask changes every score:
    `block` then has all scores, and `errors` all standard errors.
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
        "cut_says": _remarks(view),
    } | (_result(why) if why else NO_RESULT)


def _result(why: Attribution) -> dict[str, Any]:
    scores, shown = why.scores, rows_on_stage(why.players)
    values = _without_noise(scores.values, why.answer.noise) if why.reads.startswith("measured") else scores.values
    others, all_errors = other_rows(why.players), scores.errors
    beside, values = values[others], values[shown]
    errors = None if all_errors is None else all_errors[shown]
    return {
        "pieces": list(why.answer.tokens),
        "cut_off": why.answer.cut_off,
        "rows": _rows(values) if scores.errors is None else [],
        "block": None if scores.errors is None else encode_float16(values),
        "errors": None if errors is None else encode_float16(errors),
        "others": describe_others(why.players),
        "other_block": encode_float16(beside) if len(others) else None,
        "other_errors": None if all_errors is None or not len(others) else encode_float16(all_errors[others]),
        "texts": texts_that_play(why.answer.question, why.players),
        "shares": None if why.shares is None else _shares(why.shares),
        "selection": None if why.selection is None else list(why.selection),
        "instead_of": why.instead_of,
        "links": None if scores.links is None else _links(scores.links, why.players),
        "correlation": None if scores.correlation is None else encode_float16(scores.correlation),
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
        "pixels": pixel_maps(scores.pixels) if scores.pixels and len(shown) else None,
        "doubts": None if scores.doubts is None else scores.doubts.astype(float).round(3).tolist(),
    }


def _hidden_region(view: View) -> int | None:
    """Give the number of the region that is hidden right now; None if a word is hidden."""
    if view.hiding is None or view.attribution is None:
        return view.hiding
    rows = rows_on_stage(view.attribution.players).tolist()
    return rows.index(view.hiding) if view.hiding in rows else None


def _shares(shares: Shares) -> dict[str, Any]:
    """Encode, for each token, the Shapley value of each kind of player, and the part due to several kinds together."""
    return {
        "kinds": list(shares.kinds),
        "values": [encode_float16(row) for row in shares.values],
        "joint": encode_float16(shares.joint),
        "estimated": shares.estimated,
        "given": None if shares.given is None else _shares(shares.given),
    }


def _links(links: Links, players: Players) -> dict[str, Any]:
    """Encode the links between regions; `rest` is the region that stands for all other regions together, or None."""
    rows = rows_on_stage(players)
    known = np.isin(links.pairs, rows).all(axis=1)
    cut = players.segmentation
    return {
        "pairs": np.searchsorted(rows, links.pairs[known]).tolist(),
        "values": encode_float16(links.values[known]),
        "rest": len(rows) - 1 if cut and cut.made_by.endswith(", grouped") else None,
    }


def _figure(figure: Curve | float) -> float:
    """Give a measured figure as one number: of a curve, the area under it."""
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


def _remarks(view: View) -> str:
    """Collect the remarks about scores, regions and the size of the picture; mostly there are none."""
    said = (
        view.attribution.scores.says if view.attribution else "",
        view.regions.says if view.regions else "",
        view.asked.size_says if view.asked else "",
    )
    return " ".join(filter(None, said))


def _without_noise(scores: NDArray[np.float32], noise: float) -> NDArray[np.float32]:
    """Set scores to zero that are smaller than the model's noise."""
    return np.where(np.abs(scores) < noise, 0, scores)


def _rows(scores: NDArray[np.float32]) -> list[str | None]:
    """Encode the scores of each region; None for a region that was not asked yet."""
    return [None if np.isnan(row).any() else encode_float16(row) for row in scores]
