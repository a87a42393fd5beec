"""Prefix cache: a language model that reads a picture's tiles in order restarts at the first tile that has changed.

Keys and values of all positions before this tile are those of the unhidden picture, and are reused. This works for a
batch of one, since each picture has another first changed tile.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache


@dataclass
class Past:
    """Keys and values of the unhidden picture; empty until it is read."""

    image_id: int  # the id of the image token
    pictures: Collection[str]  # names of the inputs that come from the picture
    tiles: Tensor | None = None  # [tiles, channels, height, width]
    starts: Tensor | None = None  # [tiles], the position at which each tile starts
    layers: tuple[tuple[Tensor, Tensor], ...] = ()  # keys and values, each [1, heads, positions, size]

    def keep(self, inputs: dict[str, Any], cache: Any) -> None:
        """Keep the tiles, and the keys and values, of the unhidden picture."""
        self.tiles = _tiles(inputs)
        places = (inputs["input_ids"][0] == self.image_id).nonzero()[:, 0]
        self.starts = places[:: len(places) // len(self.tiles)]
        self.layers = tuple((layer.keys, layer.values) for layer in cache.layers)

    def since(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Cut the inputs down to what comes from the first changed tile on, and add the keys and values before it."""
        assert self.tiles is not None, "the unhidden picture is read first"
        assert self.starts is not None, "the unhidden picture is read first"
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
        assert self.tiles is not None, "the unhidden picture is read first"
        return value[first:] if len(value) == len(self.tiles) else value[:, first:]


def read(model: Any, inputs: dict[str, Any], past: Past) -> Tensor:
    """Give the logits from the first changed tile on; the first call must be for the unhidden picture, and is kept."""
    if past.tiles is not None:
        return model(**past.since(inputs), use_cache=True).logits
    out = model(**inputs, use_cache=True)
    past.keep(inputs, out.past_key_values)
    return out.logits


def _tiles(inputs: dict[str, Any]) -> Tensor:
    """Give the tiles, with or without an axis for pictures before them, as [tiles, channels, height, width]."""
    return torch.flatten(inputs["pixel_values"], 0, -4)
