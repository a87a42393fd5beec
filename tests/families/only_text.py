"""Tiny random models that read text only: with a chat, without one, an encoder-decoder and a classifier."""

from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    BertConfig,
    Gemma3TextConfig,
    GPT2Config,
    LlamaConfig,
    Qwen3Config,
    SmolLM3Config,
    T5Config,
)

from tests.families.tiny import TEXT
from tests.families.words import tokenizer

CHAT = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


def llama(folder: Path) -> None:
    _save(AutoModelForCausalLM, LlamaConfig(vocab_size=420, **TEXT), folder, CHAT)


def qwen3(folder: Path) -> None:
    _save(AutoModelForCausalLM, Qwen3Config(vocab_size=420, **TEXT), folder, CHAT)


def gemma3_text(folder: Path) -> None:
    config = Gemma3TextConfig(vocab_size=420, **TEXT, sliding_window=8)
    _save(AutoModelForCausalLM, config, folder, CHAT, words=0.1)


def smollm3(folder: Path) -> None:
    _save(AutoModelForCausalLM, SmolLM3Config(vocab_size=420, **TEXT), folder, CHAT)


def gpt2(folder: Path) -> None:
    """Build one that has no chat: it goes on writing the prompt."""
    ends: dict[str, Any] = {"bos_token_id": 1, "eos_token_id": 2}
    _save(
        AutoModelForCausalLM,
        GPT2Config(vocab_size=420, n_embd=32, n_layer=2, n_head=2, n_positions=256, **ends),
        folder,
    )


def t5(folder: Path) -> None:
    ends: dict[str, Any] = {"decoder_start_token_id": 0, "eos_token_id": 2}
    config = T5Config(
        vocab_size=420,
        d_model=32,
        d_kv=16,
        d_ff=64,
        num_layers=2,
        num_heads=2,
        **ends,
    )
    _save(AutoModelForSeq2SeqLM, config, folder, ends="</s>")


def bert(folder: Path) -> None:
    config = BertConfig(
        vocab_size=420,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=64,
        id2label={0: "negative", 1: "neutral", 2: "positive"},
    )
    _save(AutoModelForSequenceClassification, config, folder, ends="</s>")


def _save(
    loads: Any, config: Any, folder: Path, chat: str | None = None, *, ends: str = "", words: float = 1.0
) -> None:
    """Draw weights large enough that every word matters."""
    torch.manual_seed(0)
    model = loads.from_config(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if any(part in name for part in ("embed", "shared", "wte", "wpe")):
                weights.normal_(std=words)
            elif weights.ndim > 1:
                weights.normal_(std=1.4 / weights[0].numel() ** 0.5)
    model.save_pretrained(folder)
    reads = tokenizer(ends=ends)
    reads.chat_template = chat
    reads.save_pretrained(folder)
