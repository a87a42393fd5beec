"""Gradients are those of the log-probs, in every family; integrated ones are Captum's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients, LayerIntegratedGradients
from torch import Tensor

from mmattr_app import pipeline
from mmattr_app.domain import Question
from mmattr_app.errors import AppError
from mmattr_app.models.gradients import MOST_CELLS, layer_integrated_gradients, shrink
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from mmattr_app.pipeline import Plan
from mmattr_app.white_box import Line
from mmattr_app.workers.inline import InlineWorker
from tests.families import FAMILIES
from tests.games import explain_regions
from tests.models.opening import from_pixels, inputs_of, logprobs_of
from tests.models.short import answer

ModelOf = Callable[[str], HuggingFaceModel]
WITH_CAPTUM = ["llava", "smolvlm", "qwen3_vl"]
STEP = 2e-3


@pytest.mark.parametrize("family", FAMILIES)
def test_gradients_say_how_the_log_probs_change(family: str, model_of: ModelOf, question: Question) -> None:
    said = answer(model_of(family), question)
    shares = [0.5 - STEP, 0.5, 0.5 + STEP]
    spans = [[0], [0, 1]]
    line = Line([np.full_like(question.image, 90)], [question.image], shares, [0, 1, 0])
    found = model_of(family).open(said).gradients(line, spans)
    slopes = (found.logprobs[2] - found.logprobs[0]) / (2 * STEP)
    expected = [slopes[span].sum() for span in spans]
    np.testing.assert_allclose(found.totals[1], expected, atol=0.05 * max(1, np.abs(expected).max()))
    np.testing.assert_allclose(found.maps[0].sum(axis=(1, 2)), found.totals[1], rtol=1e-3, atol=1e-3)
    assert not found.totals[[0, 2]].any()


@pytest.mark.parametrize("family", WITH_CAPTUM)
def test_integrated_gradients_are_captums(family: str, model_of: ModelOf, question: Question) -> None:
    model = model_of(family)
    said = answer(model, question)
    cut = pipeline.segment(question.image, "grid:3x4")
    ours = explain_regions(InlineWorker(model), said, cut, Plan("integrated-gradients", "white", 10), selection=(1, 2))
    inputs, picture = inputs_of(model, said), torch.from_numpy(question.image.copy()).permute(2, 0, 1).float()

    def score(pictures: Tensor) -> Tensor:
        rows = [
            logprobs_of(model, said, inputs | {"pixel_values": from_pixels(model, question.image, one)})
            for one in pictures
        ]
        return torch.cat(rows)[:, [1, 2]].sum(dim=1)

    captum: Any = IntegratedGradients(score)
    found = captum.attribute(picture[None], torch.full_like(picture[None], 255), n_steps=8, internal_batch_size=1)
    regions = np.bincount(cut.atoms.ravel(), found[0].sum(dim=0).numpy().ravel())
    assert np.abs(regions).max() > 0.05
    np.testing.assert_allclose(ours.scores.values[:, [1, 2]].sum(axis=1), regions, atol=1e-4)


@pytest.mark.parametrize("family", WITH_CAPTUM)
@pytest.mark.parametrize("occluder", ["black", "blur"])
def test_integrated_gradients_add_up_to_what_is_gained(
    family: str, occluder: str, model_of: ModelOf, question: Question
) -> None:
    model = model_of(family)
    said, cut = answer(model, question), pipeline.segment(question.image, "grid:3x4")
    result = explain_regions(
        InlineWorker(model), said, cut, Plan("integrated-gradients", occluder, 400), selection=(0,)
    )
    line = Line(result.players.blank().pictures, [question.image], [0, 1], [0, 0])
    start, end = model.open(said).gradients(line, [[0]]).logprobs[:, 0].tolist()
    assert result.scores.values[:, 0].sum() == pytest.approx(end - start, abs=0.0101 * max(1, abs(end - start)))
    assert "A larger budget" not in result.scores.says


@pytest.mark.parametrize("family", WITH_CAPTUM)
def test_layer_integrated_gradients_at_the_words_are_captums(
    family: str, model_of: ModelOf, question: Question
) -> None:
    model = model_of(family)
    said = answer(model, question)
    inputs = inputs_of(model, said)
    ids, media = inputs["input_ids"], set(model._media_ids())
    words = torch.tensor([[token not in media for token in ids[0].tolist()]])
    baseline = torch.where(words, 0, ids)

    def score(read: Tensor) -> Tensor:
        return logprobs_of(model, said, inputs | {"input_ids": read}).sum(dim=1)

    layer = model._model.get_input_embeddings()
    captum: Any = LayerIntegratedGradients(score, layer)
    expected = captum.attribute(ids, baseline, n_steps=6, internal_batch_size=1).sum(dim=2)[0].detach()
    ours = layer_integrated_gradients(model._model, lambda: score(ids)[0], ids, baseline, 6)
    assert expected.abs().max() > 0.05
    np.testing.assert_allclose(ours.numpy(), expected.numpy(), atol=1e-4)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "int8"])
def test_lower_precisions_have_gradients_or_are_refused(dtype: str, folder_of: Any, question: Question) -> None:
    model = load_huggingface("llava", str(folder_of("llava")), device="cpu", dtype=dtype)
    opened = model.open(answer(model, question))
    line = Line([np.zeros_like(question.image)], [question.image], [1], [1])
    if dtype == "float16":
        with pytest.raises(AppError, match=r"^The gradients of llava vanish in float16; choose float32 or bfloat16, "):
            opened.gradients(line, [[0]])
        with pytest.raises(AppError, match="vanish in float16"):
            opened.features(lambda features, _: features[:, 0])
        return
    assert opened.gradients(line, [[0]]).maps[0].dtype == np.float32
    assert opened.features(lambda features, _: features[:, 0]).picture.dtype == np.float32


def test_maps_of_large_pictures_are_added_up_in_squares() -> None:
    maps = torch.rand(2, 1100, 1301, generator=torch.Generator().manual_seed(0))
    small = shrink(maps)
    assert small.shape == (2, 367, 434)
    assert small[0].numel() <= MOST_CELLS
    np.testing.assert_allclose(small.sum(dim=(1, 2)).numpy(), maps.sum(dim=(1, 2)).numpy(), rtol=1e-5)
    np.testing.assert_allclose(small[1, 2, 3].item(), maps[1, 6:9, 9:12].sum().item(), rtol=1e-5)
