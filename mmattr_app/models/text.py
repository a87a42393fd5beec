"""Text-only models: a processor made of their tokenizer."""

from collections.abc import Sequence
from typing import Any

import torch


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
