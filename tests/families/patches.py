"""Families that take a picture at its own shape, as a list of patches."""

from pathlib import Path
from typing import Any

from transformers import (
    Gemma4Config,
    Gemma4ImageProcessor,
    Gemma4Processor,
    Glm4vConfig,
    Glm4vImageProcessor,
    Glm4vProcessor,
    LlavaConfig,
    Mistral3Config,
    PixtralImageProcessor,
    PixtralProcessor,
    Qwen2_5_VLConfig,
    Qwen2_5_VLProcessor,
    Qwen2VLConfig,
    Qwen2VLImageProcessor,
    Qwen2VLProcessor,
    Qwen3VLConfig,
    Qwen3VLProcessor,
)
from transformers.models.gemma4.feature_extraction_gemma4 import Gemma4AudioFeatureExtractor
from transformers.models.gemma4.video_processing_gemma4 import Gemma4VideoProcessor
from transformers.models.glm4v.video_processing_glm4v import Glm4vVideoProcessor
from transformers.models.qwen2_vl.video_processing_qwen2_vl import Qwen2VLVideoProcessor
from transformers.models.qwen3_vl.video_processing_qwen3_vl import Qwen3VLVideoProcessor

from tests.families.tiny import TEXT, VISION, save
from tests.families.words import chat, tokenizer

SIZES: dict[str, Any] = {"size": {"shortest_edge": 256, "longest_edge": 4096}, "patch_size": 8}
QWEN_MARKS = {
    "image_token": "<|image_pad|>",
    "video_token": "<|video_pad|>",
    "vision_start_token": "<|vision_start|>",
    "vision_end_token": "<|vision_end|>",
}
QWEN_CHAT = chat("<|vision_start|><|image_pad|><|vision_end|>")
ROPE = {"rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [4, 2, 2]}}


def _ids(words: Any, marks: dict[str, str]) -> dict[str, Any]:
    return {f"{mark}_id": words.convert_tokens_to_ids(token) for mark, token in marks.items()}


def _qwen(folder: Path, config: Any, processor: Any, video: Any, **vision: Any) -> None:
    """Put a family's way of seeing into what all Qwens share."""
    words = tokenizer(*QWEN_MARKS.values(), **QWEN_MARKS)
    made = config(
        vision_config={"depth": 2, "hidden_size": 32, "num_heads": 2, "patch_size": 8, **vision},
        text_config={"vocab_size": len(words), **TEXT, **ROPE},
        **_ids(words, QWEN_MARKS),
    )
    images = Qwen2VLImageProcessor(**SIZES)
    save(made, processor(images, words, video(**SIZES), chat_template=QWEN_CHAT), folder)


def qwen2_vl(folder: Path) -> None:
    """Patches with two-dimensional positions, and Qwen2."""
    _qwen(folder, Qwen2VLConfig, Qwen2VLProcessor, Qwen2VLVideoProcessor, embed_dim=32, mlp_ratio=2)


def qwen2_5_vl(folder: Path) -> None:
    """Patches that look through windows, and Qwen2.5."""
    windows = {"window_size": 32, "fullatt_block_indexes": [1]}
    sizes = {"intermediate_size": 64, "out_hidden_size": 32}
    _qwen(folder, Qwen2_5_VLConfig, Qwen2_5_VLProcessor, Qwen2VLVideoProcessor, **windows, **sizes)


def qwen3_vl(folder: Path) -> None:
    """Patches that feed several layers of Qwen3."""
    sizes = {"intermediate_size": 64, "out_hidden_size": 32, "num_position_embeddings": 64}
    _qwen(folder, Qwen3VLConfig, Qwen3VLProcessor, Qwen3VLVideoProcessor, **sizes, deepstack_visual_indexes=[0])


def glm4v(folder: Path) -> None:
    """GLM-4V: patches with two-dimensional positions, and GLM-4."""
    marks = {
        "image_token": "<|image|>",
        "video_token": "<|video|>",
        "image_start_token": "<|begin_of_image|>",
        "image_end_token": "<|end_of_image|>",
        "video_start_token": "<|begin_of_video|>",
        "video_end_token": "<|end_of_video|>",
    }
    words = tokenizer(*marks.values(), **marks)
    config = Glm4vConfig(
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "patch_size": 8,
            "image_size": 64,
            "out_hidden_size": 32,
        },
        text_config={"vocab_size": len(words), **TEXT, **ROPE},
        **_ids(words, marks),
    )
    processor = Glm4vProcessor(
        Glm4vImageProcessor(**SIZES),
        words,
        Glm4vVideoProcessor(**SIZES),
        chat_template=chat("<|begin_of_image|><|image|><|end_of_image|>"),
    )
    save(config, processor, folder)


def gemma4(folder: Path) -> None:
    """Patches with positions, pooled to a budget of tokens, and Gemma 4 with an embedding for each layer."""
    marks = {
        "boi_token": "<|image>",
        "eoi_token": "<image|>",
        "image_token": "<|image|>",
        "audio_token": "<|audio|>",
        "boa_token": "<|audio>",
        "eoa_token": "<audio|>",
    }
    words = tokenizer(*marks.values(), "<|video|>", **marks)
    vision = {**VISION, "num_key_value_heads": 2, "head_dim": 16, "patch_size": 8, "position_embedding_size": 256}
    text = {**TEXT, "hidden_size_per_layer_input": 8, "vocab_size_per_layer_input": len(words)}
    config = Gemma4Config(
        vision_config={"model_type": "gemma4_vision", **vision},
        text_config={"vocab_size": len(words), **text, "layer_types": ["sliding_attention", "full_attention"]},
        **_ids(words, {**marks, "video_token": "<|video|>"}),
    )
    images = Gemma4ImageProcessor(patch_size=8, max_soft_tokens=70)
    processor = Gemma4Processor(
        Gemma4AudioFeatureExtractor(),
        images,
        words,
        Gemma4VideoProcessor(patch_size=8),
        chat_template=chat("<|image|>"),
    )
    save(config, processor, folder, words=0.2)


def _pixtral(words: Any, merge: int) -> PixtralProcessor:
    images = PixtralImageProcessor(size={"longest_edge": 64}, patch_size={"height": 8, "width": 8})
    return PixtralProcessor(images, words, patch_size=8, spatial_merge_size=merge, chat_template=chat("[IMG]"))


def pixtral(folder: Path) -> None:
    """Rows of patches ended by a mark, and Mistral."""
    words = tokenizer("[IMG]", "[IMG_BREAK]", "[IMG_END]", image_token="[IMG]")
    config = LlavaConfig(
        vision_config={"model_type": "pixtral", "image_size": 64, "patch_size": 8, "head_dim": 16, **VISION},
        text_config={"model_type": "mistral", "vocab_size": len(words), **TEXT},
        image_token_index=words.convert_tokens_to_ids("[IMG]"),
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
    )
    save(config, _pixtral(words, 1), folder)


def mistral3(folder: Path) -> None:
    """Pixtral's patches, four to a token."""
    words = tokenizer("[IMG]", "[IMG_BREAK]", "[IMG_END]", image_token="[IMG]")
    config = Mistral3Config(
        vision_config={"model_type": "pixtral", "image_size": 64, "patch_size": 8, "head_dim": 16, **VISION},
        text_config={"model_type": "mistral", "vocab_size": len(words), **TEXT},
        image_token_index=words.convert_tokens_to_ids("[IMG]"),
    )
    save(config, _pixtral(words, 2), folder)
