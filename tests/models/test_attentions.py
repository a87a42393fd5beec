"""Attention is the model's own, layer by layer; what is folded is what a few lines make of all layers at once."""

import gc
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks

from mmattr_app.domain import Answer, Question
from mmattr_app.methods.attention_last import last_layer
from mmattr_app.methods.attention_rollout import Rollout
from mmattr_app.methods.attention_x_gradient import relevance
from mmattr_app.models import attentions
from mmattr_app.models.attentions import capture_attention
from mmattr_app.models.huggingface import HuggingFaceModel
from tests.models.opening import inputs_of, logprobs_of
from tests.models.short import answer
from tests.models.test_patch_grid import GRIDS

ModelOf = Callable[[str], HuggingFaceModel]
THOROUGHLY = ["llava", "smolvlm", "qwen3_vl"]


def all_layers(model: HuggingFaceModel, said: Answer) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Have transformers keep every layer's attention; and the answer's log-probs."""
    model._model.set_attn_implementation("eager")
    inputs = inputs_of(model, said)
    out = model._model(**inputs, use_cache=False, output_attentions=True)
    ids = torch.tensor(said.token_ids)
    logits = out.logits[0, -len(ids) - 1 : -1].log_softmax(-1)
    model._model.set_attn_implementation("sdpa")
    return [layer for layer in out.attentions if layer is not None], logits[range(len(ids)), ids]


def joined(picture: Any, words: Any, model: HuggingFaceModel, said: Answer) -> Any:
    """Put numbers of the picture's positions and of words back into one row."""
    here = model.open(said)._is_picture().numpy()
    rows = np.zeros((len(picture), len(here)))
    rows[:, here], rows[:, ~here] = picture, words
    return rows


@pytest.mark.parametrize("family", GRIDS)
def test_the_last_layers_attention_is_the_models(family: str, model_of: ModelOf, question: Question) -> None:
    model = model_of(family)
    said = answer(model, question)
    before = model._model.config.get_text_config()._attn_implementation
    found = model.open(said).attentions(last_layer)
    assert model._model.config.get_text_config()._attn_implementation == before
    layers, _ = all_layers(model, said)
    expected = layers[-1][0].mean(0)[-len(said.token_ids) - 1 : -1].detach().numpy()
    np.testing.assert_allclose(joined(found.picture, found.words, model, said), expected, atol=1e-5)
    np.testing.assert_allclose(found.picture.sum(1) + found.words.sum(1), 1, atol=1e-5)


@pytest.mark.parametrize("family", THOROUGHLY)
@pytest.mark.parametrize(("heads", "discard"), [("mean", 0.0), ("max", 0.0), ("mean", 0.9)])
def test_rollout_is_that_of_ten_lines(
    family: str, heads: str, discard: float, model_of: ModelOf, question: Question
) -> None:
    model = model_of(family)
    said = answer(model, question)
    found = model.open(said).attentions(Rollout(heads, discard))
    layers, _ = all_layers(model, said)
    rolled = torch.eye(layers[0].shape[-1])
    for layer in layers:
        fused = layer[0].detach().max(0).values if heads == "max" else layer[0].detach().mean(0)
        causal = fused[torch.ones_like(fused).tril().bool()]
        if discard:
            fused = fused * (fused >= torch.quantile(causal, discard))
        fused = (fused + torch.eye(len(fused))) / 2
        fused = fused / fused.sum(dim=-1, keepdim=True)
        rolled = fused @ rolled
    expected = rolled[-len(said.token_ids) - 1 : -1].numpy()
    np.testing.assert_allclose(joined(found.picture, found.words, model, said), expected, atol=1e-5)


@pytest.mark.parametrize("family", GRIDS)
def test_attention_times_gradient_is_chefers_rule(family: str, model_of: ModelOf, question: Question) -> None:
    """The paper multiplies whole matrices from the first layer on; a row from the last one comes to the same."""
    model = model_of(family)
    said = answer(model, question)
    found = model.open(said).attentions(relevance, with_gradients=True)
    rows = joined(found.picture, found.words, model, said)
    model._model.requires_grad_(requires_grad=True)
    layers, logprobs = all_layers(model, said)
    model._model.requires_grad_(requires_grad=False)  # as it was: other tests have the same model
    for token, logprob in enumerate(logprobs):
        gradients = torch.autograd.grad(logprob, layers, retain_graph=True)
        matrix = torch.eye(layers[0].shape[-1])
        for layer, gradient in zip(layers, gradients, strict=True):
            matrix = matrix + (layer * gradient)[0].clamp(min=0).mean(0) @ matrix
        expected = matrix[len(matrix) - len(logprobs) - 1 + token].detach().numpy()
        np.testing.assert_allclose(rows[token], expected, atol=1e-4)


def test_a_layers_attention_is_let_go_before_the_next_one_comes(model_of: ModelOf, question: Question) -> None:
    model = model_of("llava")
    said = answer(model, question)
    inputs = inputs_of(model, said)
    alive: list[weakref.ref[torch.Tensor]] = []

    def hear(attention: torch.Tensor) -> None:
        gc.collect()
        assert all(layer() is None for layer in alive)
        alive.append(weakref.ref(attention))

    with torch.no_grad(), capture_attention(model._model, hear):
        logprobs_of(model, said, inputs)
    assert len(alive) == 2


class Saved:
    """A tensor that a backward pass needs."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor


def test_with_gradients_one_layers_attention_is_kept_at_a_time(model_of: ModelOf, question: Question) -> None:
    model = model_of("llava")
    said = answer(model, question)
    length = len(model.open(said)._ids())
    alive: weakref.WeakSet[Saved] = weakref.WeakSet()
    counts: list[int] = []

    def keep(tensor: torch.Tensor) -> Saved:
        saved = Saved(tensor)
        if tensor.shape[-2:] == (length, length):
            alive.add(saved)
        return saved

    def hear(before: Any, attention: Any, gradient: Any) -> Any:
        counts.append(len(alive))
        return relevance(before, attention, gradient)

    def most(layers: Any) -> int:
        counts.clear()
        with pytest.MonkeyPatch.context() as patch, saved_tensors_hooks(keep, lambda saved: saved.tensor):
            patch.setattr(attentions, "recompute_layers", layers)
            model.open(said).attentions(hear, with_gradients=True)
        assert len(counts) == 2 * len(said.token_ids)
        return max(counts)

    one = most(attentions.recompute_layers)
    assert 0 < one <= most(nullcontext) // 2
    assert not any(part.training for part in model._model.modules())
