"""From a question and pictures to the tensors a model reads, through its own processor and chat template."""

from collections.abc import Sequence
from typing import Any

from jinja2 import TemplateError
from PIL import Image

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
