"""For language models that read the tiles of a picture in their order: begin again at the first tile that has changed.

What was read before it is as it was: a causal model keeps it as keys and values. For one picture at a time, since each
begins at a place of its own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache


@dataclass
class Past:
    """What the language model made of the unhidden picture: nothing yet at first."""

    image_id: int  # of the token that stands for a piece of a picture
    pictures: Collection[str]  # the inputs that come from the picture
    tiles: Tensor | None = None  # [tiles, ...]
    starts: Tensor | None = None  # [tiles], where each begins in the text
    layers: tuple[tuple[Tensor, Tensor], ...] = ()  # keys and values, each [1, heads, positions, size]

    def keep(self, inputs: dict[str, Any], cache: Any) -> None:
        """Remember the first reading."""
        self.tiles = _tiles(inputs)
        places = (inputs["input_ids"][0] == self.image_id).nonzero()[:, 0]
        self.starts = places[:: len(places) // len(self.tiles)]
        self.layers = tuple((layer.keys, layer.values) for layer in cache.layers)

    def since(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Leave out of the inputs what was read already, and add what is known of it."""
        assert self.tiles is not None, "the unhidden picture was read"
        assert self.starts is not None, "the unhidden picture was read"
        changed = (_tiles(inputs) != self.tiles).flatten(1).any(1)
        first = int(changed.int().argmax())
        start = int(self.starts[first])
        rest = {name: self._from(inputs[name], first) for name in self.pictures if name in inputs}
        cache = DynamicCache()
        for number, layer in enumerate(self.layers):
            keys, values = (part[:, :, :start] for part in layer)
            cache.update(keys, values, number)
        return inputs | rest | {"input_ids": inputs["input_ids"][:, start:], "past_key_values": cache}

    def _from(self, value: Tensor, first: int) -> Tensor:
        assert self.tiles is not None, "the unhidden picture was read"
        return value[first:] if len(value) == len(self.tiles) else value[:, first:]


def read(model: Any, inputs: dict[str, Any], past: Past) -> Tensor:
    """Give the logits, begun again at the first change; the first reading becomes the past of the others."""
    if past.tiles is not None:
        return model(**past.since(inputs), use_cache=True).logits
    out = model(**inputs, use_cache=True)
    past.keep(inputs, out.past_key_values)
    return out.logits


def _tiles(inputs: dict[str, Any]) -> Tensor:
    """List the tiles, whether or not the pictures have an axis of their own: [tiles, channels, height, width]."""
    return torch.flatten(inputs["pixel_values"], 0, -4)
