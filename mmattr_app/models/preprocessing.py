"""From a question and its pictures to the tensors that a model reads: the text once, and each picture by itself."""

import copy
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jinja2 import TemplateError
from PIL import Image
from torch import Tensor

from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.models.families import marks_picture

JOINER = "\u200d"  # zero-width: a control token with one inside is text, and reads the same
MEDIA = ("image_token", "video_token", "audio_token", "boi_token", "eoi_token")


def encode(processor: Any, question: Question, images: Sequence[Pixels]) -> dict[str, Any]:
    """Encode the same question about several pictures of one size, as one batch."""
    pictures = [Image.fromarray(image) for image in images]
    way = _by_template if getattr(processor, "chat_template", None) else _by_prompt
    try:
        encoded = dict(way(processor, question, pictures))
    except (ValueError, TemplateError) as error:  # a picture's shape, or a role that the template does not know
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise AppError(f"The model's processor refuses this question: {first}") from error
    encoded.pop("labels", None)  # PaliGemma's processor always prepares to train
    return encoded


def _by_template(processor: Any, question: Question, pictures: list[Image.Image]) -> Any:
    tokens = processor.tokenizer.all_special_tokens
    prompt, system = (_as_text(text, processor, tokens) for text in (question.prompt, question.system))
    return processor.apply_chat_template(
        [_conversation(prompt, system, picture) for picture in pictures],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        processor_kwargs={"padding": True},
    )


def _by_prompt(processor: Any, question: Question, pictures: list[Image.Image]) -> Any:
    """Encode for a family without a chat; most need their picture token written into the prompt."""
    if question.system:
        raise AppError("This model has no chat and reads no system prompt; leave it empty.")
    prompt = _as_text(question.prompt, processor, processor.tokenizer.special_tokens_map.values())
    mark = getattr(processor, "image_token", None)
    if mark and not marks_picture(processor):
        prompt = f"{mark}\n{prompt}"
    return processor(images=pictures, text=[prompt] * len(pictures), return_tensors="pt", padding=True)


def _as_text(text: str, processor: Any, tokens: Any) -> str:
    """Keep a prompt that spells "<image>" from smuggling in a picture that is not there."""
    media = (getattr(processor, name, None) for name in MEDIA)
    for token in {str(token) for token in (*tokens, *media) if token}:
        text = text.replace(token, token[:1] + JOINER + token[1:])
    return text


def _conversation(prompt: str, system: str, picture: Image.Image) -> list[dict[str, Any]]:
    asked = {"role": "user", "content": [{"type": "image", "image": picture}, {"type": "text", "text": prompt}]}
    if not system:
        return [asked]
    return [{"role": "system", "content": [{"type": "text", "text": system}]}, asked]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture on the model's device."""

    fingerprint: bytes  # equal for pictures that the model cannot tell apart
    inputs: dict[str, Tensor]  # what the image processor made of it; empty where pictures are read together only
    image: Pixels | None = None  # ... and then this
    question: Question | None = None  # one that says other words, which is read by itself


class Reading:
    """Makes inputs for pictures of one size under one question."""

    def __init__(self, processor: Any, question: Question, place: Callable[[Any], Any]) -> None:
        """`place` brings a tensor to the model's device in its precision."""
        self._processor, self._question, self._place = processor, question, place
        self._see, texts = _take_apart(processor, question) or (None, None)
        self._texts = texts and {name: place(value) for name, value in texts.items()}

    def prepare(self, image: Pixels) -> Prepared:
        """Read one picture; several threads may do so at once."""
        if not self._see:
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
            encoded = encode(self._processor, self._question, images)
            return {name: self._place(value) for name, value in encoded.items()}
        return _together([picture.inputs for picture in pictures], self._texts)


class ImageProcessorSpy:
    """An image processor that remembers how it was called."""

    def __init__(self, eye: Any) -> None:
        self._eye = eye
        self.calls: list[tuple[Any, dict[str, Any]]] = []

    def __call__(self, images: Any, **options: Any) -> Any:
        self.calls.append((images, options))
        return self._eye(images, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._eye, name)


def _take_apart(
    processor: Any, question: Question
) -> tuple[Callable[[Pixels], dict[str, Tensor]], dict[str, Tensor]] | None:
    """Find how the processor reads a picture, and the text's tensors, if these give what it makes of two together."""
    seeing = copy.copy(processor)
    seeing.image_processor = spy = ImageProcessorSpy(processor.image_processor)
    pair = [question.image, 255 - question.image]
    whole = encode(seeing, question, pair)
    if len(spy.calls) != 1 or not all(isinstance(value, Tensor) for value in whole.values()):
        return None
    images, options = spy.calls[0]
    nested = isinstance(images, list) and isinstance(images[0], list)

    def see(image: Pixels) -> dict[str, Tensor]:
        picture = Image.fromarray(image)
        seen = processor.image_processor([[picture]] if nested else [picture], **options)
        return {name: value for name, value in seen.items() if name in whole}

    apart = [see(image) for image in pair]
    texts = {name: value[:1] for name, value in whole.items() if name not in apart[0]}
    together = _together(apart, texts)
    same = all(torch.equal(value, together[name]) for name, value in whole.items())
    return (see, texts) if same else None


def _together(pictures: Sequence[dict[str, Tensor]], texts: dict[str, Tensor]) -> dict[str, Tensor]:
    """Copy the text for each picture: BLIP's generation writes into its prompt."""
    seen = {name: torch.cat([picture[name] for picture in pictures]) for name in pictures[0]}
    return seen | {name: value.repeat(len(pictures), *[1] * (value.ndim - 1)) for name, value in texts.items()}
