"""A view as one compact message: what the page needs to draw any selection without asking again."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import LogProbs
from mmattr_app.explorer.screen import fill, picture, region_map
from mmattr_app.explorer.view import View

LARGEST = 60_000.0  # float16 ends at 65504; a log-prob of minus infinity arrives as this


def message(view: View) -> dict[str, Any]:
    """Put the view into values that JSON knows.

    `rows` holds a region's scores each, so that a partial result differs from the one before in its new rows only.
    """
    question, answer = view.question, view.answer
    return {
        "state": view.state,
        "says": view.says,
        "job": view.job,
        "prompt": question.prompt if question else "",
        "text": view.text,
        "pieces": list(answer.tokens) if answer else [],
        "cut_off": bool(answer and answer.cut_off),
        "picture": picture(question.image) if question else None,
        "map": region_map(view.segmentation) if question and view.segmentation else None,
        "rows": _rows(view.scores, answer.noise if answer and view.unit == "nats" else 0.0),
        "full": _numbers(view.full),
        "blank": _numbers(view.blank),
        "hiding": view.hiding,
        "fill": fill(question.image, view.occluder) if question and view.hiding is not None else None,
        "done": view.done,
        "of": view.of,
        "unit": view.unit,
        # Only leave-one-out measured the probability with one region hidden; other methods estimate it.
        "measured": view.unit == "nats" and view.method == "ablation",
        "method": view.method,
        "occluder": view.occluder,
        "model_says": view.model_says,
        "drawing": dict(view.drawing) if view.drawing is not None else None,
        "edits": view.edits,
        "files": dict(view.files),
        "live": view.live,
        "base": view.base,
        "sharpened": list(view.sharpened),
        "cut_says": _about_pixels(view),
    }


def _about_pixels(view: View) -> str:
    """Say what a person should know of how the regions and the picture came to their pixels; mostly nothing."""
    said = (view.segmentation.says if view.segmentation else "", view.question.size_says if view.question else "")
    return " ".join(filter(None, said))


def _rows(scores: NDArray[np.float32] | None, noise: float) -> list[str | None]:
    """Encode each region's scores; what is under the noise is nothing."""
    if scores is None:
        return []
    halves = np.clip(np.where(np.abs(scores) < noise, 0, scores), -LARGEST, LARGEST).astype("<f2")
    return [None if np.isnan(row).any() else base64.b64encode(row.tobytes()).decode() for row in halves]


def _numbers(logprobs: LogProbs | None) -> list[float] | None:
    if logprobs is None or np.isnan(logprobs).any():
        return None
    return np.clip(logprobs, -LARGEST, LARGEST).astype(float).round(5).tolist()
