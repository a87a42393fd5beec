"""Results read back from JSON and NPZ files, of this version and of earlier ones."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.shares import OWN_WORDS, Shares
from mmattr_app.domain import (
    Answer,
    Attribution,
    Curve,
    Links,
    Measured,
    PixelMaps,
    Pixels,
    Question,
    Reads,
    Sampling,
    Scores,
    SecondMap,
)
from mmattr_app.errors import AppError
from mmattr_app.results.exports import ERRORS, FORMAT, NUMBERS, PIXEL_ENDS, PIXELS, pixel_endings
from mmattr_app.results.saved_players import restore
from mmattr_app.segmentation import Segmentation

READS_OF_UNIT: dict[str, Reads] = {"nats": "measured loss", "logits": "estimate"}


def read_npz(path: Path, *pictures: Pixels) -> Attribution:
    """Read back what `write` wrote as NPZ, in this version or an earlier one; the pictures are not in the file."""
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    return _attribution(json.loads(str(arrays["meta"])), arrays, pictures)


def read_json(path: Path, *pictures: Pixels) -> Attribution:
    """Read back what `write` wrote as JSON, in this version or an earlier one; the pictures are not in the file."""
    return from_json(path.read_text(encoding="utf-8"), *pictures)


def from_json(text: str, *pictures: Pixels) -> Attribution:
    """Read back what `to_json` wrote."""
    content = json.loads(text)
    arrays = {name: np.array(content[name]) for name in ("tokens", "token_ids")}
    arrays |= {name: np.array(content[name], np.float32) for name in NUMBERS if name in content}
    if "links" in content:
        arrays["links"] = np.array(content["links"], np.intp).reshape(-1, 2)
    for end in pixel_endings(content):
        written = content[PIXELS + end]
        arrays[PIXELS + end] = np.frombuffer(base64.b64decode(written["base64"]), np.int8).reshape(written["shape"])
        arrays[PIXEL_ENDS + end] = np.array(written["ends"], np.float32)
    if "mask_runs" in content:
        arrays["masks"] = np.stack([_unrolled(runs, content["shape"]) for runs in content["mask_runs"]]).astype(bool)
    for runs in [name for name in content if name.startswith("label_runs")]:
        end = runs.removeprefix("label_runs")
        arrays[f"labels{end}"] = _unrolled(content[runs], content[f"shape{end}"])
        if f"holders{end}" in content:
            holders = content[f"holders{end}"]
            count = content.get(f"regions{end}", content["meta"]["count"])
            arrays[f"holds{end}"] = np.array([[region in held for held in holders] for region in range(count)], bool)
    return _attribution(content["meta"], arrays, pictures)


def _segmentations(about: dict[str, Any], arrays: dict[str, Any]) -> dict[str, Segmentation]:
    """Read the regions of each picture; files of the first version have masks, or labels without `holds`."""
    if "masks" in arrays:
        return {"": Segmentation.from_masks(about["regions"], arrays["masks"])}
    if "labels" in arrays and "holds" not in arrays:
        return {"": Segmentation.from_labels(about["regions"], arrays["labels"])}
    ends = [name.removeprefix("labels") for name in arrays if name.startswith("labels")]
    made = about["regions"], about["regions_say"]
    return {
        end: Segmentation(made[0], arrays[f"labels{end}"].astype(np.int32), arrays[f"holds{end}"], made[1])
        for end in ends
    }


def _attribution(about: dict[str, Any], arrays: dict[str, Any], pictures: tuple[Pixels, ...]) -> Attribution:
    if (newer := about.get("format", 1)) > FORMAT:
        raise AppError(f"A newer mmattr wrote it (format {newer}, this one reads up to {FORMAT}); update mmattr.")
    answer = _answer(about, arrays, _question(pictures, about))
    shared = about.get("share_kinds")
    return Attribution(
        answer,
        restore(about, answer.question, _segmentations(about, arrays), answer.tokens),
        about["method"],
        about["budget"],
        about["seed"],
        _scores(about, arrays),
        about.get("reads") or READS_OF_UNIT[about["unit"]],
        logprob_full=arrays["logprob_full"],
        logprob_blank=arrays["logprob_blank"],
        selection=tuple(about["selection"]) if about.get("selection") else None,
        figures=_figures(about),
        instead_of=about.get("instead_of", ""),
        measured=tuple(Measured(tuple(one["tokens"]), _figures(one)) for one in about.get("measured", [])),
        compared=tuple(_second_map(one) for one in about.get("compared", [])),
        shares=_shares(tuple(shared), arrays) if shared else None,
    )


def _answer(about: dict[str, Any], arrays: dict[str, Any], question: Question) -> Answer:
    return Answer(
        question,
        token_ids=tuple(arrays["token_ids"].tolist()),
        tokens=tuple(arrays["tokens"].tolist()),
        logprobs=arrays.get("logprob_spoken", arrays["logprob_full"]),  # early files have only what was scored
        cut_off=about["cut_off"],
        model=about["model"],
        revision=about["revision"],
        precision=about["precision"],
        noise=about.get("noise", 0.0),
        unfamiliar=about.get("unfamiliar", 0.0),
        typed=about.get("typed", False),
    )


def _second_map(one: dict[str, Any]) -> SecondMap:
    written: Any = one["regions"] or ()
    if "shape" in written:  # an older file: of the first picture alone
        written = [written]
    cuts = tuple(_cut(regions) for regions in written)
    tokens, scores = tuple(one["tokens"]), np.array(one["scores"], np.float32)
    return SecondMap(tokens, one["method"], one["occluder"], one["reads"], one["says"], scores, cuts)


def _cut(cut: dict[str, Any]) -> Segmentation:
    holds = np.array([[region in held for held in cut["holders"]] for region in range(cut["regions"])], bool)
    return Segmentation(cut["made_by"], _unrolled(cut["label_runs"], cut["shape"]), holds)


def _shares(kinds: tuple[str, ...], arrays: dict[str, Any]) -> Shares:
    given = None
    if "shares_given" in arrays:
        others = tuple(kind for kind in kinds if kind != OWN_WORDS)
        given = Shares(others, arrays["shares_given"], arrays["shares_given_joint"])
    return Shares(kinds, arrays["shares"], arrays["shares_joint"], given)


def _scores(about: dict[str, Any], arrays: dict[str, Any]) -> Scores:
    errors = {name: arrays[name] for name in ERRORS if name in arrays}
    off, says = about.get("relative_error", 0.0), about.get("scores_say", "")
    links = Links(about["link_index"], arrays["links"], arrays["link_values"]) if "links" in arrays else None
    pixels = tuple(PixelMaps(arrays[PIXELS + end], arrays[PIXEL_ENDS + end]) for end in pixel_endings(arrays))
    return Scores(arrays["scores"], **errors, relative_error=off, says=says, links=links, pixels=pixels)


def _question(pictures: tuple[Pixels, ...], about: dict[str, Any]) -> Question:
    drawn: dict[str, Any] = about.get("sampling") or {}
    sampling, original = Sampling(**drawn), about.get("original_size")
    asked = (about["prompt"], about["system"], about["max_tokens"], sampling)
    return Question(pictures, *asked, (original[0], original[1]) if original else None, about.get("document", ""))


def _figures(about: dict[str, Any]) -> dict[str, Curve | float]:
    return {name: _figure(value) for name, value in about.get("figures", {}).items()}


def _figure(value: Any) -> Curve | float:
    if isinstance(value, (int, float)):
        return float(value)
    return Curve(**{name: np.array(numbers) for name, numbers in value.items()})


def _unrolled(runs: list[list[int]], shape: list[int]) -> NDArray[np.int32]:
    values, lengths = np.array(runs, np.int32).T
    return np.repeat(values, lengths).reshape(shape)
