"""Checks of what programs send, and what they get back about a job."""

import base64
import binascii
import io
import json
import math
from collections.abc import Sequence
from typing import Any

from PIL import Image

from mmattr_app.domain import Answer, Attribution
from mmattr_app.errors import AppError
from mmattr_app.jobs import Job, Snapshot
from mmattr_app.pictures import FORMATS, Read, read_with_size
from mmattr_app.plan import MOST_PICTURES
from mmattr_app.results import exports
from mmattr_app.settings import settings
from mmattr_app.studies.compared_maps import ComparedMap, Comparison
from mmattr_app.studies.setups import Setup
from mmattr_app.ui.form_values import Refused

MOST_SETUPS = 32  # maps in one comparison
# Segmenters that read a file of this machine; programs may not name its files.
FILE_SEGMENTERS = ("labels", "masks", "saved")


def read_image(image: str) -> Read:
    """Read a picture from base64 text or from a data URL."""
    most = settings().max_megabytes
    text = image.partition(",")[2] if image.startswith("data:") else image
    if len(text) > most * 4 / 3 * 1e6:
        raise AppError(f"The picture is above {most} megabytes; send a smaller one.")
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=FORMATS)
        return read_with_size(picture)
    except (binascii.Error, OSError, Warning, Image.DecompressionBombError) as error:
        raise AppError("The picture cannot be read; send a PNG or JPEG file as base64 or as a data URL.") from error


def check_regions(regions: str) -> None:
    """Refuse regions that are read from a file of this machine."""
    if regions.partition(":")[0] in FILE_SEGMENTERS:
        raise AppError("Regions from a file cannot be named here; use the page, or another way such as grid:8x8.")


def check_texts(values: dict[str, Any]) -> None:
    """Refuse values that are not text; the error names the value."""
    for name, value in values.items():
        if not isinstance(value, str):
            raise Refused(f"{name} is not text; send one.")


def check_numbers(values: dict[str, Any]) -> None:
    """Refuse values that are not whole numbers from 0 up; the error names the value."""
    for name, value in values.items():
        if type(value) is not int or value < 0:
            raise Refused(f"{name} is not a whole number from 0 up; send one.")


def check_images(name: str, images: Any) -> list[str]:
    """Refuse pictures that are not text, and too many; give one picture as a list, too."""
    given = images if isinstance(images, list) else [images]
    if len(given) > MOST_PICTURES:
        raise Refused(f"{len(given)} pictures are given and the limit is {MOST_PICTURES}; send fewer.")
    check_texts({name if given is not images else f"{name}[{number}]": image for number, image in enumerate(given)})
    return given


def check_setups(setups: Sequence[Setup]) -> None:
    """Refuse too few or too many maps to compare, and files of this machine."""
    for setup in setups:
        check_regions(setup.regions)
    if len(setups) < 2:
        raise AppError("Only one method is named; name two or more, with commas between.")
    if len(setups) > MOST_SETUPS:
        raise AppError(f"{len(setups)} maps are named and the limit is {MOST_SETUPS}; name fewer.")


def reply_of(job: Job, snapshot: Snapshot) -> dict[str, Any]:
    """Give the state of a job as a dictionary: state, progress, the answer so far, and at the end the result."""
    if snapshot.state == "failed":
        raise AppError(snapshot.says)
    told: dict[str, Any] = {"state": snapshot.state, "says": snapshot.says, "done": snapshot.done, "of": snapshot.total}
    if snapshot.state != "done":
        return told | {"text": snapshot.text}
    if result := snapshot.found or snapshot.result:
        return told | {"job": job.id, "result": _result(result)}
    if snapshot.answer:
        return told | {"result": _answer(snapshot.answer)}
    if snapshot.comparison:
        return told | {"result": _comparison(snapshot.comparison)}
    assert snapshot.segmentation, "this job only found regions"
    return told | {"result": exports.regions_as_runs(snapshot.segmentation)}


def _result(result: Attribution) -> dict[str, Any]:
    return json.loads(exports.to_json(result))


def _answer(answer: Answer) -> dict[str, Any]:
    """Give the answer with the names that a result's JSON has."""
    return {
        "answer": answer.text,
        "tokens": list(answer.tokens),
        "token_ids": list(answer.token_ids),
        "logprob_spoken": answer.logprobs.astype(float).round(7).tolist(),
        "cut_off": answer.cut_off,
        "typed": answer.typed,
        "unfamiliar": answer.unfamiliar,
        "model": answer.model,
        "revision": answer.revision,
        "precision": answer.precision,
    }


def _comparison(found: Comparison) -> dict[str, Any]:
    correlations = [[None if math.isnan(value) else value for value in row] for row in found.correlations.tolist()]
    return _answer(found.answer) | {
        "selection": found.selection,
        "maps": [_map(one) for one in found.maps],
        "correlations": correlations,
        "asked": found.asked,
        "saved": found.saved,
        "one_measure": found.one_measure,
    }


def _map(one: ComparedMap) -> dict[str, Any]:
    measured = {"insertion": one.insertion, "deletion": one.deletion, "pointing": one.pointing}
    costs = {"asked": one.asked, "remembered": one.remembered, "seconds": round(one.seconds, 2)}
    return {"name": one.name} | measured | costs | {"result": _result(one.attribution)}
