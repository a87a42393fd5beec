"""A tiny random SAM-2, saved as a folder like a real one."""

from pathlib import Path
from typing import Any

import torch
from transformers import Sam2Config, Sam2ImageProcessor, Sam2Model

SIDE = 64  # pixels of the square that it looks at
SETTINGS = "points=4,batch=8,quality=-10,stability=0,crops=1,nms=1"  # with which random weights give masks


def save(folder: Path) -> None:
    """Draw the weights and write them with their image processor."""
    torch.manual_seed(3)
    backbone = {
        "hidden_size": 8,
        "image_size": [SIDE, SIDE],
        "blocks_per_stage": [1, 2, 2, 1],
        "embed_dim_per_stage": [8, 16, 32, 64],
        "num_attention_heads_per_stage": [1, 1, 2, 2],
        "window_size_per_stage": [4, 4, 4, 2],
        "global_attention_blocks": [4],
        "window_positional_embedding_background_size": [2, 2],
    }
    vision: dict[str, Any] = {
        "backbone_config": {"model_type": "sam2_hiera_det_model", **backbone},
        "backbone_channel_list": [64, 32, 16, 8],
        "backbone_feature_sizes": [[SIDE // 4] * 2, [SIDE // 8] * 2, [SIDE // 16] * 2],
        "fpn_hidden_size": 32,
    }
    config = Sam2Config(
        vision_config={"model_type": "sam2_vision_model", **vision},
        prompt_encoder_config={"hidden_size": 32, "image_size": SIDE, "patch_size": 16},  # pyright: ignore[reportArgumentType]
        mask_decoder_config={"hidden_size": 32, "mlp_dim": 32, "num_attention_heads": 2, "iou_head_hidden_dim": 32},  # pyright: ignore[reportArgumentType]
    )
    model = Sam2Model(config)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.normal_(std=1.0 / weights[0].numel() ** 0.5)
    model.save_pretrained(folder)
    size = {"height": SIDE, "width": SIDE}
    Sam2ImageProcessor(size=size, mask_size={"height": SIDE // 4, "width": SIDE // 4}).save_pretrained(folder)
