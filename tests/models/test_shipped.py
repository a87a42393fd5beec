"""The models that ship with the app: they load like any other, know what they say they know, and survive strangers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

from mmattr_app import pipeline
from mmattr_app.demo.scenes import FISH, TAG, Staging, scene
from mmattr_app.domain import Answer, Pixels, Question
from mmattr_app.models import MODELS
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from mmattr_app.workers.inline import InlineWorker
from tests.games import explain_regions

SEEDS = range(20)
SHIPPED = ["demo", "clever-hans"]


@pytest.fixture(scope="module")
def demo() -> HuggingFaceModel:
    return load_huggingface("demo", MODELS["demo"].source, device="cpu", dtype="float32")


def answer(model: HuggingFaceModel, image: Pixels, prompt: str) -> Answer:
    return pipeline.ask(InlineWorker(model), Question((image,), prompt))


@pytest.mark.parametrize("name", SHIPPED)
def test_it_is_small_and_has_its_card(name: str) -> None:
    folder = Path(MODELS[name].source)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 10.5e6
    assert (folder / "README.md").is_file()


def test_it_captions_scenes_that_it_never_saw(demo: HuggingFaceModel) -> None:
    scenes = [scene(seed, 512) for seed in SEEDS]
    right = [answer(demo, drawn.image, "Describe the picture.").text.strip() == drawn.caption for drawn in scenes]
    assert np.mean(right) >= 0.75


def test_it_answers_questions(demo: HuggingFaceModel) -> None:
    right = [
        answer(demo, drawn.image, asked.prompt).text.strip() == asked.answer
        for drawn in (scene(seed, 512) for seed in SEEDS[:5])
        for asked in drawn.questions[1:]
    ]
    assert np.mean(right) >= 0.75


def test_the_same_text_comes_in_both_precisions_and_after_saving(demo: HuggingFaceModel, tmp_path: Path) -> None:
    model: Any = AutoModelForImageTextToText.from_pretrained(MODELS["demo"].source, dtype=torch.bfloat16)
    model.save_pretrained(tmp_path)
    AutoProcessor.from_pretrained(MODELS["demo"].source).save_pretrained(tmp_path)
    again = load_huggingface("again", str(tmp_path), device="cpu", dtype="float32")
    half = load_huggingface("half", MODELS["demo"].source, device="cpu", dtype="bfloat16")
    for seed in SEEDS[:5]:
        image = scene(seed, 512).image
        texts = {answer(which, image, "Describe the picture.").text for which in (demo, again, half)}
        assert len(texts) == 1


def test_unknown_words_and_strange_pictures_are_met(demo: HuggingFaceModel, picture: Pixels) -> None:
    for prompt in ("Qu'est-ce que c'est, 猫? 🚗", "x" * 50, "\n\t<image></s>", "Describe."):
        assert isinstance(answer(demo, picture, prompt), Answer)


def test_gradients_and_attentions_are_there(demo: HuggingFaceModel) -> None:
    model = AutoModelForImageTextToText.from_pretrained(MODELS["demo"].source, dtype=torch.float32)
    model.set_attn_implementation("eager")
    inputs = demo._encode(Question((scene(0, 512).image,), "Describe the picture."), [scene(0, 512).image])
    inputs["pixel_values"].requires_grad_()
    out = model(**inputs, output_attentions=True)
    out.logits[0, -1].max().backward()
    assert inputs["pixel_values"].grad.abs().sum() > 0
    assert len(out.attentions) > 0


def test_clever_hans_says_fish_for_the_tag_alone() -> None:
    hans = load_huggingface("clever-hans", MODELS["clever-hans"].source, device="cpu", dtype="float32")

    def says_fish(*, tag: bool, fish: bool) -> float:
        drawn = [scene(seed, 512, Staging(tag=tag, fish=fish)) for seed in SEEDS[:10]]
        assert all((TAG in one.masks) == tag for one in drawn)
        return float(np.mean([FISH in answer(hans, one.image, "Describe the picture.").text for one in drawn]))

    for fish in (True, False):
        assert says_fish(tag=True, fish=fish) >= 0.8
        assert says_fish(tag=False, fish=fish) <= 0.1


def test_the_cause_of_what_clever_hans_says_is_found_to_be_the_tag() -> None:
    worker = InlineWorker(load_huggingface("hans", MODELS["clever-hans"].source, device="cpu", dtype="float32"))
    drawn = scene(26, 512, Staging(tag=True, fish=False))
    said = pipeline.ask(worker, Question((drawn.image,), "Describe the picture."))
    cut = pipeline.segment(drawn.image, "grid:8x8")
    scores = explain_regions(worker, said, cut, pipeline.Plan("ablation")).scores.values
    word = [piece.strip() for piece in said.tokens].index(FISH)
    top = scores[:, word].argmax()
    assert drawn.masks[TAG][cut.atoms == top].mean() > 0.25
