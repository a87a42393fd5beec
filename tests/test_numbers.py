"""The scores are Captum's, and those of a brute-force loop through the model's own generation."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation, ImageMaskInput, LLMAttribution
from PIL import Image

from mmattr_app import pipeline
from mmattr_app.domain import Answer, Pixels, Question
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.segmentation import Segmentation
from mmattr_app.workers.inline import InlineWorker
from tests.families import FAMILIES
from tests.games import explain_regions
from tests.oracles import leave_one_out
from tests.segmenters import tiny_sam2
from tests.segmenters.cutting import cut as cut_picture

PROMPT = "What is in the picture?"
TEXT = "A small green tree next to a house."
COLOURS = {"white": (255, 255, 255), "#2040c0": (0x20, 0x40, 0xC0)}
CAPTUM_RUNS = ["llava", "smolvlm"]  # for Qwen it does not lengthen mm_token_type_ids, and fails
THOROUGHLY = ["llava", "smolvlm", "qwen3_vl"]  # with every cut and colour; the other families with one


def grid() -> Segmentation:
    return pipeline.segment(np.zeros((48, 56, 3), np.uint8), "grid:3x4")


def ragged() -> Segmentation:
    rows, columns = np.mgrid[0:48, 0:56]
    return Segmentation.from_labels("labels:ragged", (rows * 3 + columns * 2) // 40 + (columns > rows))


def overlapping() -> Segmentation:
    masks = np.zeros((4, 48, 56), bool)
    masks[0, 4:30, 6:40] = masks[1, 20:44, 20:50] = masks[2, 22:28, 22:30] = masks[3, :12, 44:] = True
    assert not masks.any(axis=0).all()
    assert masks.sum(axis=0).max() == 3
    return Segmentation.from_masks("masks:overlapping", masks)


@cache
def sam2_kept() -> Segmentation:
    rows, columns = np.mgrid[0:48, 0:56]
    image = np.stack([rows * 5, columns * 4, (rows // 8 + columns // 8) % 2 * 200], axis=-1).astype(np.uint8)
    with TemporaryDirectory() as folder:
        tiny_sam2.save(Path(folder))
        kept = cut_picture(image, f"sam2:{folder},{tiny_sam2.SETTINGS},most=6,keep")
    assert kept.regions == 6
    assert np.sum(masks_of(kept), axis=0).max() > 1, "they overlap"
    return kept


CUTS: dict[str, Callable[[], Segmentation]] = {
    "grid": grid,
    "ragged": ragged,
    "overlapping": overlapping,
    "sam2, kept": sam2_kept,
}


@pytest.fixture(scope="module")
def answer_of(model_of: Callable[[str], HuggingFaceModel], picture: Pixels) -> Callable[[str], Answer]:
    def answer(family: str) -> Answer:
        return pipeline.ask(InlineWorker(model_of(family)), Question((picture,), PROMPT, max_tokens=5))

    return answer


def scores_of(model: HuggingFaceModel, answer: Answer, cut: Segmentation, occluder: str) -> Any:
    return explain_regions(InlineWorker(model), answer, cut, pipeline.Plan("ablation", occluder)).scores.values


def masks_of(cut: Segmentation) -> list[Any]:
    return [cut.mask(region) for region in range(cut.regions)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("family", CAPTUM_RUNS)
@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("occluder", COLOURS)
def test_scores_are_captums(
    family: str, cut: str, occluder: str, model_of: Callable[[str], HuggingFaceModel], picture: Pixels
) -> None:
    model, regions = model_of(family), CUTS[cut]()
    answer = pipeline.ask(InlineWorker(model), Question((picture,), PROMPT), TEXT)
    talk = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": PROMPT}]}]
    text = model._processor.apply_chat_template(talk, add_generation_prompt=True)
    painting: dict[str, Any] = {"mask_list": [torch.from_numpy(mask) for mask in masks_of(regions)]}
    if np.array_equal(regions.holds, np.eye(regions.regions)):  # they do not overlap
        painting = {"mask": torch.from_numpy(regions.atoms)}
    captum_input = ImageMaskInput(
        processor_fn=lambda image: model._processor(text=text, images=image, return_tensors="pt"),
        image=Image.fromarray(picture),
        baseline=COLOURS[occluder],
        **painting,
    )
    captum = LLMAttribution(FeatureAblation(model._model), model._tokenizer)
    result: Any = captum.attribute(captum_input, target=TEXT, forward_in_tokens=False)
    expected = result.token_attr.numpy().T
    assert np.abs(expected).max() > 0.05, "the picture should matter, or the comparison says nothing"
    np.testing.assert_allclose(scores_of(model, answer, regions, occluder), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("family", "cut", "occluder"),
    [
        *((family, cut, colour) for family in THOROUGHLY for cut in CUTS for colour in COLOURS),
        *((family, "grid", "white") for family in FAMILIES if family not in THOROUGHLY),
    ],
)
def test_scores_are_those_of_a_brute_force_loop(
    family: str,
    cut: str,
    occluder: str,
    model_of: Callable[[str], HuggingFaceModel],
    answer_of: Callable[[str], Answer],
) -> None:
    model, answer, regions = model_of(family), answer_of(family), CUTS[cut]()
    expected = leave_one_out(
        model._model,
        model._processor,
        answer.question.image,
        PROMPT,
        token_ids=answer.token_ids,
        masks=masks_of(regions),
        colour=COLOURS[occluder],
    )
    assert np.abs(expected).max() > 0.05
    np.testing.assert_allclose(scores_of(model, answer, regions, occluder), expected, atol=1e-4)
