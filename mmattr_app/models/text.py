"""A model that reads text only: its tokenizer stands where others have a processor."""

from collections.abc import Sequence
from typing import Any

import torch

from mmattr_app.domain import Question
from mmattr_app.errors import AppError

UNKNOWN = 1_000_000_000  # tokenizers that know no limit give a number above it


class TextProcessor:
    """Encodes questions without pictures, as the processor of a vision-language model does."""

    image_processor = None

    def __init__(self, tokenizer: Any) -> None:
        """Take a tokenizer; without a chat template the model goes on writing the prompt."""
        self.tokenizer, self.chat_template = tokenizer, tokenizer.chat_template

    def apply_chat_template(self, conversations: Sequence[Any], *, processor_kwargs: Any, **how: Any) -> Any:
        """Encode chats; the templates of text models want their messages as plain text."""
        del processor_kwargs  # chats of one batch take as many tokens as each other
        plain = [
            [{"role": said["role"], "content": "".join(part["text"] for part in said["content"])} for said in chat]
            for chat in conversations
        ]
        return self.tokenizer.apply_chat_template(plain, **how)

    def __call__(self, *, text: Sequence[str], return_tensors: str, **_: Any) -> Any:
        """Encode prompts; one of which nothing is left is the mark at which every text begins, or else ends."""
        encoded = self.tokenizer(list(text), return_tensors=return_tensors)
        if encoded["input_ids"].shape[1]:
            return encoded
        marks = (self.tokenizer.bos_token_id, self.tokenizer.eos_token_id, self.tokenizer.unk_token_id, 0)
        ids = torch.full((len(text), 1), next(mark for mark in marks if mark is not None))
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def context_limit(config: Any, tokenizer: Any) -> int | None:
    """Give the most tokens that a model reads; None where there is no limit."""
    limits = (getattr(config, "max_position_embeddings", None), getattr(tokenizer, "model_max_length", None))
    return min((limit for limit in limits if limit and limit < UNKNOWN), default=None)


def check_length(name: str, question: Question, asked: int, said: int, limit: int | None) -> None:
    """Refuse a question that takes more tokens than a model reads; of a document say how much fits."""
    if not limit or asked + said <= limit:
        return
    answer = f" and the answer up to {said}" if said else ""
    of = f"The question takes {asked} tokens{' with its picture' if question.pictures else ''}{answer}, but {name} can "
    words = len(question.document.split())
    taken = asked * len(question.document) / max(len(question.text), 1)  # by the document, about
    fits = int(words * (1 - (asked + said - limit) / max(taken, 1)))
    if fits <= 0:
        raise AppError(f"{of}read only {limit}; shorten the prompt or the answer.")
    raise AppError(f"{of}read only {limit}; about {fits} of the document's {words} words fit, so shorten it.")
