"""A model with random last layers, to check whether maps depend on what it has learned (Adebayo et al. 2018)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from mmattr_app.errors import AppError
from mmattr_app.models.huggingface import HuggingFaceModel


@contextmanager
def randomised(model: HuggingFaceModel, layers: int, seed: int = 0) -> Iterator[HuggingFaceModel]:
    """Shuffle the weights of the language model's last layers inside a `with` block; only these are in memory twice.

    Each tensor keeps its values, in another order, so that the size of activations does not change much.
    """
    shuffled = [weights for layer in _layers(model)[-layers:] for weights in layer.parameters()]
    before = [weights.detach().clone() for weights in shuffled]
    try:
        generator = torch.Generator().manual_seed(seed)
        for weights in shuffled:
            order = torch.randperm(weights.numel(), generator=generator).to(weights.device)
            weights.data = weights.detach().flatten()[order].view_as(weights)
        yield model.changed(f"last {layers} layers shuffled")
    finally:
        for weights, old in zip(shuffled, before, strict=True):
            weights.data = old


def _layers(model: HuggingFaceModel) -> list[Any]:
    """Find the layers of the language model, the first one first."""
    lists = {name: part for name, part in model.decoder().named_modules() if isinstance(part, torch.nn.ModuleList)}
    outermost = [part for name, part in lists.items() if not any(name.startswith(f"{other}.") for other in lists)]
    if not outermost:
        raise AppError(f"{model.name} has no layers that could be made random; choose another model.")
    return list(outermost[-1])  # in an encoder-decoder, the decoder comes last
