"""The image processor as a function with gradients, from a picture's pixels to the model's inputs."""

import copy
from typing import Any

import torch
from torch import Tensor

from mmattr_app.domain import Question
from mmattr_app.errors import AppError
from mmattr_app.models.preprocessing import ImageProcessorSpy, encode


class PixelInputs:
    """Resizes, crops, cuts into tiles and packs into patches as the processor does, without rounding."""

    def __init__(self, processor: Any, question: Question) -> None:
        """Record how the processor calls its image processor for a picture of this size."""
        watched = copy.copy(processor)
        watched.image_processor = spy = ImageProcessorSpy(processor.image_processor)
        self.encoded = encode(watched, question, [question.image])
        images, self._settings = spy.calls[0]
        self._nested = isinstance(images, list) and isinstance(images[0], list)
        self._image_processor = processor.image_processor
        self._size = question.image.shape[:2]

    def __call__(self, pixels: Tensor) -> dict[str, Tensor]:
        """Give the model's picture inputs for pixels [height, width, 3] from 0 to 255, in float32."""
        channels_first = pixels.permute(2, 0, 1)
        try:
            made = self._image_processor([[channels_first]] if self._nested else [channels_first], **self._settings)
        except (TypeError, ValueError) as error:
            raise AppError(
                "The image processor of this model reads whole pictures only and has no gradients; choose a method "
                "that hides regions, such as smooth."
            ) from error
        return {name: value for name, value in made.items() if name in self.encoded}

    def spread(self, weights: Tensor, owners: Tensor) -> Tensor:
        """Spread weights [maps, positions] over the picture: [maps, height, width], with the same sums.

        `owners` gives the position of each value of `pixel_values`, or -1. A position's weight is divided among its
        values, and a value's share among the pixels that it was computed from.
        """
        height, width = self._size
        pixels = torch.zeros(height, width, 3, requires_grad=True)
        values = self(pixels)["pixel_values"]
        slopes = (self(torch.ones(height, width, 3))["pixel_values"] - values).detach()
        seen = (owners >= 0) & (slopes.abs() > slopes.abs().max() * 1e-3)  # padding does not depend on the picture
        counts = torch.bincount(owners[seen], minlength=weights.shape[1]).clamp_min(1)
        maps = torch.zeros(len(weights), height, width)
        for number, row in enumerate(weights / counts):
            shares = torch.zeros_like(values)
            shares[seen] = row[owners[seen]] / slopes[seen]
            (gradient,) = torch.autograd.grad(values, pixels, shares, retain_graph=True)
            maps[number] = gradient.sum(dim=2)
        return maps
