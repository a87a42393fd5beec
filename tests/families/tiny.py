"""What the tiny models share: their sizes, and how a random one is saved as a folder."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForImageTextToText

TEXT: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 2048,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
VISION: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
CLIP: dict[str, Any] = {"image_size": 32, "patch_size": 8, "projection_dim": 32, **VISION}
SIGLIP: dict[str, Any] = {"model_type": "siglip_vision_model", "image_size": 32, "patch_size": 8, **VISION}


def save(config: Any, processor: Any, folder: Path, *, words: float = 1.0, **generation: Any) -> None:
    """Draw weights large enough that the picture matters: the usual 0.02 hardly lets it through."""
    torch.manual_seed(0)
    model = AutoModelForImageTextToText.from_config(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if any(part in name for part in ("embed_tokens", "word_embeddings", "shared", "tok_embeddings", "wte")):
                weights.normal_(std=words)
            elif weights.ndim > 1:
                weights.normal_(std=1.4 / weights[0].numel() ** 0.5)
            elif "gate" in name and weights.numel() == 1:  # Mllama's are closed at first
                weights.fill_(1.0)
    ends = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    model.generation_config.update(**ends | generation)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
