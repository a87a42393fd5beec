"""Models of a given size with random weights, built from their configurations, and a real processor for each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from transformers import (
    AutoModelForImageTextToText,
    Gemma4Config,
    Gemma4ImageProcessor,
    Gemma4Processor,
    Idefics3Config,
    Idefics3ImageProcessor,
    Idefics3Processor,
    LlavaConfig,
    LlavaProcessor,
    Qwen2VLImageProcessor,
    Qwen3VLConfig,
    Qwen3VLProcessor,
    SiglipImageProcessor,
)
from transformers.models.gemma4.feature_extraction_gemma4 import Gemma4AudioFeatureExtractor
from transformers.models.gemma4.video_processing_gemma4 import Gemma4VideoProcessor
from transformers.models.qwen3_vl.video_processing_qwen3_vl import Qwen3VLVideoProcessor

from tests.bench import sizes
from tests.families.words import chat, tokenizer

GAIN = 1.0  # of a matrix with random weights; with the usual 0.02 a picture would hardly matter
WORDS = 0.2  # standard deviation of the embeddings


@dataclass(frozen=True)
class Shape:
    """What a model is built from."""

    title: str
    config: Any
    processor: Any

    def build(self, device: str, dtype: torch.dtype) -> Any:
        """Make the model where it is to run, with weights that let the picture through."""
        torch.manual_seed(0)
        with torch.device(device):
            model = AutoModelForImageTextToText.from_config(self.config, dtype=dtype).eval()
        embeddings = model.get_input_embeddings().weight
        with torch.no_grad():
            for weights in model.parameters():
                if weights is embeddings:
                    weights.normal_(std=WORDS)
                elif weights.ndim > 1:
                    weights.normal_(std=GAIN / weights[0].numel() ** 0.5)
        model.generation_config.update(pad_token_id=0, bos_token_id=1, eos_token_id=2)
        return model.requires_grad_(requires_grad=False)


def llava(title: str, vision: dict[str, Any], text: dict[str, Any]) -> Shape:
    """SigLIP and Llama: the picture is one tile."""
    side, patch = vision["image_size"], vision["patch_size"]
    words = tokenizer("<image>", image_token="<image>")
    config = LlavaConfig(
        vision_config={"model_type": "siglip_vision_model", "vision_use_head": False, **vision},
        text_config={"model_type": "llama", **text},
        image_token_index=words.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
        tie_word_embeddings=True,
    )
    processor = LlavaProcessor(
        SiglipImageProcessor(size={"height": side, "width": side}),
        words,
        patch_size=patch,
        vision_feature_select_strategy="full",
        num_additional_image_tokens=0,
        chat_template=chat("<image>"),
    )
    return Shape(title, config, processor)


def idefics3(title: str, vision: dict[str, Any], text: dict[str, Any]) -> Shape:
    """SigLIP-like tiles, two by two beside a view of the whole, and Llama, as in SmolVLM."""
    side, patch = vision["image_size"], vision["patch_size"]
    marks = {
        "image_token": "<image>",
        "fake_image_token": "<fake_token_around_image>",
        "global_image_token": "<global-img>",
        "end_of_utterance_token": "<end_of_utterance>",
    }
    tiles = [f"<row_{row}_col_{column}>" for row in (1, 2) for column in (1, 2)]
    words = tokenizer(*marks.values(), *tiles, **marks)
    fewer = sizes.SHUFFLE
    config = Idefics3Config(
        vision_config=vision,
        text_config={"model_type": "llama", **text},
        image_token_id=words.convert_tokens_to_ids("<image>"),
        scale_factor=fewer,
        tie_word_embeddings=True,
    )
    images: dict[str, Any] = {"size": {"longest_edge": 2 * side}, "max_image_size": {"longest_edge": side}}
    processor = Idefics3Processor(
        Idefics3ImageProcessor(**images),
        words,
        image_seq_len=(side // patch // fewer) ** 2,
        chat_template=chat("<image>"),
    )
    return Shape(title, config, processor)


def qwen3_vl(title: str, vision: dict[str, Any], text: dict[str, Any]) -> Shape:
    """Take patches at the picture's own shape, which feed several layers of Qwen3."""
    marks = {
        "image_token": "<|image_pad|>",
        "video_token": "<|video_pad|>",
        "vision_start_token": "<|vision_start|>",
        "vision_end_token": "<|vision_end|>",
    }
    words = tokenizer(*marks.values(), **marks)
    config = Qwen3VLConfig(vision_config=vision, text_config=text, **_ids(words, marks))
    config.tie_word_embeddings = text["tie_word_embeddings"]
    processor = Qwen3VLProcessor(
        Qwen2VLImageProcessor(**sizes.QWEN_PICTURES),
        words,
        Qwen3VLVideoProcessor(**sizes.QWEN_PICTURES),
        chat_template=chat("<|vision_start|><|image_pad|><|vision_end|>"),
    )
    return Shape(title, config, processor)


def gemma4(title: str, vision: dict[str, Any], text: dict[str, Any], pooled: int = 280) -> Shape:
    """Take patches with positions, pooled to so many tokens, and Gemma 4."""
    marks = {
        "boi_token": "<|image>",
        "eoi_token": "<image|>",
        "image_token": "<|image|>",
        "audio_token": "<|audio|>",
        "boa_token": "<|audio>",
        "eoa_token": "<audio|>",
    }
    words = tokenizer(*marks.values(), "<|video|>", **marks)
    config = Gemma4Config(
        vision_config={"model_type": "gemma4_vision", **vision},
        text_config=text,
        **_ids(words, {**marks, "video_token": "<|video|>"}),
    )
    processor = Gemma4Processor(
        Gemma4AudioFeatureExtractor(),
        Gemma4ImageProcessor(max_soft_tokens=pooled),
        words,
        Gemma4VideoProcessor(),
        chat_template=chat("<|image|>"),
    )
    return Shape(title, config, processor)


def _ids(words: Any, marks: dict[str, str]) -> dict[str, Any]:
    return {f"{mark}_id": words.convert_tokens_to_ids(token) for mark, token in marks.items()}


SCALES: dict[str, list[Callable[[], Shape]]] = {
    "tiny": [
        lambda: llava("tiny LLaVA, one tile", sizes.TINY_VISION, sizes.TINY_TEXT),
        lambda: idefics3("tiny Idefics3, tiled", sizes.TINY_VISION, sizes.TINY_TEXT),
        lambda: qwen3_vl("tiny Qwen3-VL", sizes.TINY_QWEN_VISION, sizes.TINY_QWEN_TEXT),
        lambda: gemma4("tiny Gemma 4", sizes.TINY_GEMMA_VISION, sizes.TINY_GEMMA_TEXT, pooled=70),
    ],
    "250m": [
        lambda: llava("LLaVA 221M, one tile", sizes.SIGLIP_BASE, sizes.LLAMA_135M),
        lambda: idefics3("Idefics3 250M, tiled", sizes.SIGLIP_TILE, sizes.LLAMA_135M),
    ],
    "2b": [lambda: qwen3_vl("Qwen3-VL-2B", sizes.QWEN_2B_VISION, sizes.QWEN_2B_TEXT)],
    "8b": [lambda: qwen3_vl("Qwen3-VL-8B", sizes.QWEN_8B_VISION, sizes.QWEN_8B_TEXT)],
    "31b": [lambda: gemma4("Gemma-4-31B", sizes.GEMMA_31B_VISION, sizes.GEMMA_31B_TEXT)],
}
