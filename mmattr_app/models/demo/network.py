"""The demo model: a standard LLaVA (SigLIP tower, Llama), small enough to ship and to train on two CPU cores."""

import torch
from transformers import GenerationConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration, SiglipVisionConfig

from mmattr_app.models.demo.configuration import Network
from mmattr_app.models.demo.words import END, IMAGE, PAD, tokenizer


def network(shape: Network, seed: int) -> LlavaForConditionalGeneration:
    """Fresh weights."""
    vocabulary = tokenizer().get_vocab()
    stops = {"bos_token_id": None, "eos_token_id": vocabulary[END], "pad_token_id": vocabulary[PAD]}
    vision = SiglipVisionConfig(
        hidden_size=shape.width,
        intermediate_size=shape.vision_inner,
        num_hidden_layers=shape.vision_layers,
        num_attention_heads=shape.heads,
        image_size=shape.picture,
        patch_size=shape.patch,
        vision_use_head=False,
    )
    language = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=shape.width,
        intermediate_size=shape.language_inner,
        num_hidden_layers=shape.language_layers,
        num_attention_heads=shape.heads,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        **stops,
    )
    config = LlavaConfig(
        vision_config=vision,
        text_config=language,
        image_token_index=vocabulary[IMAGE],
        image_seq_length=shape.side**2,
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
        tie_word_embeddings=True,
        **stops,
    )
    torch.manual_seed(seed)
    model = LlavaForConditionalGeneration(config)
    model.generation_config = GenerationConfig(do_sample=False, max_new_tokens=80, **stops)
    return model
