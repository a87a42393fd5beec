"""Families that cut a picture into tiles of one size."""

from pathlib import Path
from typing import Any

from transformers import (
    AyaVisionConfig,
    AyaVisionProcessor,
    GotOcr2ImageProcessor,
    Idefics2Config,
    Idefics2ImageProcessor,
    Idefics2Processor,
    Idefics3Config,
    Idefics3ImageProcessor,
    Idefics3Processor,
    LlavaNextConfig,
    LlavaNextImageProcessor,
    LlavaNextProcessor,
    LlavaOnevisionConfig,
    LlavaOnevisionImageProcessor,
    LlavaOnevisionProcessor,
    LlavaOnevisionVideoProcessor,
    SmolVLMConfig,
    SmolVLMImageProcessor,
    SmolVLMProcessor,
)
from transformers.models.smolvlm.video_processing_smolvlm import SmolVLMVideoProcessor

from tests.families.tiny import CLIP, SIGLIP, TEXT, VISION, save
from tests.families.words import chat, tokenizer

SQUARE = {"height": 32, "width": 32}
TILES = [[32, 64], [64, 32], [64, 64]]
MARKS = {
    "image_token": "<image>",
    "fake_image_token": "<fake_token_around_image>",
    "global_image_token": "<global-img>",
    "end_of_utterance_token": "<end_of_utterance>",
    "video_token": "<video>",
}


def llava_next(folder: Path) -> None:
    """LLaVA with tiles beside a view of the whole, their unpadded rows ended by a mark."""
    words = tokenizer("<image>", image_token="<image>")
    config = LlavaNextConfig(
        vision_config={"model_type": "clip_vision_model", **CLIP},
        text_config={"model_type": "llama", "vocab_size": len(words), **TEXT},
        image_token_index=words.convert_tokens_to_ids("<image>"),
        image_grid_pinpoints=TILES,
    )
    processor = LlavaNextProcessor(
        LlavaNextImageProcessor(size={"shortest_edge": 32}, crop_size=SQUARE, image_grid_pinpoints=TILES),
        words,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=chat("<image>"),
    )
    save(config, processor, folder)


def llava_onevision(folder: Path) -> None:
    """SigLIP tiles and Qwen2."""
    marks = {"image_token": "<image>", "video_token": "<video>"}
    words = tokenizer(*marks.values(), **marks)
    config = LlavaOnevisionConfig(
        vision_config={**SIGLIP, "vision_use_head": False},
        text_config={"model_type": "qwen2", "vocab_size": len(words), **TEXT},
        image_token_index=words.convert_tokens_to_ids("<image>"),
        video_token_index=words.convert_tokens_to_ids("<video>"),
        image_grid_pinpoints=TILES,
    )
    processor = LlavaOnevisionProcessor(
        LlavaOnevisionImageProcessor(size=SQUARE, image_grid_pinpoints=TILES),
        words,
        LlavaOnevisionVideoProcessor(size=SQUARE),
        num_image_tokens=16,
        vision_feature_select_strategy="full",
        chat_template=chat("<image>"),
    )
    save(config, processor, folder)


def idefics2(folder: Path) -> None:
    """Take a picture of any size, resampled to a few tokens for Mistral."""
    marks = {"image_token": "<image>", "image_boundary_token": "<fake_token_around_image>"}
    words = tokenizer(*marks.values(), "<end_of_utterance>", **marks)
    config = Idefics2Config(
        vision_config={"image_size": 64, "patch_size": 8, **VISION},
        perceiver_config={
            "hidden_size": 32,
            "resampler_n_latents": 4,
            "resampler_depth": 1,
            "resampler_n_heads": 2,
            "resampler_head_dim": 16,
            "num_key_value_heads": 2,
        },
        text_config={"model_type": "mistral", "vocab_size": len(words), **TEXT},
        image_token_id=words.convert_tokens_to_ids("<image>"),
    )
    images = Idefics2ImageProcessor(size={"shortest_edge": 32, "longest_edge": 64}, do_image_splitting=False)
    save(config, Idefics2Processor(images, words, image_seq_len=4, chat_template=chat("<image>")), folder)


def idefics3(folder: Path) -> None:
    """SigLIP-like tiles, four patches to a token, and Llama."""
    words = tokenizer(*MARKS.values(), **MARKS)
    sizes: dict[str, Any] = {"size": {"longest_edge": 64}, "max_image_size": {"longest_edge": 32}}
    processor = Idefics3Processor(
        Idefics3ImageProcessor(**sizes), words, image_seq_len=4, chat_template=chat("<image>")
    )
    config = Idefics3Config(
        vision_config={"image_size": 32, "patch_size": 8, **VISION},
        text_config={"model_type": "llama", "vocab_size": len(words), **TEXT},
        image_token_id=words.convert_tokens_to_ids("<image>"),
    )
    save(config, processor, folder)


def smolvlm(folder: Path) -> None:
    """Build the small successor of Idefics 3."""
    words = tokenizer(*MARKS.values(), **MARKS)
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
        chat_template=chat("<image>"),
    )
    save(config, processor, folder)


def aya_vision(folder: Path) -> None:
    """SigLIP tiles, four patches to a token, and Cohere 2."""
    words = tokenizer("<image>", "<|START_OF_IMG|>", "<|END_OF_IMG|>", "<|IMG_PATCH|>", "TILE_GLOBAL", "TILE")
    config = AyaVisionConfig(
        vision_config={**SIGLIP, "vision_use_head": False},
        text_config={"model_type": "cohere2", "vocab_size": len(words), **TEXT, "logit_scale": 1.0},
        image_token_index=words.convert_tokens_to_ids("<|IMG_PATCH|>"),
    )
    processor = AyaVisionProcessor(
        GotOcr2ImageProcessor(size=SQUARE, crop_to_patches=True, max_patches=4),
        words,
        patch_size=8,
        img_size=32,
        downsample_factor=2,
        chat_template=chat("<image>"),
    )
    save(config, processor, folder)
