"""A question as its model reads it: the text once, and each picture by itself where that gives the same numbers."""

import copy
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from mmattr_app.domain import Pixels, Question
from mmattr_app.models.encoding import encode


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture on the model's device."""

    fingerprint: bytes  # equal for pictures that the model cannot tell apart
    inputs: dict[str, Tensor]  # what the image processor made of it; empty where pictures are read together only
    image: Pixels | None = None  # ... and then this


class Reading:
    """Makes inputs for pictures of one size under one question."""

    def __init__(self, processor: Any, question: Question, place: Callable[[Any], Any]) -> None:
        """`place` brings a tensor to the model's device in its precision."""
        self._processor, self._question, self._place = processor, question, place
        self._see = _eye(processor, question)
        self._texts = self._read_text() if self._see else None

    def prepare(self, image: Pixels) -> Prepared:
        """Read one picture; several threads may do so at once."""
        if self._texts is None or not self._see:
            return Prepared(hashlib.blake2b(image.tobytes(), digest_size=16).digest(), {}, image)
        seen = self._see(image)
        digest = hashlib.blake2b(digest_size=16)
        for value in seen.values():
            digest.update(value.contiguous().numpy().data)
        return Prepared(digest.digest(), {name: self._place(value) for name, value in seen.items()})

    def inputs(self, pictures: Sequence[Prepared]) -> dict[str, Any]:
        """Put pictures and text together into one batch."""
        if self._texts is None:
            images = [picture.image for picture in pictures if picture.image is not None]
            return {name: self._place(value) for name, value in self._encode(images).items()}
        seen = {name: torch.cat([picture.inputs[name] for picture in pictures]) for name in pictures[0].inputs}
        return seen | {name: _repeat(value, len(pictures)) for name, value in self._texts.items()}

    def _encode(self, images: Sequence[Pixels]) -> dict[str, Any]:
        return encode(self._processor, self._question, images)

    def _read_text(self) -> dict[str, Tensor] | None:
        """Take the text's tensors from a whole reading of two pictures, if that is what reading them apart gives."""
        assert self._see
        image = self._question.image
        other = 255 - image
        whole, seen = self._encode([image, other]), (self._see(image), self._see(other))
        texts = {name: value[:1] for name, value in whole.items() if name not in seen[0]}
        apart = {name: torch.cat([one[name] for one in seen]) for name in seen[0]}
        apart |= {name: _repeat(value, 2) for name, value in texts.items()}
        if all(name in apart and torch.equal(value, apart[name]) for name, value in whole.items()):
            return {name: self._place(value) for name, value in texts.items()}
        return None


class _Spy:
    """An image processor that remembers how it was called."""

    def __init__(self, eye: Any) -> None:
        self._eye = eye
        self.calls: list[tuple[Any, dict[str, Any]]] = []

    def __call__(self, images: Any, **options: Any) -> Any:
        self.calls.append((images, options))
        return self._eye(images, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._eye, name)


def _eye(processor: Any, question: Question) -> Callable[[Pixels], dict[str, Tensor]] | None:
    """Find how the processor calls its image processor, to call it so without the text."""
    seeing = copy.copy(processor)
    seeing.image_processor = spy = _Spy(processor.image_processor)
    used = encode(seeing, question, [question.image])
    if len(spy.calls) != 1 or not all(isinstance(value, Tensor) for value in used.values()):
        return None
    images, options = spy.calls[0]
    nested = isinstance(images, list) and isinstance(images[0], list)

    def see(image: Pixels) -> dict[str, Tensor]:
        picture = Image.fromarray(image)
        seen = processor.image_processor([[picture]] if nested else [picture], **options)
        return {name: value for name, value in seen.items() if name in used}

    return see


def _repeat(value: Tensor, count: int) -> Tensor:
    return value.expand(count, *value.shape[1:])
