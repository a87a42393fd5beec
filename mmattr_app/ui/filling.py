"""Fills the form again with the picture, the question and the settings of a result."""

import hashlib
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
from mmattr_app.segmentation import HowToCut, how_to_cut
from mmattr_app.settings import REGIONS
from mmattr_app.ui.drawing import Drawing
from mmattr_app.ui.form import FOLDS
from mmattr_app.ui.form_values import FURTHER, HIDE_TEXT, NAMES, NOTHING, PICTURES, RANGES
from mmattr_app.ui.region_choices import fields_of
from mmattr_app.ui.session import Session

PLAYERS = ("regions", "words", "answer")  # the kinds of players of the form's field "Hide"
UNCHANGED: Any = None  # the value of a field that stays as it is, since the result does not say it


def values_of_result(result: Attribution, file: str | None) -> dict[str, Any]:
    """Give the values of the form's fields that a result was made from, as far as it says them."""
    answer = result.answer
    ways = ways_of(result.players)
    made = [one.segmentation.made_by for one in result.players.pictured]
    asked = values_of_question(answer.question, model_of(answer), how_to_cut(made) if made else REGIONS, file)
    return asked | {
        "method": result.method,
        "occluder": result.occluder,
        "budget": result.budget or 0,
        "seed": result.seed,
        "text": answer.text if answer.typed else "",
        "players": [name for name in PLAYERS if name in ways] or UNCHANGED,
        "hide_text": _hidden_text(answer.question, ways),
    }


def values_of_question(question: Question, model: str, regions: HowToCut, file: str | None = None) -> dict[str, Any]:
    """Give the values of the form's fields for a question; `regions` says how its pictures are cut."""
    name, precision = split(model)
    return {
        "image": file or (save_picture(question.image) if question.pictures else None),
        **dict(zip_longest(FURTHER, map(save_picture, question.pictures[1 : 1 + len(FURTHER)]))),
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


def save_picture(image: Pixels) -> str:
    """Save a picture in the folder of uploads, where the form can show it; return its path."""
    name = hashlib.blake2b(image.tobytes(), digest_size=12).hexdigest()
    file = Path(get_upload_folder()) / name / "picture.png"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(file, compress_level=1)
    return str(file)


def fill(values: dict[str, Any], session: Session, offered: Callable[[str], bool]) -> list[Any]:
    """Give an update for each field and each accordion; `offered` says whether the visitor may choose a model."""
    values = {**values, **fields_of(values["regions"])}
    if values.get("choice") == "drawn":
        session.drawing = Drawing.read({name: values[name] for name in PICTURES if values.get(name)}, values["regions"])
    if not offered(values["model"]):
        values["model"] = UNCHANGED
    gone = [name for name in PICTURES if (file := values.get(name)) and not Path(file).is_file()]
    values |= dict.fromkeys(gone)  # deleted in another tab, or after its time
    folds = (values.get("document"), any(values.get(name) for name in FURTHER))
    return [*(_update(name, values.get(name)) for name in NAMES), *(gr.update(open=bool(filled)) for filled in folds)]


def files_of(values: dict[str, Any]) -> list[str]:
    """List the picture files among the values of the fields."""
    return [file for name in PICTURES if (file := values.get(name))]


def _hidden_text(question: Question, ways: Sequence[str]) -> str:
    """Give the value of the field `hide_text`: which pieces of the text to read were players."""
    return next((way for way in HIDE_TEXT if way in ways), NOTHING if question.document else HIDE_TEXT[0])


def _update(name: str, value: Any) -> Any:
    if name in FURTHER and value is UNCHANGED:
        return gr.update(value=None)
    if value is UNCHANGED or name == "measure":
        return gr.skip()
    if name in RANGES:
        least, most = RANGES[name]
        return min(max(value, least), most)
    return value


def unchanged() -> list[Any]:
    """Give updates that leave every field and accordion as it is."""
    return [gr.skip() for _ in (*NAMES, *FOLDS)]
