"""What the explorer shows at one moment, as one compact message by which the page draws any selection."""

import base64
import io
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmattr_app.domain import UNITS, Attribution, Curve, LogProbs, Pixels, Question
from mmattr_app.explorer.trusted import measured
from mmattr_app.players.regions import occluder
from mmattr_app.segmentation import Segmentation

LONGEST = 1024
SMALL = 256  # what a hidden region looks like needs no more

Thing = TypeVar("Thing")
Made = TypeVar("Made")

State: TypeAlias = Literal["empty", "queued", "cutting", "answering", "hiding", "done", "failed", "cancelled"]

LARGEST = 60_000.0  # float16 ends at 65504; a log-prob of minus infinity arrives as this


def once(make: Callable[[Thing], Made]) -> Callable[[Thing], Made]:
    """Remember what was made of a thing for as long as the thing lives; a running job asks several times a second.

    What is made must not hold the thing, which would live for ever.
    """
    remembered: dict[int, tuple[weakref.ref[Any], Made]] = {}

    def look_up(thing: Thing) -> Made:
        key = id(thing)
        known = remembered.get(key)
        if known is None or known[0]() is not thing:
            known = (weakref.ref(thing, lambda _: remembered.pop(key, None)), make(thing))
            remembered[key] = known
        return known[1]

    return look_up


@once
def picture(image: Pixels) -> dict[str, Any]:
    """Give the picture as a JPEG with its size on the screen."""
    height, width = _screen(image.shape[:2])
    return {"url": jpeg(_resized(image, (height, width))), "width": width, "height": height}


def fill(image: Pixels, name: str) -> str:
    """Say what a hidden region shows: a colour, or a picture to cut it from."""
    small = _small(image)
    shown = occluder(name)(small)
    red, green, blue = (int(value) for value in shown[0, 0])
    return f"#{red:02x}{green:02x}{blue:02x}" if (shown == shown[0, 0]).all() else jpeg(shown)


@once
def region_map(cut: Segmentation) -> dict[str, Any]:
    """Give the atoms, which are pixels held by the same regions, as runs [atom, how many], read row by row.

    `holders` has the regions that hold each atom; None where each is a region of its own.
    """
    height, width = _screen(cut.shape)
    seen = cut.atoms[np.ix_(_sampled(cut.shape[0], height), _sampled(cut.shape[1], width))]
    names, atoms = np.unique(seen, return_inverse=True)
    atoms = atoms.ravel()
    holders = [np.flatnonzero(cut.holds[:, name]).tolist() if name >= 0 else [] for name in names]
    kind = "<u2" if max(len(holders), width) < 2**16 else "<u4"
    starts = np.flatnonzero(np.diff(atoms, prepend=-1).astype(bool) | (np.arange(atoms.size) % width == 0))
    runs = np.stack([atoms[starts], np.diff(starts, append=atoms.size)], axis=1).astype(kind)
    return {
        "runs": base64.b64encode(runs.tobytes()).decode(),
        "bytes": runs.itemsize,
        "holders": None if holders == [[region] for region in range(cut.regions)] else holders,
        "regions": cut.regions,
        "width": width,
        "height": height,
    }


def _screen(shape: tuple[int, ...]) -> tuple[int, int]:
    height, width = shape[:2]
    scale = min(1.0, LONGEST / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _sampled(pixels: int, shown: int) -> NDArray[np.intp]:
    return ((np.arange(shown) + 0.5) * pixels / shown).astype(np.intp)


@once
def _small(image: Pixels) -> Pixels:
    height, width = image.shape[:2]
    scale = min(1.0, SMALL / max(height, width))
    return _resized(image, (max(1, round(height * scale)), max(1, round(width * scale)))).copy()


def _resized(image: Pixels, shape: tuple[int, int]) -> Pixels:
    if image.shape[:2] == shape:
        return image
    return np.asarray(Image.fromarray(image).resize((shape[1], shape[0]), Image.Resampling.LANCZOS))


def jpeg(image: Pixels, quality: int = 88) -> str:
    """Give a picture as a data URL."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


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
    back: bool = False  # these regions lie over a result, which can be shown again
    notice: str = ""  # what a person must know before the answer is read
    unfamiliar: bool = False  # the model knows no such pictures
    first_word: str = ""  # selected at first
    base: str | None = None  # the job whose map this one is sharpened from
    sharpened: Sequence[int] = ()  # the tokens for which it is, or cannot be
    trust: Mapping[str, Any] = field(default_factory=dict[str, Any])  # what finding out costs, and what was found out

    @property
    def asked(self) -> Question | None:
        """Give what was asked."""
        return self.attribution.answer.question if self.attribution else self.question

    @property
    def regions(self) -> Segmentation | None:
        """Give the regions of the first picture; None where none plays."""
        return self.attribution.players.segmentation if self.attribution else self.segmentation


def message(view: View) -> dict[str, Any]:
    """Put the view into values that JSON knows.

    `rows` holds a region's scores each, so that a partial result differs from the one before in its new rows only.
    Where a method has errors, every score moves with every mask: `block` holds all of them, and `errors` theirs.
    """
    question, cut = view.asked, view.regions
    return {
        "state": view.state,
        "says": view.says,
        "job": view.job,
        "prompt": question.prompt if question else "",
        "text": view.text,
        "picture": picture(question.image) if question and question.pictures else None,
        "map": region_map(cut) if question and cut else None,
        "hiding": _hidden_region(view),
        "done": view.done,
        "of": view.of,
        "model_says": view.model_says,
        "drawing": dict(view.drawing) if view.drawing is not None else None,
        "edits": view.edits,
        "files": dict(view.files),
        "live": view.live,
        "back": view.back,
        "notice": view.notice,
        "unfamiliar": view.unfamiliar,
        "first_word": view.first_word,
        "typed": bool(view.attribution and view.attribution.answer.typed),
        "base": view.base,
        "sharpened": list(view.sharpened),
        "trust": dict(view.trust),
        "cut_says": _about_pixels(view),
    } | (_result(view.attribution, fill_too=view.hiding is not None) if view.attribution else NO_RESULT)


def _result(why: Attribution, *, fill_too: bool) -> dict[str, Any]:
    scores, shown = why.scores, why.players.region_rows()
    values = _heard(scores.values, why.answer.noise) if why.reads.startswith("measured") else scores.values
    values, errors = values[shown], None if scores.errors is None else scores.errors[shown]
    return {
        "pieces": list(why.answer.tokens),
        "cut_off": why.answer.cut_off,
        "rows": _rows(values) if scores.errors is None else [],
        "block": None if scores.errors is None else _halves(values),
        "errors": None if errors is None else _halves(errors),
        "correlation": None if scores.correlation is None else _halves(scores.correlation),
        "relative_error": scores.relative_error,
        "full": _numbers(why.logprob_full),
        "blank": _numbers(why.logprob_blank),
        "fill": fill(why.answer.question.image, why.occluder) if fill_too and len(shown) else None,
        "reads": why.reads,
        "unit": UNITS[why.reads],
        "method": why.method,
        "occluder": why.occluder,
        "figures": {name: _figure(figure) for name, figure in why.figures.items()},
        "curves": measured(why),
        "doubts": None if scores.doubts is None else scores.doubts.astype(float).round(3).tolist(),
    }


def _hidden_region(view: View) -> int | None:
    """Give the region that is hidden right now; a hidden word is none."""
    if view.hiding is None or view.attribution is None:
        return view.hiding
    rows = view.attribution.players.region_rows().tolist()
    return rows.index(view.hiding) if view.hiding in rows else None


def _figure(figure: Curve | float) -> float:
    """Give the number of a figure, of a curve its area."""
    return round(figure.area if isinstance(figure, Curve) else figure, 4)


NO_RESULT: dict[str, Any] = {
    "pieces": [],
    "cut_off": False,
    "rows": [],
    "block": None,
    "errors": None,
    "correlation": None,
    "relative_error": 0.0,
    "full": None,
    "blank": None,
    "fill": None,
    "reads": None,
    "unit": "",
    "method": "",
    "occluder": "",
    "figures": {},
    "curves": [],
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
    return [None if np.isnan(row).any() else _halves(row) for row in scores]


def _halves(values: NDArray[np.float32]) -> str:
    return base64.b64encode(np.clip(values, -LARGEST, LARGEST).astype("<f2").tobytes()).decode()


def _numbers(logprobs: LogProbs) -> list[float] | None:
    if np.isnan(logprobs).any():
        return None
    return np.clip(logprobs, -LARGEST, LARGEST).astype(float).round(5).tolist()
