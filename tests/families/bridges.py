"""Older families without a chat: BLIP, BLIP-2, InstructBLIP, Florence-2 and Kosmos-2."""

from pathlib import Path
from typing import Any

from transformers import (
    Blip2Config,
    Blip2Processor,
    BlipConfig,
    BlipImageProcessor,
    BlipProcessor,
    CLIPImageProcessor,
    Florence2Config,
    Florence2Processor,
    InstructBlipConfig,
    InstructBlipProcessor,
    Kosmos2Config,
    Kosmos2Processor,
)

from tests.families.tiny import VISION, save
from tests.families.words import tokenizer

SQUARE = {"height": 32, "width": 32}
QFORMER: dict[str, Any] = {**VISION, "vocab_size": 400, "encoder_hidden_size": 32, "cross_attention_frequency": 1}
ENDS: dict[str, Any] = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
OPT: dict[str, Any] = {
    "model_type": "opt",
    "hidden_size": 32,
    "ffn_dim": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 512,
    "word_embed_proj_dim": 32,
    **ENDS,
}
T5: dict[str, Any] = {
    "model_type": "t5",
    "d_model": 32,
    "d_kv": 16,
    "d_ff": 64,
    "num_layers": 2,
    "num_heads": 2,
    "decoder_start_token_id": 0,
    **ENDS,
}
PICTURE = {"image_size": 32, "patch_size": 8, **VISION}


def blip(folder: Path) -> None:
    """Build a decoder of BERT's kind that continues the prompt while it looks across at the picture."""
    words = tokenizer("[SEP]", ends="[SEP]")
    config = BlipConfig(
        vision_config=PICTURE,
        text_config={
            **VISION,
            **ENDS,
            "vocab_size": len(words),
            "encoder_hidden_size": 32,
            "projection_dim": 32,
            "sep_token_id": words.convert_tokens_to_ids("[SEP]"),
        },
        projection_dim=32,
        image_text_hidden_size=32,
    )
    save(config, BlipProcessor(BlipImageProcessor(size=SQUARE), words), folder)


def blip2(folder: Path, text: dict[str, Any]) -> None:
    """Set a Q-Former between the picture and a language model."""
    words = tokenizer(ends="</s>" if text is T5 else "")
    processor = Blip2Processor(BlipImageProcessor(size=SQUARE), words, num_query_tokens=4)
    config = Blip2Config(
        vision_config=PICTURE,
        qformer_config=QFORMER,
        text_config={**text, "vocab_size": len(words)},
        num_query_tokens=4,
        image_token_index=words.convert_tokens_to_ids("<image>"),
    )
    save(config, processor, folder, **_start(text))


def blip2_opt(folder: Path) -> None:
    """BLIP-2 with a decoder."""
    blip2(folder, OPT)


def blip2_t5(folder: Path) -> None:
    """BLIP-2 with an encoder and a decoder."""
    blip2(folder, T5)


def instructblip(folder: Path) -> None:
    """Build a Q-Former that reads the question, too, and T5."""
    words, query_words = tokenizer(ends="</s>"), tokenizer()
    processor = InstructBlipProcessor(BlipImageProcessor(size=SQUARE), words, query_words, num_query_tokens=4)
    config = InstructBlipConfig(
        vision_config=PICTURE,
        qformer_config={**QFORMER, "vocab_size": len(query_words)},
        text_config={**T5, "vocab_size": len(words)},
        num_query_tokens=4,
        image_token_index=words.convert_tokens_to_ids("<image>"),
    )
    save(config, processor, folder, **_start(T5))


def florence2(folder: Path) -> None:
    """DaViT, and BART with an encoder and a decoder."""
    words = tokenizer("<image>", image_token="<image>")
    images: Any = CLIPImageProcessor(size=SQUARE, do_center_crop=False)
    images.image_seq_length = 5
    sizes = {"encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "encoder_attention_heads": 2, "decoder_attention_heads": 2}
    layers = {"d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "max_position_embeddings": 512}
    config = Florence2Config(
        vision_config={
            "depths": [1, 1],
            "patch_size": [7, 3],
            "patch_stride": [4, 4],
            "patch_padding": [3, 1],
            "patch_prenorm": [False, True],
            "embed_dim": [16, 32],
            "num_heads": [2, 2],
            "num_groups": [2, 2],
            "window_size": 4,
            "projection_dim": 32,
        },
        text_config={"vocab_size": len(words), **sizes, **layers, **ENDS, "decoder_start_token_id": 2},
        image_token_id=words.convert_tokens_to_ids("<image>"),
    )
    save(config, Florence2Processor(images, words), folder, decoder_start_token_id=2, forced_bos_token_id=1)


def kosmos2(folder: Path) -> None:
    """Put a picture in a few latent tokens at the beginning, and a decoder of its own."""
    words = tokenizer()
    processor = Kosmos2Processor(
        CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=SQUARE), words, num_patch_index_tokens=4
    )
    text = {"embed_dim": 32, "layers": 2, "ffn_dim": 64, "attention_heads": 2, "max_position_embeddings": 512}
    config = Kosmos2Config(
        vision_config=PICTURE, text_config={"vocab_size": len(words), **text, **ENDS}, latent_query_num=64
    )
    save(config, processor, folder, words=0.2)


def _start(text: dict[str, Any]) -> dict[str, Any]:
    return {"decoder_start_token_id": 0} if text is T5 else {}
