"""From questions to the model's input tensors; where possible, the text is encoded once and each picture alone.

A question that is too long for the model is refused here, too.
"""

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

Words: TypeAlias = tuple[str, str]  # the user's text and the system prompt

JOINER = "\u200d"  # zero-width joiner: with one inside, a control token is plain text, and looks the same
MEDIA = ("image_token", "video_token", "audio_token", "boi_token", "eoi_token")
UNKNOWN = 1_000_000_000  # a tokenizer without a limit gives a number above this


def encode(processor: Any, question: Question, images: Sequence[Pixels]) -> dict[str, Any]:
    """Encode the same question about several pictures of one size, as one batch."""
    return encode_batch(processor, [replace(question, pictures=(image,)) for image in images])


def encode_batch(processor: Any, questions: Sequence[Question]) -> dict[str, Any]:
    """Encode questions of the same number of tokens, with pictures of the same sizes, as one batch."""
    way = _by_template if getattr(processor, "chat_template", None) else _by_prompt
    try:
        encoded = dict(way(processor, questions))
    except (ValueError, TemplateError) as error:  # a picture's shape, or a role that the template does not know
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise AppError(f"The model's processor refuses this question: {first}") from error
    encoded.pop("labels", None)  # PaliGemma's processor always adds training labels
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
    """Encode for a model without a chat template; most need the image token written into the prompt."""
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
    """Escape control tokens in a text, such as "<image>", so that the tokenizer reads them as plain text."""
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
    """An encoded question, on the model's device."""

    fingerprint: bytes  # equal for questions whose inputs are the same
    shape: Any  # equal for questions that can share a batch
    seen: dict[str, Tensor]  # inputs from its pictures; empty if pictures and words cannot be encoded apart
    texts: dict[str, Tensor]  # inputs from its words; likewise
    question: Question | None = None  # to be encoded later, if pictures and words cannot be encoded apart
    hidden: tuple[int, ...] = ()  # numbers of hidden answer tokens
    same_words: bool = True  # the words are those of the question that was answered


class QuestionEncoder:
    """Encodes one question, and variants of it with other pictures of the same sizes, or with other words."""

    def __init__(self, processor: Any, question: Question, place: Callable[[Any], Any]) -> None:
        """`place` moves a tensor to the model's device, in its precision."""
        self._processor, self._place, self._own = processor, place, _words(question)
        self._apart = _find_apart(processor, question)
        self._texts: dict[Words, dict[str, Tensor]] = {}  # on the device
        self._shapes: dict[Words, Any] = {}  # of questions whose pictures and words cannot be encoded apart
        self._other_words_apart: bool | None = None  # whether this works for other words too; None: not tried yet

    def prepare(self, question: Question) -> Prepared:
        """Encode one question; may be called in several threads at once."""
        words, hidden, digest = _words(question), question.said_hidden, hashlib.blake2b(digest_size=16)
        same = words == self._own
        if not same or hidden:
            digest.update(repr((words, hidden)).encode())
        if self._apart is None or not (same or self._can_encode_apart(self._apart, question)):
            for picture in question.pictures:
                digest.update(picture.tobytes())
            shape = self._shape_together(question)
            return Prepared(digest.digest(), (shape, len(hidden)), {}, {}, question, hidden, same)
        seen = self._apart.encode_pictures(question.pictures)
        for value in seen.values():
            digest.update(value.contiguous().numpy().data)
        texts = self._texts.get(words)
        if texts is None:
            texts = {name: self._place(value) for name, value in self._apart.encode_words(question).items()}
            if same:  # the same other words rarely come again
                self._texts[words] = texts
        shape = tuple((name, tuple(value.shape)) for name, value in texts.items())
        placed = {name: self._place(value) for name, value in seen.items()}
        return Prepared(digest.digest(), (shape, len(hidden)), placed, texts, None, hidden, same)

    def inputs(self, batch: Sequence[Prepared]) -> dict[str, Any]:
        """Join questions of one shape into the inputs of one batch."""
        together = [prepared.question for prepared in batch if prepared.question]
        if together:
            return {name: self._place(value) for name, value in encode_batch(self._processor, together).items()}
        return _join([prepared.seen | prepared.texts for prepared in batch])

    def _can_encode_apart(self, apart: "_Apart", question: Question) -> bool:
        """Try the first question with other words: some families draw the words onto the picture."""
        if self._other_words_apart is None:
            whole = encode_batch(self._processor, [question])
            parts = apart.encode_pictures(question.pictures) | apart.encode_words(question)
            self._other_words_apart = _are_equal(whole, parts)
        return self._other_words_apart

    def _shape_together(self, question: Question) -> Any:
        words = _words(question)
        if words not in self._shapes:
            self._shapes[words] = encode_batch(self._processor, [question])["input_ids"].shape
        return self._shapes[words]


class ImageProcessorSpy:
    """An image processor that records how it is called."""

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped
        self.calls: list[tuple[Any, dict[str, Any]]] = []

    def __call__(self, images: Any, **options: Any) -> Any:
        self.calls.append((images, options))
        return self._wrapped(images, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)


class _Apart:
    """Encodes pictures and words apart; `options` are those with which the processor calls its image processor."""

    def __init__(self, processor: Any, question: Question, options: dict[str, Any], *, nested: bool) -> None:
        self._processor, self._question = processor, question
        self._options, self._nested = options, nested
        self.names = frozenset[str]()  # of the model's inputs

    def encode_pictures(self, pictures: Sequence[Pixels]) -> dict[str, Tensor]:
        """Encode the pictures of one question."""
        return {name: value for name, value in self._process(pictures).items() if name in self.names}

    def encode_words(self, question: Question) -> dict[str, Tensor]:
        """Encode the words; the pictures' sizes are those of the unhidden pictures, whose inputs are reused."""
        known = self._unhidden
        reading = copy.copy(self._processor)
        if known:
            reading.image_processor = _Replay(self._processor.image_processor, known)
        whole = encode_batch(reading, [replace(question, pictures=self._question.pictures)])
        return {name: value for name, value in whole.items() if name not in known}

    @cached_property
    def _unhidden(self) -> Any:
        return self._process(self._question.pictures) if self._question.pictures else {}

    def _process(self, pictures: Sequence[Pixels]) -> Any:
        images = [Image.fromarray(picture) for picture in pictures]
        return self._processor.image_processor([images] if self._nested else images, **self._options) if images else {}


class _Replay:
    """An image processor that always returns the same output."""

    def __init__(self, wrapped: Any, output: Any) -> None:
        self._wrapped, self._output = wrapped, output

    def __call__(self, *images: Any, **options: Any) -> Any:
        del images, options
        return copy.copy(self._output)  # a copy, since processors remove entries from it

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)


def _find_apart(processor: Any, question: Question) -> _Apart | None:
    """Give what encodes pictures and words apart; None if the result differs from encoding them together."""
    if processor.image_processor is None:
        return _Apart(processor, question, {}, nested=False)
    watched = copy.copy(processor)
    watched.image_processor = spy = ImageProcessorSpy(processor.image_processor)
    pair = [question, replace(question, pictures=tuple(255 - picture for picture in question.pictures))]
    whole = encode_batch(watched, pair)
    if len(spy.calls) != 1 or not all(isinstance(value, Tensor) for value in whole.values()):
        return None
    images, options = spy.calls[0]
    apart = _Apart(processor, question, options, nested=isinstance(images, list) and isinstance(images[0], list))
    apart.names = frozenset(whole)
    texts = apart.encode_words(question)
    joined = _join([apart.encode_pictures(asked.pictures) | texts for asked in pair])
    return apart if _are_equal(whole, joined) else None


def _words(question: Question) -> Words:
    return question.text, question.system


def _join(batch: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.cat([inputs[name] for inputs in batch]) for name in batch[0]}


def _are_equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


def context_limit(config: Any, tokenizer: Any) -> int | None:
    """Give the most tokens that a model can read; None if there is no limit."""
    limits = (getattr(config, "max_position_embeddings", None), getattr(tokenizer, "model_max_length", None))
    return min((limit for limit in limits if limit and limit < UNKNOWN), default=None)


def check_length(name: str, question: Question, asked: int, said: int, limit: int | None) -> None:
    """Refuse a question that is too long for the model; say how much of a document would fit.

    `asked` and `said` are the numbers of tokens of the question and of the answer.
    """
    if not limit or asked + said <= limit:
        return
    answer = f" and the answer up to {said}" if said else ""
    of = f"The question takes {asked} tokens{' with its picture' if question.pictures else ''}{answer}, but {name} can "
    words = len(question.document.split())
    taken = asked * len(question.document) / max(len(question.text), 1)  # tokens of the document, about
    fits = int(words * (1 - (asked + said - limit) / max(taken, 1)))
    if fits <= 0:
        raise AppError(f"{of}read only {limit}; shorten the prompt or the answer.")
    raise AppError(f"{of}read only {limit}; about {fits} of the document's {words} words fit, so shorten it.")
