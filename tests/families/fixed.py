"""Families that see one picture of a fixed size."""

from pathlib import Path
from typing import Any

from transformers import (
    CLIPImageProcessor,
    Gemma3Config,
    Gemma3ImageProcessor,
    Gemma3Processor,
    LlavaConfig,
    LlavaProcessor,
    PaliGemmaConfig,
    PaliGemmaProcessor,
    SiglipImageProcessor,
)

from tests.families.tiny import CLIP, SIGLIP, TEXT, save
from tests.families.words import chat, tokenizer

SQUARE = {"height": 32, "width": 32}


def llava(folder: Path) -> None:
    """CLIP and Llama; the borders of a picture are cut off."""
    words = tokenizer("<image>", image_token="<image>")
    config = LlavaConfig(
        vision_config={"model_type": "clip_vision_model", **CLIP},
        text_config={"model_type": "llama", "vocab_size": len(words), **TEXT},
        image_token_index=words.convert_tokens_to_ids("<image>"),
    )
    processor = LlavaProcessor(
        CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=SQUARE),
        words,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=chat("<image>"),
    )
    save(config, processor, folder)


def gemma3(folder: Path) -> None:
    """SigLIP and Gemma 3, whose picture tokens see each other in both directions."""
    marks = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
    words = tokenizer(*marks.values(), **marks)
    boi, eoi, image = (words.convert_tokens_to_ids(token) for token in marks.values())
    config = Gemma3Config(
        vision_config={**SIGLIP, "vision_use_head": False},
        text_config={"vocab_size": len(words), **TEXT, "query_pre_attn_scalar": 16},
        mm_tokens_per_image=4,
        boi_token_index=boi,
        eoi_token_index=eoi,
        image_token_index=image,
    )
    processor = Gemma3Processor(
        Gemma3ImageProcessor(size=SQUARE), words, image_seq_length=4, chat_template=chat("<start_of_image>")
    )
    save(config, processor, folder, words=0.2)


def paligemma(folder: Path) -> None:
    """SigLIP and Gemma, with no chat: the prompt is read in both directions like the picture."""
    words = tokenizer("<image>", image_token="<image>")
    images: Any = SiglipImageProcessor(size=SQUARE)
    images.image_seq_length = 16
    processor = PaliGemmaProcessor(images, words)
    config = PaliGemmaConfig(
        vision_config={**SIGLIP, "vision_use_head": False, "projection_dim": 32},
        text_config={"model_type": "gemma", "vocab_size": len(words), **TEXT},
        image_token_index=words.convert_tokens_to_ids("<image>"),
        projection_dim=32,
        hidden_size=32,
    )
    save(config, processor, folder, words=0.2)
