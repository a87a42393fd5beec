"""Several pictures in an open model: each position and each gradient is that of its own picture, in every family."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients
from torch import Tensor

from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Question
from mmattr_app.errors import AppError
from mmattr_app.methods import METHODS
from mmattr_app.methods.attention_last import last_layer
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.opened_answer import OpenedAnswer
from mmattr_app.models.pixel_inputs import check_apart
from mmattr_app.models.preprocessing import encode_batch
from mmattr_app.pipeline import Plan
from mmattr_app.white_box import Line
from mmattr_app.workers.inline import InlineWorker
from tests.families import FAMILIES
from tests.models.opening import from_pictures, inputs_of, logprobs_of
from tests.models.short import answer
from tests.models.test_attentions import all_layers
from tests.models.test_patch_grid import GRIDS, features, unmixed
from tests.models.test_several_pictures import ONE_PICTURE

__all__ = ["unmixed"]  # a fixture

ModelOf = Callable[[str], HuggingFaceModel]
SEVERAL = [family for family in FAMILIES if family not in ONE_PICTURE]
STEP = 2e-3


@pytest.fixture
def album() -> Question:
    """Ask about two pictures of different sizes and shapes."""
    rng = np.random.default_rng(0)
    pictures = tuple(rng.integers(0, 256, (*size, 3), np.uint8) for size in ((60, 90), (80, 40)))
    return Question(pictures, "What is in the pictures?", max_tokens=3)


def positions_of(model: HuggingFaceModel, seen: OpenedAnswer, question: Question) -> list[np.ndarray]:
    """Find by trying which positions each picture reaches: those whose features change when it does."""
    known = features(model, seen, seen._inputs.encoded)
    found = list[np.ndarray]()
    for number in range(len(question.pictures)):
        pictures = [255 - one if place == number else one for place, one in enumerate(question.pictures)]
        other = encode_batch(model._processor, [replace(question, pictures=tuple(pictures))])
        found.append((features(model, seen, other) - known).abs().amax(dim=1).numpy() > 1e-6)
    return found


@pytest.mark.parametrize("family", [family for family in GRIDS if family in SEVERAL])
def test_attention_is_laid_over_the_picture_whose_positions_have_it(
    family: str, unmixed: ModelOf, album: Question
) -> None:
    model = unmixed(family)
    said = answer(model, album)
    seen = model.open(said)
    found = seen.attentions(last_layer)
    layers, _ = all_layers(model, said)
    here = seen._is_picture().numpy()
    by_hand = layers[-1][0].mean(0)[-len(said.token_ids) - 1 : -1].detach().numpy()[:, here]
    np.testing.assert_allclose(found.picture, by_hand, atol=1e-5)
    maps, reached = seen.spread(found.picture), positions_of(model, seen, album)
    for number, (one, mine) in enumerate(zip(maps, reached, strict=True)):
        assert one.shape[1:] == album.pictures[number].shape[:2]
        assert mine.any()
        placed = mine & (found.places[:, 0] >= 0)
        np.testing.assert_allclose(one.sum(axis=(1, 2)), by_hand[:, placed].sum(axis=1), atol=1e-4)
    assert not (reached[0] & reached[1]).any()


def explained(model: HuggingFaceModel, question: Question, grids: tuple[str, ...], plan: Plan, **more: Any) -> Any:
    said = answer(model, question)
    cuts = [pipeline.segment(one, grid) for one, grid in zip(question.pictures, grids, strict=True)]
    players = pipeline.find_all_players(said, cuts, plan)
    return said, cuts, pipeline.explain(InlineWorker(model), said, players, plan, **more)


@pytest.mark.parametrize(
    ("family", "sizes", "grids"),
    [
        ("qwen2_vl", ((48, 64), (64, 32)), ((3, 4), (4, 2))),
        ("qwen3_vl", ((48, 64), (64, 32)), ((3, 4), (4, 2))),
        ("pixtral", ((48, 64), (64, 32)), ((6, 8), (8, 4))),
        ("lfm2_vl", ((48, 64), (80, 32)), ((3, 4), (5, 2))),
        ("llava", ((32, 32), (32, 32)), ((4, 4), (4, 4))),
    ],
)
def test_each_region_gets_the_attention_of_its_own_position(
    family: str, sizes: Any, grids: Any, model_of: ModelOf
) -> None:
    """These pictures have a size at which nothing is resized, so a cell of the grid is one position's pixels."""
    rng, model = np.random.default_rng(1), model_of(family)
    pictures = tuple(rng.integers(0, 256, (*size, 3), np.uint8) for size in sizes)
    names = tuple(f"grid:{rows}x{columns}" for rows, columns in grids)
    said, _, why = explained(model, Question(pictures, "What?", max_tokens=3), names, Plan("attention-last"))
    layers, _ = all_layers(model, said)
    here = model.open(said)._is_picture().numpy()
    by_hand = layers[-1][0].mean(0)[-len(said.token_ids) - 1 : -1].detach().numpy()[:, here]
    assert by_hand.shape[1] == sum(rows * columns for rows, columns in grids)
    np.testing.assert_allclose(why.scores.values, by_hand.T, atol=1e-5)


@pytest.mark.parametrize("family", SEVERAL)
@pytest.mark.parametrize("moved", [0, 1])
def test_gradients_of_one_picture_say_how_the_log_probs_change_with_it(
    family: str, moved: int, model_of: ModelOf, album: Question
) -> None:
    said = answer(model_of(family), album)
    start = [np.full_like(one, 90) if place == moved else one for place, one in enumerate(album.pictures)]
    line = Line(start, album.pictures, [0.5 - STEP, 0.5, 0.5 + STEP], [0, 1, 0])
    found = model_of(family).open(said).gradients(line, [[0], [0, 1]])
    slopes = (found.logprobs[2] - found.logprobs[0]) / (2 * STEP)
    expected = np.array([slopes[0], slopes[:2].sum()])
    scale = max(1, np.abs(expected).max())
    assert [one.shape[1:] for one in found.maps] == [one.shape[:2] for one in album.pictures]
    np.testing.assert_allclose(found.maps[moved].sum(axis=(1, 2)), expected, atol=0.05 * scale)
    assert not found.maps[1 - moved].any()
    sizes = model_of(family).open(said).gradients(replace(line, sizes=True), [[0]])
    assert all(one.any() for one in sizes.maps)


@pytest.mark.parametrize("family", ["llava", "smolvlm", "qwen3_vl"])
def test_integrated_gradients_over_both_pictures_are_captums(family: str, model_of: ModelOf, album: Question) -> None:
    model, plan = model_of(family), Plan("integrated-gradients", "white", 10)
    said, cuts, ours = explained(model, album, ("grid:3x4", "grid:2x2"), plan, selection=(1, 2))
    inputs = inputs_of(model, said)

    def score(*pictures: Tensor) -> Tensor:
        rows = [
            logprobs_of(model, said, inputs | {"pixel_values": from_pictures(model, album, several)})
            for several in zip(*pictures, strict=True)
        ]
        return torch.cat(rows)[:, [1, 2]].sum(dim=1)

    ends = tuple(torch.from_numpy(one.copy()).permute(2, 0, 1).float()[None] for one in album.pictures)
    captum: Any = IntegratedGradients(score)
    white = tuple(torch.full_like(one, 255) for one in ends)
    found = captum.attribute(ends, white, n_steps=8, internal_batch_size=1)
    regions = np.concatenate(
        [
            np.bincount(cut.atoms.ravel(), one[0].sum(dim=0).numpy().ravel())
            for cut, one in zip(cuts, found, strict=True)
        ]
    )
    assert min(np.abs(regions[:12]).max(), np.abs(regions[12:]).max()) > 0.01
    np.testing.assert_allclose(ours.scores.values[:, [1, 2]].sum(axis=1), regions, atol=1e-4)


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.needs == "open model"])
def test_every_open_method_scores_the_regions_of_both_pictures(name: str, model_of: ModelOf, album: Question) -> None:
    selection = (0,) if METHODS[name].scope == "selection" else None
    plan = Plan(name, budget=10 if selection else None)
    why: Attribution = explained(model_of("llava"), album, ("grid:3x4", "grid:2x2"), plan, selection=selection)[2]
    first, second = why.scores.values[:12, 0], why.scores.values[12:, 0]
    assert first.any()
    assert second.any()
    assert len(why.scores.pixels) == 2
    for maps, values in zip(why.scores.pixels, (first, second), strict=True):
        assert np.sign(maps.values[0].mean()) == pytest.approx(np.sign(values.sum()))


def test_words_beside_the_pictures_are_refused_and_positions_of_nobody(model_of: ModelOf, album: Question) -> None:
    plan = Plan("tam", players=("regions", "words"))
    with pytest.raises(AppError, match="scores regions of pictures only, no words"):
        explained(model_of("llava"), album, ("grid:2x2", "grid:2x2"), plan)
    check_apart([torch.tensor([0, 1, 1]), torch.tensor([2, 3])])
    for mixed in ([[0, 1], [1, 2]], [[2, 3], [0, 1]], [[0, 1], []]):
        with pytest.raises(AppError, match="cannot be told surely which of the model's positions"):
            check_apart([torch.tensor(own) for own in mixed])


def test_a_processor_whose_encoding_cannot_be_followed_is_refused(model_of: ModelOf, album: Question) -> None:
    model = model_of("qwen2_vl")
    said = answer(model, album)
    images = model._processor.image_processor

    class Turning:
        """Turns pictures over when they are tensors."""

        def __call__(self, given: Any, **settings: Any) -> Any:
            several = given[0] if isinstance(given[0], list) else given
            turned = [one.flip(-1) if isinstance(one, Tensor) else one for one in several]
            return images([turned] if isinstance(given[0], list) else turned, **settings)

        def __getattr__(self, name: str) -> Any:
            return getattr(images, name)

    processor = copy.copy(model._processor)
    processor.image_processor = Turning()
    with pytest.raises(AppError, match="cannot be followed back to their pixels; ask about one picture"):
        OpenedAnswer(model._model, processor, model._place, said)
