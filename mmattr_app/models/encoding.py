"""From a question and pictures to the tensors a model reads, through its own processor and chat template."""

from collections.abc import Sequence
from typing import Any

from PIL import Image

from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError


def encode(processor: Any, question: Question, images: Sequence[Pixels]) -> dict[str, Any]:
    """Encode the same question about several pictures of one size, as one batch."""
    pictures = [Image.fromarray(image) for image in images]
    try:
        if getattr(processor, "chat_template", None):
            return _by_template(processor, question, pictures)
        prompts = [question.prompt] * len(pictures)
        return dict(processor(images=pictures, text=prompts, return_tensors="pt", padding=True))
    except ValueError as error:  # a processor's way to refuse a picture's shape or a role it does not know
        raise AppError(f"The model's processor refuses this question: {str(error).splitlines()[0]}") from error


def _by_template(processor: Any, question: Question, pictures: list[Image.Image]) -> dict[str, Any]:
    conversations = [_conversation(question, picture) for picture in pictures]
    encoded = processor.apply_chat_template(
        conversations,
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        sanitize_control_tokens=True,  # a prompt that spells "<image>" stays text
        processor_kwargs={"padding": True},
    )
    return dict(encoded)


def _conversation(question: Question, picture: Image.Image) -> list[dict[str, Any]]:
    asked = {
        "role": "user",
        "content": [{"type": "image", "image": picture}, {"type": "text", "text": question.prompt}],
    }
    if not question.system:
        return [asked]
    return [{"role": "system", "content": [{"type": "text", "text": question.system}]}, asked]
