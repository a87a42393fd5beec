"""Automatic mask generation by the transformers pipeline, with any SAM that it can load; the last one stays loaded."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import HfApi, try_to_load_from_cache
from huggingface_hub.errors import HFValidationError
from PIL import Image
from safetensors import SafetensorError
from transformers import AutoImageProcessor, AutoModelForMaskGeneration, pipeline

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.segmenters.sam2.masks import Masks
from mmattr_app.segmenters.sam2.options import Options

TIMEOUT = 5.0  # seconds for the hub to answer; transformers itself would try for minutes
NEEDED = ("config.json", "model.safetensors")


def is_local(source: str) -> bool:
    """Say whether the weights are on this machine."""
    if Path(source).is_dir():
        return True
    try:
        return all(isinstance(try_to_load_from_cache(source, name), str) for name in NEEDED)
    except HFValidationError:  # it is not the form of a hub id
        return False


def can_be_fetched(source: str) -> bool:
    """Ask the hub, once, whether it has the model."""
    try:
        HfApi().model_info(source, timeout=TIMEOUT)
    except Exception:  # noqa: BLE001  (for whatever reason: no network, offline mode, no such name)
        return False
    return True


def generate(image: Pixels, options: Options, device: str) -> Iterator[str | Masks]:
    """Yield progress in words, and last the masks; it can be stopped after each batch of points."""
    yield f"loading {options.source}"
    pipe = _load(options.source, device)
    at_once = options.batch or (64 if device.startswith("cuda") else 16)
    steps: Any = pipe._sanitize_parameters(  # noqa: SLF001  (calling the pipe runs the same three steps without a pause)
        points_per_batch=at_once,
        points_per_crop=options.points,
        crops_n_layers=options.crops,
        pred_iou_thresh=options.quality,
        stability_score_thresh=options.stability,
        crops_nms_thresh=options.nms,
    )
    first, each, last = steps
    points = options.points**2 * sum(4**layer for layer in range(options.crops + 1))
    yield f"{options.source} looks at the picture"
    found: list[Any] = []
    try:
        with torch.inference_mode():
            for batch in pipe.preprocess(Image.fromarray(image), **first):
                found.append(pipe.forward(batch, **each))
                yield f"looking for things: {min(len(found) * at_once, points)} of {points} points"
            masks = pipe.postprocess(found, **last)["masks"]
    except torch.OutOfMemoryError as error:
        raise AppError(
            f"Memory ran out while {options.source} looked for things; lower batch, now {at_once}."
        ) from error
    yield np.array([np.asarray(mask.cpu(), bool) for mask in masks]).reshape(-1, *image.shape[:2])


@lru_cache(maxsize=1)
def _load(source: str, device: str) -> Any:
    """Load the pipeline; it stays in memory for the next picture."""
    if not is_local(source) and not can_be_fetched(source):
        raise AppError(
            f"{source} is not on this machine, and the hub cannot be reached or does not have it; name a folder that "
            "holds a SAM-2, or choose felzenszwalb:48, which needs no weights."
        )
    offline = is_local(source)
    try:
        processor = AutoImageProcessor.from_pretrained(source, local_files_only=offline)
        loaded: Any = AutoModelForMaskGeneration.from_pretrained(
            source, dtype=torch.float32, use_safetensors=True, local_files_only=offline, output_loading_info=True
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise AppError(f"{source} cannot be loaded as a SAM: {str(error).strip().split(chr(10))[0]}") from error
    model, info = loaded
    if info["missing_keys"]:
        raise AppError(f"{source} lacks {len(info['missing_keys'])} of its weights; fetch the whole model.")
    return pipeline("mask-generation", model=model.eval(), image_processor=processor, device=torch.device(device))
