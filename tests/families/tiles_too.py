"""More families that cut a picture into tiles: InternVL, LFM2-VL, Molmo 2 and Mllama."""

from pathlib import Path
from typing import Any

from transformers import (
    GotOcr2ImageProcessor,
    InternVLConfig,
    InternVLProcessor,
    InternVLVideoProcessor,
    Lfm2VlConfig,
    Lfm2VlImageProcessor,
    Lfm2VlProcessor,
    MllamaConfig,
    MllamaImageProcessor,
    MllamaProcessor,
    Molmo2Config,
    Molmo2ImageProcessor,
    Molmo2Processor,
    Molmo2VideoProcessor,
)

from tests.families.tiny import TEXT, VISION, save
from tests.families.words import chat, tokenizer

SQUARE = {"height": 32, "width": 32}


def internvl(folder: Path) -> None:
    """InternViT tiles, four patches to a token, and Qwen2."""
    marks = {
        "start_image_token": "<img>",
        "end_image_token": "</img>",
        "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }
    words = tokenizer(*marks.values(), **marks)
    config = InternVLConfig(
        vision_config={"image_size": [32, 32], "patch_size": [8, 8], **VISION},
        text_config={"model_type": "qwen2", "vocab_size": len(words), **TEXT},
        image_token_id=words.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=4,
    )
    processor = InternVLProcessor(
        GotOcr2ImageProcessor(size=SQUARE, crop_to_patches=True, max_patches=4),
        words,
        InternVLVideoProcessor(size=SQUARE),
        image_seq_length=4,
        chat_template=chat("<IMG_CONTEXT>"),
    )
    save(config, processor, folder)


def lfm2_vl(folder: Path) -> None:
    """SigLIP 2 at the picture's own shape, and a language model of convolutions and attention."""
    marks = {
        "image_token": "<image>",
        "image_start_token": "<|image_start|>",
        "image_end_token": "<|image_end|>",
        "image_thumbnail_token": "<|img_thumbnail|>",
    }
    words = tokenizer(*marks.values(), **marks)
    text = {**TEXT, "layer_types": ["conv", "full_attention"], "block_multiple_of": 8}
    config = Lfm2VlConfig(
        vision_config={"patch_size": 8, "num_patches": 64, **VISION, "vision_use_head": False},
        text_config={"model_type": "lfm2", "vocab_size": len(words), **text},
        image_token_id=words.convert_tokens_to_ids("<image>"),
        projector_hidden_size=32,
    )
    images = Lfm2VlImageProcessor(
        tile_size=32, encoder_patch_size=8, min_tiles=2, max_tiles=4, min_image_tokens=4, max_image_tokens=16
    )
    save(config, Lfm2VlProcessor(images, words, chat_template=chat("<image>")), folder)


def molmo2(folder: Path) -> None:
    """Overlapping crops whose patches are pooled, and a language model of its own."""
    marks = ["<|image|>", "<|video|>", "<im_patch>", "<im_col>", "<im_start>", "<low_res_im_start>", "<im_end>"]
    words = tokenizer(*marks, "<frame_start>", "<frame_end>", "<im_low>", image_token="<|image|>")
    number = words.convert_tokens_to_ids
    layers = {**VISION, "num_key_value_heads": 2, "head_dim": 16}
    config = Molmo2Config(
        vision_config={"image_size": [32, 32], "patch_size": 8, "num_position_embeddings": 16, **layers},
        adapter_config={
            "vision_feature_layer": [-1, -2],
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "head_dim": 16,
            "text_hidden_size": 32,
        },
        text_config={"vocab_size": len(words), "additional_vocab_size": 8, **TEXT},
        image_start_token_id=number("<im_start>"),
        low_res_image_start_token_id=number("<low_res_im_start>"),
        image_end_token_id=number("<im_end>"),
        image_patch_id=number("<im_patch>"),
        frame_start_token_id=number("<frame_start>"),
        frame_end_token_id=number("<frame_end>"),
    )
    sizes: dict[str, Any] = {"size": SQUARE, "patch_size": 8}
    processor = Molmo2Processor(
        Molmo2ImageProcessor(**sizes, max_crops=4, overlap_margins=[1, 1]),
        Molmo2VideoProcessor(**sizes),
        words,
        chat_template=chat("<|image|>"),
    )
    save(config, processor, folder)


def mllama(folder: Path) -> None:
    """Llama 3.2: layers of the language model look across at the tiles."""
    words = tokenizer("<|image|>", "<|python_tag|>", image_token="<|image|>")
    vision = {
        "image_size": 32,
        "patch_size": 8,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_global_layers": 1,
        "attention_heads": 2,
        "intermediate_layers_indices": [1],
        "vision_output_dim": 64,
    }
    text = {**TEXT, "num_hidden_layers": 3, "cross_attention_layers": [1]}
    config = MllamaConfig(
        vision_config=vision,
        text_config={"vocab_size": len(words), **text},
        image_token_index=words.convert_tokens_to_ids("<|image|>"),
    )
    processor = MllamaProcessor(MllamaImageProcessor(size=SQUARE), words, chat_template=chat("<|image|>"))
    save(config, processor, folder)
