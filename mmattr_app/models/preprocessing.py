"""From a question and its pictures to the tensors that a model reads: the text once, and each picture by itself."""

import copy
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import torch
from jinja2 import TemplateError
from PIL import Image
from torch import Tensor

from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.models.families import marks_picture

Words: TypeAlias = tuple[str, str]  # of the user and of the system

JOINER = "\u200d"  # zero-width: a control token with one inside is text, and reads the same
MEDIA = ("image_token", "video_token", "audio_token", "boi_token", "eoi_token")


def encode(processor: Any, question: Question, images: Sequence[Pixels]) -> dict[str, Any]:
    """Encode the same question about several pictures of one size, as one batch."""
    return encode_batch(processor, [replace(question, pictures=(image,)) for image in images])


def encode_batch(processor: Any, questions: Sequence[Question]) -> dict[str, Any]:
    """Encode questions that take as many tokens as each other, with pictures of the same sizes, as one batch."""
    way = _by_template if getattr(processor, "chat_template", None) else _by_prompt
    try:
        encoded = dict(way(processor, questions))
    except (ValueError, TemplateError) as error:  # a picture's shape, or a role that the template does not know
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise AppError(f"The model's processor refuses this question: {first}") from error
    encoded.pop("labels", None)  # PaliGemma's processor always prepares to train
    empty = any(isinstance(value, Tensor) and not value.numel() for value in encoded.values())  # no token at all
    if empty and any(question.text != " " for question in questions):
        return encode_batch(processor, [replace(question, prompt=" ") for question in questions])
    return encoded


def _by_template(processor: Any, questions: Sequence[Question]) -> Any:
    return processor.apply_chat_template(
        [_conversation(processor, question) for question in questions],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        processor_kwargs={"padding": True},
    )


def _by_prompt(processor: Any, questions: Sequence[Question]) -> Any:
    """Encode for a family without a chat; most need their picture token written into the prompt."""
    if any(question.system for question in questions):
        raise AppError("This model has no chat and reads no system prompt; leave it empty.")
    tokens = processor.tokenizer.special_tokens_map.values()
    mark = getattr(processor, "image_token", None)
    before = f"{mark}\n" if mark and not marks_picture(processor) else ""
    prompts = [before * len(asked.pictures) + as_text(asked.text, processor, tokens) for asked in questions]
    pictures = [[Image.fromarray(picture) for picture in asked.pictures] for asked in questions]
    nested = any(len(several) > 1 for several in pictures)
    images = pictures if nested else [picture for several in pictures for picture in several]
    return processor(images=images, text=prompts, return_tensors="pt", padding=True)


def as_text(text: str, processor: Any, tokens: Any) -> str:
    """Keep a prompt that spells "<image>" from smuggling in a picture that is not there."""
    media = (getattr(processor, name, None) for name in MEDIA)
    for token in {str(token) for token in (*tokens, *media) if token}:
        text = text.replace(token, token[:1] + JOINER + token[1:])
    return text


def _conversation(processor: Any, question: Question) -> list[dict[str, Any]]:
    tokens = processor.tokenizer.all_special_tokens
    prompt, system = (as_text(text, processor, tokens) for text in (question.text, question.system))
    pictures = [{"type": "image", "image": Image.fromarray(picture)} for picture in question.pictures]
    asked = {"role": "user", "content": [*pictures, {"type": "text", "text": prompt}]}
    if not system:
        return [asked]
    return [{"role": "system", "content": [{"type": "text", "text": system}]}, asked]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A question on the model's device."""

    fingerprint: bytes  # equal for questions that the model cannot tell apart
    shape: Any  # equal for questions that can be read as one batch
    seen: dict[str, Tensor]  # what the image processor made of its pictures; empty where all is read together only
    texts: dict[str, Tensor]  # what the processor made of its words
    question: Question | None = None  # where all is read together only
    hidden: tuple[int, ...] = ()  # tokens of the answer
    same_words: bool = True  # as the question that was answered


class Reading:
    """Makes inputs for one question, and for others with pictures of the same sizes or with other words."""

    def __init__(self, processor: Any, question: Question, place: Callable[[Any], Any]) -> None:
        """`place` brings a tensor to the model's device in its precision."""
        self._processor, self._place, self._own = processor, place, _words(question)
        self._apart = _take_apart(processor, question)
        self._texts: dict[Words, dict[str, Tensor]] = {}  # on the device
        self._shapes: dict[Words, Any] = {}  # where all is read together only
        self._other_words_apart: bool | None = None  # None: there were none so far

    def prepare(self, question: Question) -> Prepared:
        """Read one question; several threads may do so at once."""
        words, hidden, digest = _words(question), question.said_hidden, hashlib.blake2b(digest_size=16)
        same = words == self._own
        if not same or hidden:
            digest.update(repr((words, hidden)).encode())
        if self._apart is None or not (same or self._reads_words_apart(self._apart, question)):
            for picture in question.pictures:
                digest.update(picture.tobytes())
            shape = self._shape_together(question)
            return Prepared(digest.digest(), (shape, len(hidden)), {}, {}, question, hidden, same)
        seen = self._apart.see(question.pictures)
        for value in seen.values():
            digest.update(value.contiguous().numpy().data)
        texts = self._texts.get(words)
        if texts is None:
            texts = {name: self._place(value) for name, value in self._apart.read(question).items()}
            if same:  # other words hardly come again
                self._texts[words] = texts
        shape = tuple((name, tuple(value.shape)) for name, value in texts.items())
        placed = {name: self._place(value) for name, value in seen.items()}
        return Prepared(digest.digest(), (shape, len(hidden)), placed, texts, None, hidden, same)

    def inputs(self, batch: Sequence[Prepared]) -> dict[str, Any]:
        """Put questions of one shape together into one batch."""
        together = [prepared.question for prepared in batch if prepared.question]
        if together:
            return {name: self._place(value) for name, value in encode_batch(self._processor, together).items()}
        return _join([prepared.seen | prepared.texts for prepared in batch])

    def _reads_words_apart(self, apart: "_Apart", question: Question) -> bool:
        """Try it on the first question that says other words: some families draw the words onto the picture."""
        if self._other_words_apart is None:
            whole = encode_batch(self._processor, [question])
            self._other_words_apart = _are_equal(whole, apart.see(question.pictures) | apart.read(question))
        return self._other_words_apart

    def _shape_together(self, question: Question) -> Any:
        words = _words(question)
        if words not in self._shapes:
            self._shapes[words] = encode_batch(self._processor, [question])["input_ids"].shape
        return self._shapes[words]


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


class _Apart:
    """Reads pictures and words each by themselves, with what the processor tells its image processor."""

    def __init__(self, processor: Any, question: Question, options: dict[str, Any], *, nested: bool) -> None:
        self._processor, self._question = processor, question
        self._options, self._nested = options, nested
        self.names = frozenset[str]()  # of the inputs that the model is given

    def see(self, pictures: Sequence[Pixels]) -> dict[str, Tensor]:
        """Read the pictures of one question."""
        return {name: value for name, value in self._look(pictures).items() if name in self.names}

    def read(self, question: Question) -> dict[str, Tensor]:
        """Read the words, with what is known of the unhidden pictures: they have the same sizes."""
        known = self._unhidden
        reading = copy.copy(self._processor)
        if known:
            reading.image_processor = _Known(self._processor.image_processor, known)
        whole = encode_batch(reading, [replace(question, pictures=self._question.pictures)])
        return {name: value for name, value in whole.items() if name not in known}

    @cached_property
    def _unhidden(self) -> Any:
        return self._look(self._question.pictures) if self._question.pictures else {}

    def _look(self, pictures: Sequence[Pixels]) -> Any:
        images = [Image.fromarray(picture) for picture in pictures]
        return self._processor.image_processor([images] if self._nested else images, **self._options) if images else {}


class _Known:
    """An image processor that gives what it gave before."""

    def __init__(self, eye: Any, known: Any) -> None:
        self._eye, self._known = eye, known

    def __call__(self, *given: Any, **options: Any) -> Any:
        del given, options
        return copy.copy(self._known)  # processors take out of it what the model is not given

    def __getattr__(self, name: str) -> Any:
        return getattr(self._eye, name)


def _take_apart(processor: Any, question: Question) -> _Apart | None:
    """Find how the processor reads pictures and words by themselves, if this gives what it makes of them together."""
    if processor.image_processor is None:
        return _Apart(processor, question, {}, nested=False)
    seeing = copy.copy(processor)
    seeing.image_processor = spy = ImageProcessorSpy(processor.image_processor)
    pair = [question, replace(question, pictures=tuple(255 - picture for picture in question.pictures))]
    whole = encode_batch(seeing, pair)
    if len(spy.calls) != 1 or not all(isinstance(value, Tensor) for value in whole.values()):
        return None
    images, options = spy.calls[0]
    apart = _Apart(processor, question, options, nested=isinstance(images, list) and isinstance(images[0], list))
    apart.names = frozenset(whole)
    texts = apart.read(question)
    return apart if _are_equal(whole, _join([apart.see(asked.pictures) | texts for asked in pair])) else None


def _words(question: Question) -> Words:
    return question.text, question.system


def _join(batch: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.cat([inputs[name] for inputs in batch]) for name in batch[0]}


def _are_equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())
