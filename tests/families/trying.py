"""What a family can do, found out by trying: the table in docs/models.md has a row of this for each.

`python -m tests.families.trying` writes the table anew.
"""

import tempfile
from pathlib import Path

import numpy as np
import torch

from mmattr_app.domain import Answer, Question
from mmattr_app.errors import AppError
from mmattr_app.methods.attention_last import last_layer
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from mmattr_app.white_box import Line
from tests.documents import ROOT
from tests.families import FAMILIES, TITLES
from tests.pictures import corners

PAGE = ROOT / "docs" / "models.md"
HEAD = "| family | answers | scores | gradients | attention, features |\n|---|---|---|---|---|\n"


def row(family: str, model: HuggingFaceModel) -> str:
    """Try everything once and say it as a line of the table."""
    question = Question((corners(),), "What is in the picture?", max_tokens=4)
    *_, said = model.answer(question)
    assert isinstance(said, Answer)
    scores = "through generation" if model._scorer.forced else "one forward"
    found = ["yes", scores, *("yes" if able(model, said) else "no" for able in (gradients, attentions))]
    return f"| {TITLES[family]} | {' | '.join(found)} |\n"


def gradients(model: HuggingFaceModel, said: Answer) -> bool:
    """Say whether the answer's log-probability has a gradient for the picture's own pixels."""
    image = said.question.image
    opened = model.open(said)
    prepared = opened._inputs([torch.from_numpy(image.copy()).float()])["pixel_values"]
    same = (prepared - opened._inputs.encoded["pixel_values"]).abs().mean() < 0.02  # whole numbers were rounded
    try:
        found = opened.gradients(Line([np.zeros_like(image)], [image], [1], [1]), [[0]]).maps[0]
    except AppError:
        return False
    return bool(same) and bool(found.any())


def attentions(model: HuggingFaceModel, said: Answer) -> bool:
    """Say whether attention, activations and features are there, with a place in the picture for each position."""
    try:
        found = model.open(said).attentions(last_layer)
    except AppError:
        return False
    return found.picture.shape[1] == len(found.places) and bool(found.picture.any())


def table() -> str:
    """Build, load and try every family."""
    rows: list[str] = []
    for family, build in FAMILIES.items():
        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder))
            rows.append(row(family, load_huggingface(family, folder, device="cpu", dtype="float32")))
    return HEAD + "".join(rows)


if __name__ == "__main__":
    before, head, rest = PAGE.read_text(encoding="utf-8").partition(HEAD)
    assert head, f"{PAGE} should hold the table"
    after = rest[rest.index("\n\n") :]
    PAGE.write_text(before + table().rstrip("\n") + after, encoding="utf-8")
