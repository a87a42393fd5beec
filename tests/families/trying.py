"""What a family can do, found out by trying: the table in docs/models.md has a row of this for each.

`python -m tests.families.trying` writes the table anew.
"""

import tempfile
from pathlib import Path
from typing import Any

import torch

from mmattr_app.domain import Answer, Pixels, Question
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from tests.documents import ROOT
from tests.families import FAMILIES, TITLES
from tests.pictures import corners

PAGE = ROOT / "docs" / "models.md"
HEAD = "| family | answers | scores | gradients | attentions |\n|---|---|---|---|---|\n"


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
    pixels = torch.from_numpy(image.copy()).permute(2, 0, 1).float().requires_grad_()
    inputs = model._encode(said.question, [image])
    try:
        prepared = _from_pixels(model, image, pixels)
        _logits(model, said, inputs | {"pixel_values": prepared})[0, -1].log_softmax(-1).max().backward()
    except (RuntimeError, TypeError, ValueError):
        return False
    same = (prepared - inputs["pixel_values"]).abs().mean() < 0.02  # whole numbers were rounded on the way
    found = pixels.grad
    return bool(same) and found is not None and bool(found.isfinite().all()) and bool(found.any())


def attentions(model: HuggingFaceModel, said: Answer) -> bool:
    """Say whether the language model hands out a map for each of its layers, a row for each token it reads."""
    before = model._model.config._attn_implementation
    model._model.set_attn_implementation("eager")
    inputs = model._encode(said.question, [said.question.image])
    try:
        out = _forward(model, said, inputs, output_attentions=True)
    finally:
        model._model.set_attn_implementation(before)
    inner = out.get("language_model_outputs") or {}  # where BLIP-2 keeps them
    maps = out.get("cross_attentions") or inner.get("cross_attentions") or out.get("attentions")
    maps = maps or inner.get("attentions") or ()
    read = len(said.token_ids) if _decodes(model) else inputs["input_ids"].shape[1]
    maps = [layer for layer in maps if layer is not None]
    return bool(maps) and all(layer.ndim == 4 and layer.shape[2] == read for layer in maps)


def _decodes(model: HuggingFaceModel) -> bool:
    return model._model.config.get_text_config().is_encoder_decoder


def _forward(model: HuggingFaceModel, said: Answer, inputs: dict[str, Any], **how: Any) -> Any:
    if _decodes(model):
        inputs = inputs | {"decoder_input_ids": torch.tensor([said.token_ids])}
    return model._model(**inputs, **how)


def _logits(model: HuggingFaceModel, said: Answer, inputs: dict[str, Any]) -> torch.Tensor:
    return _forward(model, said, inputs).logits


def _from_pixels(model: HuggingFaceModel, image: Pixels, pixels: torch.Tensor) -> torch.Tensor:
    """Make the model's image inputs from a tensor, with the settings its processor passes on."""
    images = model._processor.image_processor
    calls: list[dict[str, Any]] = []
    honest = type(images).__call__

    def listen(self: Any, *given: Any, **settings: Any) -> Any:
        calls.append(settings)
        return honest(self, *given, **settings)

    type(images).__call__ = listen
    try:
        model._encode(Question((image,), "What?"), [image])
    finally:
        type(images).__call__ = honest
    settings = {name: value for name, value in calls[0].items() if name not in ("images", "text")}
    return images([pixels], **settings)["pixel_values"]


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
