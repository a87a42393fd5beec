"""Text-only models: a processor made of their tokenizer, and the limit of their context."""

from collections.abc import Sequence
from typing import Any

import torch

from mmattr_app.domain import Question
from mmattr_app.errors import AppError

UNKNOWN = 1_000_000_000  # a tokenizer without a limit gives a number above this


class TextProcessor:
    """Encodes questions without pictures, as the processor of a vision-language model does."""

    image_processor = None

    def __init__(self, tokenizer: Any) -> None:
        """Take a tokenizer; without a chat template the model continues the prompt."""
        self.tokenizer, self.chat_template = tokenizer, tokenizer.chat_template

    def apply_chat_template(self, conversations: Sequence[Any], *, processor_kwargs: Any, **how: Any) -> Any:
        """Encode chats; the templates of text models want their messages as plain text."""
        del processor_kwargs  # padding: chats of one batch have the same number of tokens
        plain = [
            [{"role": said["role"], "content": "".join(part["text"] for part in said["content"])} for said in chat]
            for chat in conversations
        ]
        return self.tokenizer.apply_chat_template(plain, **how)

    def __call__(self, *, text: Sequence[str], return_tensors: str, **_: Any) -> Any:
        """Encode prompts; empty ones become the tokenizer's start token, or its end token."""
        encoded = self.tokenizer(list(text), return_tensors=return_tensors)
        if encoded["input_ids"].shape[1]:
            return encoded
        marks = (self.tokenizer.bos_token_id, self.tokenizer.eos_token_id, self.tokenizer.unk_token_id, 0)
        ids = torch.full((len(text), 1), next(mark for mark in marks if mark is not None))
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


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
