"""A result's picture, question and settings, put back into the form."""

import hashlib
import json
from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder
from PIL import Image

from mmattr_app.domain import Attribution, Pixels, Question
from mmattr_app.models import model_of, split
from mmattr_app.results.saved_players import ways_of
from mmattr_app.settings import REGIONS
from mmattr_app.ui.form import FOLDS
from mmattr_app.ui.form_values import FURTHER, HIDE_TEXT, NAMES, NOTHING, RANGES
from mmattr_app.ui.region_choices import fields_of
from mmattr_app.ui.session import Drawing, Session

PLAYERS = ("regions", "words", "answer")  # that the form offers, besides pieces of a text to read
PICTURES = ("image", *FURTHER)
KEPT: Any = None  # a field that stays as it is, where a result does not say how to fill it


def values_of_result(result: Attribution, file: str | None) -> dict[str, Any]:
    """Give the form's fields, as far as the result says what they were."""
    answer = result.answer
    cut = result.players.segmentation
    ways = ways_of(result.players)
    asked = values_of_question(answer.question, model_of(answer), cut.made_by if cut else REGIONS, file)
    return asked | {
        "method": result.method,
        "occluder": result.occluder,
        "budget": result.budget or 0,
        "seed": result.seed,
        "text": answer.text if answer.typed else "",
        "players": [name for name in PLAYERS if name in ways] or KEPT,
        "hide_text": _hidden_text(answer.question, ways),
    }


def values_of_question(question: Question, model: str, regions: str, file: str | None = None) -> dict[str, Any]:
    """Give the form's fields for a question; `regions` says how its picture is cut."""
    name, precision = split(model)
    return {
        "image": file or (keep(question.image) if question.pictures else None),
        **dict(zip_longest(FURTHER, map(keep, question.pictures[1 : 1 + len(FURTHER)]))),
        "document": question.document,
        "prompt": question.prompt,
        "system": question.system,
        "max_tokens": question.max_tokens,
        "temperature": question.sampling.temperature,
        "top_p": question.sampling.top_p,
        "model": name,
        "precision": precision,
        "regions": regions,
    }


def keep(image: Pixels) -> str:
    """Write the picture of a result where uploads are, so that the form can show it."""
    name = hashlib.blake2b(image.tobytes(), digest_size=12).hexdigest()
    file = Path(get_upload_folder()) / name / "picture.png"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(file, compress_level=1)
    return str(file)


def fill(values: dict[str, Any], session: Session, offered: Callable[[str], bool]) -> list[Any]:
    """Give an update for each field of the form; `offered` says whether a model is in its list."""
    values = {**values, **fields_of(values["regions"])}
    if values.get("choice") == "drawn":
        session.drawing = Drawing(json.loads(values["regions"].removeprefix("drawn:")))
    if not offered(values["model"]):
        values["model"] = KEPT
    gone = [name for name in PICTURES if (file := values.get(name)) and not Path(file).is_file()]
    values |= dict.fromkeys(gone)  # deleted in another tab, or after its time
    folds = (values.get("document"), any(values.get(name) for name in FURTHER))
    return [*(_update(name, values.get(name)) for name in NAMES), *(gr.update(open=bool(filled)) for filled in folds)]


def files_of(values: dict[str, Any]) -> list[str]:
    """List the files of the pictures that the fields name."""
    return [file for name in PICTURES if (file := values.get(name))]


def _hidden_text(question: Question, ways: Sequence[str]) -> str:
    """Say what of the text was hidden."""
    return next((way for way in HIDE_TEXT if way in ways), NOTHING if question.document else HIDE_TEXT[0])


def _update(name: str, value: Any) -> Any:
    if name in FURTHER and value is KEPT:
        return gr.update(value=None)
    if value is KEPT or name == "measure":
        return gr.skip()
    if name in RANGES:
        least, most = RANGES[name]
        return min(max(value, least), most)
    return value


def unchanged() -> list[Any]:
    """Leave every field as it is."""
    return [gr.skip() for _ in (*NAMES, *FOLDS)]
