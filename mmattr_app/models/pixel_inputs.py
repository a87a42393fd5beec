"""The image processor as a function with gradients, from the pictures' pixels to the model's inputs."""

import copy
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from mmattr_app.domain import Question
from mmattr_app.errors import AppError
from mmattr_app.models.preprocessing import ImageProcessorSpy, encode_batch

CLOSE = 0.1  # mean difference of input values, whose deviation is about 1, that rounding alone may make


class PixelInputs:
    """Resizes, crops, cuts into tiles and packs into patches as the processor does, without rounding."""

    def __init__(self, processor: Any, question: Question) -> None:
        """Record how the processor calls its image processor for pictures of these sizes."""
        watched = copy.copy(processor)
        watched.image_processor = spy = ImageProcessorSpy(processor.image_processor)
        self.encoded = encode_batch(watched, [question])
        images, self._settings = spy.calls[0]
        self._nested = isinstance(images, list) and isinstance(images[0], list)
        self._image_processor = processor.image_processor
        self._sizes = [picture.shape[:2] for picture in question.pictures]
        if len(question.pictures) > 1:
            self._check(question, type(processor).__name__)

    def __call__(self, pictures: Sequence[Tensor]) -> dict[str, Tensor]:
        """Give the model's picture inputs for pictures [height, width, 3] from 0 to 255, in float32."""
        images = [pixels.permute(2, 0, 1) for pixels in pictures]
        try:
            made = self._image_processor([images] if self._nested else images, **self._settings)
        except (TypeError, ValueError) as error:
            raise AppError(
                "The image processor of this model reads whole pictures only and has no gradients; choose a method "
                "that hides regions, such as smooth."
            ) from error
        return {name: value for name, value in made.items() if name in self.encoded}

    def spread(self, weights: Tensor, owners: Tensor) -> list[Tensor]:
        """Spread weights [maps, positions] over the pictures: of each [maps, height, width], with the same sums.

        `owners` gives the position of each value of `pixel_values`, or -1. A position's weight is divided among its
        values, and a value's share among the pixels that it was computed from.
        """
        pixels = [torch.zeros(*size, 3, requires_grad=True) for size in self._sizes]
        values = self(pixels)["pixel_values"]
        each = self._slopes(values.detach())
        slopes = each.sum(dim=0)
        seen = (owners >= 0) & (slopes.abs() > slopes.abs().max() * 1e-3)  # padding does not depend on the pictures
        if len(each) > 1:
            check_apart([owners[seen & (own != 0)] for own in each])
        counts = torch.bincount(owners[seen], minlength=weights.shape[1]).clamp_min(1)
        maps = [torch.zeros(len(weights), *size) for size in self._sizes]
        for number, row in enumerate(weights / counts):
            shares = torch.zeros_like(values)
            shares[seen] = row[owners[seen]] / slopes[seen]
            gradients = torch.autograd.grad(values, pixels, shares, retain_graph=True)
            for of_picture, gradient in zip(maps, gradients, strict=True):
                of_picture[number] = gradient.sum(dim=2)
        return maps

    def _slopes(self, black: Tensor) -> Tensor:
        """Say how much each value of `pixel_values` rises when all pixels of one picture do: [pictures, ...]."""
        lit = [
            [torch.full((*size, 3), float(number == picture)) for number, size in enumerate(self._sizes)]
            for picture in range(len(self._sizes))
        ]
        return torch.stack([self(pictures)["pixel_values"] - black for pictures in lit])

    def _check(self, question: Question, name: str) -> None:
        """Refuse several pictures that come out otherwise than from the processor itself."""
        made = self([torch.from_numpy(picture.copy()).float() for picture in question.pictures])
        for key, value in made.items():
            known = self.encoded[key]
            same = value.shape == known.shape and float((value.float() - known.float()).abs().mean()) < CLOSE
            if not same:
                raise AppError(
                    f"{name} encodes several pictures in a way that cannot be followed back to their pixels; ask about "
                    "one picture, or choose a method that hides regions, such as smooth."
                )


def check_apart(owners: Sequence[Tensor]) -> None:
    """Refuse positions that no single picture owns; `owners` are those of the values that depend on each picture.

    Of several pictures each has positions of its own, and those of the first come first.
    """
    ends = [(int(own.min()), int(own.max())) if len(own) else (0, -1) for own in owners]
    apart = all(before[1] < after[0] for before, after in pairwise(ends))
    if not apart or any(first > last for first, last in ends):
        raise AppError(
            "It cannot be told surely which of the model's positions belong to which picture; ask about one picture, "
            "or choose a gradient method, such as integrated-gradients."
        )
