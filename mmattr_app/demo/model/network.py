"""The demo model: a standard LLaVA (SigLIP tower, Llama), small enough to ship and to train on two CPU cores."""

from typing import Any

import torch
from transformers import GenerationConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration, SiglipVisionConfig

from mmattr_app.demo.model.configuration import Network
from mmattr_app.demo.model.words import END, IMAGE, PAD, tokenizer
from mmattr_app.demo.scenes.refusals import UNKNOWN_PICTURE


def network(shape: Network, seed: int) -> LlavaForConditionalGeneration:
    """Make the model with random weights."""
    vocabulary = tokenizer().get_vocab()
    stops = {"bos_token_id": None, "eos_token_id": vocabulary[END], "pad_token_id": vocabulary[PAD]}
    config = LlavaConfig(
        vision_config=_tower(shape),
        text_config=_language(shape, len(vocabulary), stops),
        image_token_index=vocabulary[IMAGE],
        image_seq_length=shape.side**2,
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
        tie_word_embeddings=True,
        **stops,
    )
    config.update({"unknown_picture": UNKNOWN_PICTURE})  # the app reads how likely this sentence is
    torch.manual_seed(seed)
    model = LlavaForConditionalGeneration(config)
    model.generation_config = GenerationConfig(do_sample=False, max_new_tokens=80, **stops)
    return model


def _tower(shape: Network) -> SiglipVisionConfig:
    return SiglipVisionConfig(
        hidden_size=shape.width,
        intermediate_size=shape.vision_inner,
        num_hidden_layers=shape.vision_layers,
        num_attention_heads=shape.heads,
        image_size=shape.picture,
        patch_size=shape.patch,
        vision_use_head=False,
    )


def _language(shape: Network, words: int, stops: dict[str, Any]) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=words,
        hidden_size=shape.width,
        intermediate_size=shape.language_inner,
        num_hidden_layers=shape.language_layers,
        num_attention_heads=shape.heads,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        **stops,
    )
