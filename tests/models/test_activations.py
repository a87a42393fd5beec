"""What positions call for are the model's own logits; features and their gradients are the language model's."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from mmattr_app.domain import Question
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.white_box import Floats
from tests.models.opening import inputs_of, language_model
from tests.models.short import answer
from tests.models.test_patch_grid import GRIDS

ModelOf = Callable[[str], HuggingFaceModel]


@pytest.mark.parametrize("family", GRIDS)
def test_activations_rise_with_the_logits_of_the_model(family: str, model_of: ModelOf, question: Question) -> None:
    """Some families scale or cap their logits at the end, which changes no order."""
    model = model_of(family)
    said = answer(model, question)
    found = model.open(said).activations()
    assert found.word_ids[-len(said.token_ids) :].tolist() == list(said.token_ids)
    with torch.no_grad():
        logits = model._model(**inputs_of(model, said), use_cache=False).logits[0, :, said.token_ids[0]].float().numpy()
    here = model.open(said)._is_picture().numpy()
    row = found.picture[len(found.word_ids) - len(said.token_ids)]
    np.testing.assert_array_equal(np.argsort(row), np.argsort(logits[here]))
    assert found.words_before == here.argmax()


def test_features_and_gradients_are_those_of_what_the_language_model_is_given(
    model_of: ModelOf, question: Question
) -> None:
    model = model_of("llava")
    said = answer(model, question)
    heard: list[tuple[Floats, Floats]] = []

    def combine(features: Floats, gradient: Floats) -> Floats:
        heard.append((features, gradient))
        return features[:, 0]

    found = model.open(said).features(combine)
    given: list[torch.Tensor] = []

    def hook(_: object, __: object, named: dict[str, torch.Tensor]) -> None:
        named["inputs_embeds"].requires_grad_().retain_grad()
        given.append(named["inputs_embeds"])

    handle = language_model(model).register_forward_pre_hook(hook, with_kwargs=True)
    logits = model._model(**inputs_of(model, said), use_cache=False).logits[0, -len(said.token_ids) - 1]
    handle.remove()
    logits.log_softmax(-1)[said.token_ids[0]].backward()
    here = model.open(said)._is_picture()
    features, gradient = given[0][0, here].detach().numpy(), given[0].grad
    assert gradient is not None
    np.testing.assert_allclose(heard[0][0], features, atol=1e-6)
    np.testing.assert_allclose(heard[0][1], gradient[0, here].numpy(), atol=1e-5)
    np.testing.assert_allclose(found.picture, np.tile(features[:, 0], (len(said.token_ids), 1)), atol=1e-6)
    assert not found.words.any()
