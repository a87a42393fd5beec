"""Tiny random models of real families, each with that family's own processor, saved as a folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForImageTextToText,
    CLIPImageProcessor,
    LlavaConfig,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    Qwen2VLImageProcessor,
    Qwen3VLConfig,
    Qwen3VLProcessor,
    SmolVLMConfig,
    SmolVLMImageProcessor,
    SmolVLMProcessor,
)
from transformers.models.qwen3_vl.video_processing_qwen3_vl import Qwen3VLVideoProcessor
from transformers.models.smolvlm.video_processing_smolvlm import SmolVLMVideoProcessor

SENTENCES = [
    "A red car stands in front of two doors.",
    "What is in the picture? Describe the image briefly.",
    "The answer is a small green tree at the top left, next to a house.",
]

CHAT = (
    "{% for m in messages %}{{ m['role'] }}: {% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}IMAGE{% else %}{{ c['text'] }}{% endif %}{% endfor %}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)

TEXT: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 2048,
}
VISION: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


def tokenizer(*special: str, **named: str) -> Any:
    """Train byte-level BPE, which gives the same merges every time."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokens = ["<pad>", "<s>", "</s>", *special]
    bpe.train_from_iterator(
        SENTENCES * 4,
        trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, special_tokens=tokens, show_progress=False),
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        extra_special_tokens=named,
    )


def llava(folder: Path) -> None:
    """CLIP and Llama, one picture of fixed size, its borders cut off."""
    words = tokenizer("<image>", image_token="<image>")
    config = LlavaConfig(
        vision_config={
            "model_type": "clip_vision_model",
            "image_size": 32,
            "patch_size": 8,
            "projection_dim": 32,
            **VISION,
        },
        text_config={"model_type": "llama", "vocab_size": len(words), **TEXT},
        image_token_index=words.convert_tokens_to_ids("<image>"),
    )
    processor = LlavaProcessor(
        CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}),
        words,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=CHAT.replace("IMAGE", "<image>"),
    )
    _save(config, processor, folder)


def smolvlm(folder: Path) -> None:
    """SigLIP-like and Llama, a picture cut into tiles beside a small view of all of it."""
    marks = {
        "image_token": "<image>",
        "fake_image_token": "<fake_token_around_image>",
        "global_image_token": "<global-img>",
        "end_of_utterance_token": "<end_of_utterance>",
        "video_token": "<video>",
    }
    words = tokenizer(*marks.values(), **marks)
    config = SmolVLMConfig(
        vision_config={"image_size": 32, "patch_size": 8, **VISION},
        text_config={"model_type": "llama", "vocab_size": len(words), **TEXT},
        image_token_id=words.convert_tokens_to_ids("<image>"),
    )
    sizes: dict[str, Any] = {"size": {"longest_edge": 64}, "max_image_size": {"longest_edge": 32}}
    processor = SmolVLMProcessor(
        SmolVLMImageProcessor(**sizes),
        words,
        SmolVLMVideoProcessor(**sizes),
        image_seq_len=4,
        chat_template=CHAT.replace("IMAGE", "<image>"),
    )
    _save(config, processor, folder)


def qwen3_vl(folder: Path) -> None:
    """Any size of picture, whose flat patches feed several layers of Qwen3."""
    marks = {
        "image_token": "<|image_pad|>",
        "video_token": "<|video_pad|>",
        "vision_start_token": "<|vision_start|>",
        "vision_end_token": "<|vision_end|>",
    }
    words = tokenizer(*marks.values(), **marks)
    ids: dict[str, Any] = {f"{mark}_id": words.convert_tokens_to_ids(token) for mark, token in marks.items()}
    config = Qwen3VLConfig(
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "patch_size": 8,
            "out_hidden_size": 32,
            "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0],
        },
        text_config={
            "vocab_size": len(words),
            **TEXT,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [4, 2, 2]},
        },
        **ids,
    )
    sizes: dict[str, Any] = {"size": {"shortest_edge": 256, "longest_edge": 4096}, "patch_size": 8}
    processor = Qwen3VLProcessor(
        Qwen2VLImageProcessor(**sizes),
        words,
        Qwen3VLVideoProcessor(**sizes),
        chat_template=CHAT.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>"),
    )
    _save(config, processor, folder)


FAMILIES: dict[str, Callable[[Path], None]] = {"llava": llava, "smolvlm": smolvlm, "qwen3_vl": qwen3_vl}


def _save(config: Any, processor: Any, folder: Path) -> None:
    """Draw weights large enough that the picture matters: the usual 0.02 hardly lets it through."""
    torch.manual_seed(0)
    model = AutoModelForImageTextToText.from_config(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if weights.ndim > 1 and "embed_tokens" not in name:
                weights.normal_(std=1.4 / weights[0].numel() ** 0.5)
            elif "embed_tokens" in name:
                weights.normal_(std=1.0)
    model.generation_config.update(pad_token_id=0, bos_token_id=1, eos_token_id=2)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
