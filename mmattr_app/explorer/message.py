"""What the explorer shows at one moment, and the compact message by which the page draws any selection of it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import UNITS, Attribution, LogProbs, Question, Segmentation
from mmattr_app.explorer.screen import fill, picture, region_map

State: TypeAlias = Literal["empty", "queued", "cutting", "answering", "hiding", "done", "failed", "cancelled"]

LARGEST = 60_000.0  # float16 ends at 65504; a log-prob of minus infinity arrives as this


@dataclass(frozen=True, eq=False)
class View:
    """A moment of a job, or of none: "empty" with a question and its regions is the preview."""

    state: State
    says: str = ""  # the state in words, or the sentence of an error
    question: Question | None = None  # before there is a result
    segmentation: Segmentation | None = None  # before there is a result
    text: str = ""  # the answer so far, while it is still being said
    attribution: Attribution | None = None  # the result so far
    hiding: int | None = None  # the player that is hidden right now
    done: int = 0  # masks asked
    of: int = 0  # masks to ask
    model_says: str = ""  # one line about the model
    drawing: Mapping[str, Any] | None = None  # {"number", "shapes"}: what is drawn by hand, while it can be drawn on
    edits: int | None = None  # changes by hand that can be taken back; None where the regions cannot be changed
    files: Mapping[str, str] = field(default_factory=dict[str, str])  # format, such as "json", to its URL
    job: str = ""
    live: bool = False  # there is somebody to sharpen the map, and to cut the picture anew
    base: str | None = None  # the job whose map this one is sharpened from
    sharpened: Sequence[int] = ()  # the tokens for which it is, or cannot be

    @property
    def asked(self) -> Question | None:
        """Give what was asked."""
        return self.attribution.answer.question if self.attribution else self.question

    @property
    def regions(self) -> Segmentation | None:
        """Give the regions of the picture."""
        return self.attribution.segmentation if self.attribution else self.segmentation


def message(view: View) -> dict[str, Any]:
    """Put the view into values that JSON knows.

    `rows` holds a region's scores each, so that a partial result differs from the one before in its new rows only.
    """
    question, cut = view.asked, view.regions
    return {
        "state": view.state,
        "says": view.says,
        "job": view.job,
        "prompt": question.prompt if question else "",
        "text": view.text,
        "picture": picture(question.image) if question else None,
        "map": region_map(cut) if question and cut else None,
        "hiding": view.hiding,
        "done": view.done,
        "of": view.of,
        "model_says": view.model_says,
        "drawing": dict(view.drawing) if view.drawing is not None else None,
        "edits": view.edits,
        "files": dict(view.files),
        "live": view.live,
        "base": view.base,
        "sharpened": list(view.sharpened),
        "cut_says": _about_pixels(view),
    } | (_result(view.attribution, fill_too=view.hiding is not None) if view.attribution else NO_RESULT)


def _result(why: Attribution, *, fill_too: bool) -> dict[str, Any]:
    measured = why.reads == "measured loss"
    return {
        "pieces": list(why.answer.tokens),
        "cut_off": why.answer.cut_off,
        "rows": _rows(why.scores.values, why.answer.noise if measured else 0.0),
        "full": _numbers(why.logprob_full),
        "blank": _numbers(why.logprob_blank),
        "fill": fill(why.answer.question.image, why.occluder) if fill_too else None,
        "reads": why.reads,
        "unit": UNITS[why.reads],
        "method": why.method,
        "occluder": why.occluder,
        "figures": {name: figure for name, figure in why.figures.items() if isinstance(figure, float)},
    }


NO_RESULT: dict[str, Any] = {
    "pieces": [],
    "cut_off": False,
    "rows": [],
    "full": None,
    "blank": None,
    "fill": None,
    "reads": None,
    "unit": "",
    "method": "",
    "occluder": "",
    "figures": {},
}


def _about_pixels(view: View) -> str:
    """Say what a person should know of how the scores, the regions and the picture came out; mostly nothing."""
    said = (
        view.attribution.scores.says if view.attribution else "",
        view.regions.says if view.regions else "",
        view.asked.size_says if view.asked else "",
    )
    return " ".join(filter(None, said))


def _rows(scores: NDArray[np.float32], noise: float) -> list[str | None]:
    """Encode each region's scores; what is under the noise is nothing."""
    halves = np.clip(np.where(np.abs(scores) < noise, 0, scores), -LARGEST, LARGEST).astype("<f2")
    return [None if np.isnan(row).any() else base64.b64encode(row.tobytes()).decode() for row in halves]


def _numbers(logprobs: LogProbs) -> list[float] | None:
    if np.isnan(logprobs).any():
        return None
    return np.clip(logprobs, -LARGEST, LARGEST).astype(float).round(5).tolist()
