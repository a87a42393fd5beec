"""An Attribution as a file that other programs read: JSON or NPZ; NPZ is read back, too."""

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Answer, Attribution, Pixels, Question, Sampling, Scores, Segmentation
from mmattr_app.errors import AppError
from mmattr_app.settings import VERSION

PACKAGES = ("numpy", "pillow", "scikit-learn", "torch", "torchvision", "transformers")


def check_target(path: Path) -> None:
    """Refuse a file that could not be written, before an hour of work is done for it."""
    if path.suffix not in WRITERS:
        raise AppError(f"{path.name} should end in {' or '.join(WRITERS)}, which says what to write.")
    if not path.absolute().parent.is_dir():
        raise AppError(f"There is no folder {path.parent}; make it first.")
    if path.is_dir() or not os.access(path.absolute().parent, os.W_OK):
        raise AppError(f"{path} cannot be written; choose another file.")


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


def read_npz(path: Path, image: Pixels) -> Attribution:
    """Read back what `write` wrote as NPZ; the picture is not in the file."""
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    about = json.loads(str(arrays["meta"]))
    if "labels" in arrays:
        cut = Segmentation.from_labels(about["regions"], arrays["labels"])
    else:
        cut = Segmentation.from_masks(about["regions"], arrays["masks"])
    full = arrays["logprob_full"]
    answer = Answer(
        _question(image, about),
        token_ids=tuple(arrays["token_ids"].tolist()),
        tokens=tuple(arrays["tokens"].tolist()),
        logprobs=arrays.get("logprob_spoken", full),  # files of before have only what was scored
        cut_off=about["cut_off"],
        model=about["model"],
        revision=about["revision"],
        precision=about["precision"],
        noise=about.get("noise", 0.0),
        unfamiliar=about.get("unfamiliar", 0.0),
    )
    scores = Scores(arrays["scores"], about["unit"])
    how = (about["method"], about["occluder"], about["budget"], about["seed"])
    return Attribution(answer, cut, *how, scores, logprob_full=full, logprob_blank=arrays["logprob_blank"])


def _question(image: Pixels, about: dict[str, Any]) -> Question:
    sampling, original = Sampling(**about.get("sampling") or {}), about.get("original_size")
    asked = (about["prompt"], about["system"], about["max_tokens"])
    return Question(image, *asked, sampling, (original[0], original[1]) if original else None)


def meta(attribution: Attribution) -> dict[str, Any]:
    """Collect what is needed to ask the same question again."""
    answer = attribution.answer
    return {
        "prompt": answer.question.prompt,
        "picture_size": attribution.segmentation.shape,
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
        "regions": attribution.segmentation.made_by,
        "method": attribution.method,
        "occluder": attribution.occluder,
        "budget": attribution.budget,
        "seed": attribution.seed,
        "unit": attribution.scores.unit,
        "versions": {"mmattr": VERSION} | {name: _version(name) for name in PACKAGES},
    }


def _write_npz(attribution: Attribution, path: Path) -> None:
    cut = attribution.segmentation
    arrays: dict[str, Any] = {
        "scores": attribution.scores.values,
        "tokens": np.array(attribution.answer.tokens),
        "token_ids": np.array(attribution.answer.token_ids),
        "logprob_spoken": attribution.answer.logprobs,
        "logprob_full": attribution.logprob_full,
        "logprob_blank": attribution.logprob_blank,
        "meta": np.array(json.dumps(meta(attribution), ensure_ascii=False)),
    }
    arrays |= {"labels": cut.labels} if cut.labels is not None else {"masks": _masks(cut)}
    np.savez_compressed(path, **arrays)


def _write_json(attribution: Attribution, path: Path) -> None:
    cut = attribution.segmentation
    content = {
        "meta": meta(attribution),
        "tokens": attribution.answer.tokens,
        "token_ids": attribution.answer.token_ids,
        "logprob_spoken": _numbers(attribution.answer.logprobs),
        "logprob_full": _numbers(attribution.logprob_full),
        "logprob_blank": _numbers(attribution.logprob_blank),
        "scores": _numbers(attribution.scores.values),
        "shape": cut.shape,
        **(
            {"label_runs": _runs(cut.labels)}
            if cut.labels is not None
            else {"mask_runs": list(map(_runs, _masks(cut)))}
        ),
    }
    path.write_text(json.dumps(content, ensure_ascii=False, allow_nan=False), encoding="utf-8")


WRITERS = {".json": _write_json, ".npz": _write_npz}


def _masks(cut: Segmentation) -> NDArray[np.bool_]:
    return np.stack([cut.mask(region) for region in range(cut.regions)])


def _runs(values: NDArray[Any]) -> list[list[int]]:
    """Shorten a map, read row by row, to [value, how many times] pairs."""
    flat = values.ravel().astype(int)
    starts = np.flatnonzero(np.diff(flat, prepend=flat[0] - 1))
    lengths = np.diff(starts, append=len(flat))
    return np.stack([flat[starts], lengths], axis=1).tolist()


def _numbers(values: NDArray[np.float32]) -> Any:
    return np.round(values.astype(float), 7).tolist()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
