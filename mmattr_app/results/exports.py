"""An Attribution as a file that other programs read, JSON or NPZ."""

import base64
import json
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import (
    UNITS,
    Attribution,
    Curve,
    SecondMap,
)
from mmattr_app.errors import AppError
from mmattr_app.results.saved_players import ending, record, saved_cuts
from mmattr_app.segmentation import Segmentation
from mmattr_app.sentences import describe, verdict, words
from mmattr_app.settings import VERSION

# Of these files. The first one had a label map or masks, and a unit that says how to read the scores; the second one
# had regions of one picture only.
FORMAT = 3
ERRORS = ("errors", "correlation", "doubts")  # where the method has them
LINKS = ("links", "link_values")  # where the method has them: pairs of players, and [links, tokens]
# Where the method has them: `PixelMaps`, those of further pictures with the endings "_1", "_2" and so on.
PIXELS, PIXEL_ENDS = "pixels", "pixel_ends"
NUMBERS = (
    "scores", *ERRORS, "link_values", "logprob_spoken", "logprob_full", "logprob_blank", "shares", "shares_joint",
    "shares_given", "shares_given_joint",
)  # fmt: skip
PACKAGES = ("numpy", "pillow", "scikit-learn", "torch", "torchvision", "transformers")


def check_target(path: Path, endings: Collection[str] = (".json", ".npz")) -> None:
    """Refuse a file that could not be written, before an hour of work is done for it."""
    if path.suffix not in endings:
        raise AppError(f"{path.name} should end in {' or '.join(endings)}, which says what to write.")
    try:
        if not path.absolute().parent.is_dir():
            raise AppError(f"There is no folder {path.parent}; make it first.")
        if path.is_dir():
            raise AppError(f"{path} is a folder; name a file.")
        _try_to_write(path.absolute().parent)
    except OSError:
        raise AppError(f"{path} cannot be written; choose another file.") from None


def make_folder(path: Path) -> None:
    """Make a folder for results, and refuse one that cannot be written to, before an hour of work is done for it."""
    try:
        if path.exists() and not path.is_dir():
            raise AppError(f"{path} is a file; name a folder.")
        path.mkdir(parents=True, exist_ok=True)
        _try_to_write(path)
    except OSError:
        raise AppError(f"The folder {path} cannot be made or written to; choose another one.") from None


def _try_to_write(folder: Path) -> None:
    """Raise an OSError if no file can be made in the folder; what its permissions say is not always so."""
    with tempfile.TemporaryFile(dir=folder):
        pass


def write(attribution: Attribution, path: Path) -> None:
    """Write the file as its name says; it appears whole or not at all."""
    check_target(path)
    write_whole(path, lambda unfinished: WRITERS[path.suffix](attribution, unfinished))


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Have a file written beside its place, and put it there when it is whole."""
    with tempfile.NamedTemporaryFile(dir=path.absolute().parent, suffix=path.suffix, delete=False) as file:
        pass  # only its name is wanted: some writers open it themselves
    try:
        write(Path(file.name))
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def meta(attribution: Attribution) -> dict[str, Any]:
    """Collect what is needed to ask the same question again."""
    return {
        "format": FORMAT,
        **_asked(attribution),
        **_explained(attribution),
        "versions": {"mmattr": VERSION} | {name: _version(name) for name in PACKAGES},
    }


def _asked(attribution: Attribution) -> dict[str, Any]:
    """Collect the question, the answer and who gave it."""
    answer, cut = attribution.answer, attribution.players.segmentation
    return {
        "prompt": answer.question.prompt,
        "document": answer.question.document,
        "pictures": len(answer.question.pictures),
        "picture_size": cut.shape if cut else None,
        "original_size": answer.question.original,
        "system": answer.question.system,
        "max_tokens": answer.question.max_tokens,
        "sampling": asdict(answer.question.sampling),
        "answer": answer.text,
        "cut_off": answer.cut_off,
        "model": answer.model,
        "revision": answer.revision,
        "precision": answer.precision,
        "noise": answer.noise,
        "unfamiliar": answer.unfamiliar,
        "typed": answer.typed,
    }


def _explained(attribution: Attribution) -> dict[str, Any]:
    """Collect how the answer was explained, and what came of it besides numbers."""
    cut, shares = attribution.players.segmentation, attribution.shares
    return {
        "regions": cut.made_by if cut else None,
        "count": attribution.players.count,
        "regions_say": cut.says if cut else "",
        "players": record(attribution.players),
        "method": attribution.method,
        "occluder": attribution.occluder,
        "budget": attribution.budget,
        "seed": attribution.seed,
        "reads": attribution.reads,
        "unit": UNITS[attribution.reads],
        "scores_say": attribution.scores.says,
        "relative_error": attribution.scores.relative_error,
        "selection": attribution.selection,
        "instead_of": attribution.instead_of,
        "link_index": attribution.scores.links.index if attribution.scores.links else "",
        "share_kinds": shares and shares.kinds,
        "figures": _written_all(attribution.figures),
        "measured": [{"tokens": one.tokens, "figures": _written_all(one.figures)} for one in attribution.measured],
        "compared": [_second_map(one) for one in attribution.compared],
        "sentences": [{"tokens": tokens, "says": describe(attribution, tokens)} for tokens in words(attribution)],
        "verdict": verdict(attribution),
    }


def _write_npz(attribution: Attribution, path: Path) -> None:
    arrays: dict[str, Any] = {
        "scores": attribution.scores.values,
        "tokens": np.array(attribution.answer.tokens),
        "token_ids": np.array(attribution.answer.token_ids),
        "logprob_spoken": attribution.answer.logprobs,
        "logprob_full": attribution.logprob_full,
        "logprob_blank": attribution.logprob_blank,
        "meta": np.array(json.dumps(meta(attribution), ensure_ascii=False)),
    }
    for end, cut in saved_cuts(attribution.players).items():
        arrays |= {f"labels{end}": cut.atoms, f"holds{end}": cut.holds}
    arrays |= _extras(attribution)
    np.savez_compressed(path, **arrays)


def to_json(attribution: Attribution) -> str:
    """Write a result as text; a number that is not known is null."""
    content: dict[str, Any] = {
        "meta": meta(attribution),
        "tokens": attribution.answer.tokens,
        "token_ids": attribution.answer.token_ids,
        "logprob_spoken": _numbers(attribution.answer.logprobs),
        "logprob_full": _numbers(attribution.logprob_full),
        "logprob_blank": _numbers(attribution.logprob_blank),
        "scores": _numbers(attribution.scores.values),
    }
    for end, cut in saved_cuts(attribution.players).items():
        content |= {f"{name}{end}": value for name, value in regions_as_runs(cut).items()}
    extras = _extras(attribution)
    for end in pixel_endings(extras):  # many numbers: as text they would be four times as long
        levels, ends = extras.pop(PIXELS + end), extras.pop(PIXEL_ENDS + end)
        written = base64.b64encode(levels.tobytes()).decode()
        content[PIXELS + end] = {"shape": levels.shape, "base64": written, "ends": ends.tolist()}
    content |= {name: _numbers(values) for name, values in extras.items()}
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def regions_as_runs(cut: Segmentation) -> dict[str, Any]:
    """Write regions as plain values: runs of numbers, read row by row, and the regions that hold each number."""
    holders = [np.flatnonzero(column).tolist() for column in cut.holds.T]
    return {"shape": cut.shape, "label_runs": _runs(cut.atoms), "holders": holders, "regions": cut.regions}


def _extras(attribution: Attribution) -> dict[str, NDArray[Any]]:
    """List the arrays that not every result has."""
    shares, values = attribution.shares, {name: getattr(attribution.scores, name) for name in ERRORS}
    if shares:
        values |= {"shares": shares.values, "shares_joint": shares.joint}
        if given := shares.given:
            values |= {"shares_given": given.values, "shares_given_joint": given.joint}
    if links := attribution.scores.links:
        values |= dict(zip(LINKS, (links.pairs, links.values), strict=True))
    for picture, pixels in enumerate(attribution.scores.pixels):
        end = ending(picture)
        values |= {PIXELS + end: pixels.levels, PIXEL_ENDS + end: pixels.ends}
    return {name: value for name, value in values.items() if value is not None}


def pixel_endings(names: Iterable[str]) -> list[str]:
    """List the endings of the maps over pixels among these names, in the order of the pictures."""
    return sorted(match[1] for name in names if (match := re.fullmatch(rf"{PIXELS}((?:_\d+)?)", name)))


def _second_map(one: SecondMap) -> dict[str, Any]:
    cuts = [regions_as_runs(cut) | {"made_by": cut.made_by} for cut in one.segmentations]
    return {
        "tokens": one.tokens,
        "method": one.method,
        "occluder": one.occluder,
        "reads": one.reads,
        "says": one.says,
        "scores": _numbers(one.scores),
        "regions": cuts or None,
    }


def _write_json(attribution: Attribution, path: Path) -> None:
    path.write_text(to_json(attribution), encoding="utf-8")


WRITERS = {".json": _write_json, ".npz": _write_npz}


def _written_all(figures: Mapping[str, Curve | float]) -> dict[str, Any]:
    return {name: _written(figure) for name, figure in figures.items()}


def _written(figure: Curve | float) -> Any:
    if isinstance(figure, Curve):
        return {name: _numbers(numbers) for name, numbers in vars(figure).items() if numbers is not None}
    return figure


def _runs(values: NDArray[Any]) -> list[list[int]]:
    """Shorten a map, read row by row, to [value, how many times] pairs."""
    flat = values.ravel().astype(int)
    starts = np.flatnonzero(np.diff(flat, prepend=flat[0] - 1))
    lengths = np.diff(starts, append=len(flat))
    return np.stack([flat[starts], lengths], axis=1).tolist()


def _numbers(values: NDArray[Any]) -> Any:
    if values.dtype.kind == "i":
        return values.tolist()
    rounded = np.round(values.astype(float), 7).astype(object)
    rounded[np.isnan(values)] = None
    return rounded.tolist()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
