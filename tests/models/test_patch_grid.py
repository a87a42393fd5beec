"""Each position of the picture lies where its pixels are; tiles, crops, padding and patches of any size included."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from mmattr_app.domain import Question
from mmattr_app.errors import AppError
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from mmattr_app.models.opened_answer import OpenedAnswer
from tests.families import FAMILIES
from tests.models.opening import language_model
from tests.models.short import answer

ModelOf = Callable[[str], HuggingFaceModel]
REFUSED = {"idefics2", "mllama", "blip", "blip2_opt", "blip2_t5", "instructblip", "florence2", "kosmos2"}
GRIDS = [family for family in FAMILIES if family not in REFUSED]


def opened(model: HuggingFaceModel, question: Question) -> OpenedAnswer:
    return model.open(answer(model, question))


@pytest.fixture
def unmixed(folder_of: Any) -> Callable[[str], HuggingFaceModel]:
    """Give a family's model whose patches do not look at each other, so that each feature is of its own pixels."""

    def model(family: str) -> HuggingFaceModel:
        loaded = load_huggingface(family, str(folder_of(family)), device="cpu", dtype="float32")
        text = f"{next(name for name, part in loaded._model.named_modules() if part is language_model(loaded))}."
        with torch.no_grad():
            for name, weights in loaded._model.named_parameters():
                if not name.startswith(text) and re.search(
                    r"(attn|attention)\.(out_proj|o_proj|proj|projection)", name
                ):
                    weights.zero_()
        return loaded

    return model


def features(model: HuggingFaceModel, seen: OpenedAnswer, inputs: dict[str, Any]) -> Tensor:
    """Give what the language model is given for the pictures: [positions, size]."""
    given: list[Tensor] = []
    hook = language_model(model).register_forward_pre_hook(
        lambda _, __, named: given.append(named["inputs_embeds"]), with_kwargs=True
    )
    seen._score(inputs)
    hook.remove()
    return given[0][0, seen._is_picture()]


@pytest.mark.parametrize("family", GRIDS)
def test_a_position_is_given_the_pixels_that_it_depends_on(family: str, unmixed: ModelOf, question: Question) -> None:
    model = unmixed(family)
    seen = opened(model, question)
    grid, values = seen._grid(), seen._inputs.encoded["pixel_values"].clone().requires_grad_()
    found = features(model, seen, seen._inputs.encoded | {"pixel_values": values})
    assert len(found) == len(grid.places)
    for position, feature in enumerate(found):
        if grid.places[position, 0] < 0:  # the end of a row
            assert not feature.requires_grad or not (grid.owners == position).any()
            continue
        (needed,) = torch.autograd.grad(feature.sum(), values, retain_graph=True)
        mine = grid.owners == position
        assert mine.any()
        assert not needed[~mine].any(), "it depends on no other pixels"
        assert (needed[mine] != 0).float().mean() > 0.5


@pytest.mark.parametrize("family", GRIDS)
def test_weights_are_laid_over_the_picture_whole(family: str, model_of: ModelOf, question: Question) -> None:
    seen = opened(model_of(family), question)
    places = seen._grid().places
    (maps,) = seen.spread(np.eye(len(places), dtype=np.float32))
    assert maps.shape == (len(places), *question.image.shape[:2])
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), places[:, 0] >= 0, atol=1e-4)


@pytest.mark.parametrize("family", GRIDS)
def test_positions_lie_in_the_picture_as_rows_and_columns_say(
    family: str, model_of: ModelOf, question: Question
) -> None:
    seen = opened(model_of(family), question)
    places = seen._grid().places
    whole = places[:, 0] == (0 if family != "internvl" else places[:, 0].max())
    maps = np.maximum(seen.spread(np.eye(len(places), dtype=np.float32))[0][whole], 0)
    rows, columns = np.indices(maps.shape[1:])
    middles = np.stack([(maps * line).sum(axis=(1, 2)) / maps.sum(axis=(1, 2)) for line in (rows, columns)], axis=1)
    for axis in (0, 1):
        further = places[whole][:, None, axis + 1] > places[whole][None, :, axis + 1]
        assert further.any()
        assert (middles[:, None, axis] > middles[None, :, axis])[further].all()


@pytest.mark.parametrize("family", sorted(REFUSED))
def test_a_family_without_a_place_for_each_position_is_refused(
    family: str, model_of: ModelOf, question: Question
) -> None:
    seen = opened(model_of(family), question)
    with pytest.raises(AppError, match=r"choose a gradient method, such as integrated-gradients\.$"):
        seen.activations()
