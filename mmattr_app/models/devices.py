"""Choose the device and the precision of a model, and the arguments with which transformers loads it so."""

import logging
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForImageTextToText, BitsAndBytesConfig

from mmattr_app.errors import AppError, NoRoom
from mmattr_app.models.memory import GB, gpu_memory, main_memory

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
QUANTIZED = {"int8": 8, "int4": 4}  # by bitsandbytes, bits a weight
SPREAD = "spread"  # over all GPUs, and what does not fit there stays in main memory

logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # else it logs a cast at every layer


def place(device: str) -> str:
    """Check a device such as auto, cpu, cuda, cuda:1 or spread, and resolve auto."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device in ("cpu", SPREAD):
        return device
    kind, _, number = device.partition(":")
    if kind != "cuda" or (":" in device and not number.isdecimal()):
        raise AppError(f"There is no device {device!r}; use auto, cpu, cuda, cuda:1 or spread.")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if count == 0:
        raise AppError("No CUDA device is at hand here; use --device cpu or auto.")
    if int(number or 0) >= count:
        raise AppError(f"There is no device {device}; the last one here is cuda:{count - 1}.")
    return device


def precision(dtype: str, device: str) -> str:
    """Check a precision such as auto, float32 or int4, and resolve auto."""
    if dtype == "auto":
        return "bfloat16" if device != "cpu" and torch.cuda.is_available() else "float32"
    if dtype not in (*PRECISIONS, *QUANTIZED):
        known = ", ".join((*PRECISIONS, *QUANTIZED))
        raise AppError(f"There is no precision {dtype!r}; use auto or one of {known}.")
    return dtype


def weigh(config: Any, dtype: str, trusts: dict[str, bool], loads: Any = AutoModelForImageTextToText) -> float:
    """Give the gigabytes of a model's weights, from an empty model on the meta device; `loads` is its class."""
    with torch.device("meta"):
        model = loads.from_config(config, **trusts)
    weights = sum(weight.numel() for weight in model.parameters())
    if dtype in PRECISIONS:
        return weights * PRECISIONS[dtype].itemsize / GB
    head = model.get_output_embeddings()  # stays in 16 bits, like the embeddings
    linear = sum(
        layer.weight.numel() for layer in model.modules() if isinstance(layer, nn.Linear) and layer is not head
    )
    return (linear * QUANTIZED[dtype] / 8 + (weights - linear) * 2) / GB


def find_room(name: str, gigabytes: float, wished: str, device: str) -> str:
    """Give the device for a model of this size: spread if one GPU is too small; raise NoRoom if none has room."""
    if wished == "auto" and device == "cuda" and gigabytes > torch.cuda.mem_get_info(device)[1] / GB:
        device = SPREAD
    room = _room(device)
    if gigabytes > room:
        raise NoRoom(
            f"{name} takes {gigabytes:.1f} GB and {room:.1f} GB are free on {device}; choose a smaller one, int8 or "
            "int4, or another device."
        )
    return device


def _room(device: str) -> float:
    if device.startswith("cuda"):
        return torch.cuda.mem_get_info(device)[0] / GB
    return main_memory() + ((gpu_memory() or 0.0) if device == SPREAD else 0.0)


def how(device: str, dtype: str) -> dict[str, Any]:
    """Give the arguments of `from_pretrained` for a device and a precision."""
    if dtype in PRECISIONS and device == "cpu":
        return {"dtype": PRECISIONS[dtype]}
    where: dict[str, Any] = {"device_map": "auto" if device == SPREAD else {"": device}}
    if dtype in PRECISIONS:
        return where | {"dtype": PRECISIONS[dtype]}
    on_gpu = device != "cpu" and torch.cuda.is_available()
    if dtype == "int8":
        rest = torch.float16 if on_gpu else torch.float32
        config = BitsAndBytesConfig(load_in_8bit=True, llm_int8_enable_fp32_cpu_offload=device == SPREAD)
    else:
        rest = torch.bfloat16
        config = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=rest)
    return where | {"dtype": rest, "quantization_config": config}


def settle(model: Any, dtype: str) -> None:
    """Stop 4-bit layers on a CPU from repacking their weights: this fails for narrow layers and has no gradients."""
    if dtype == "int4":
        for layer in model.modules():
            if hasattr(layer, "support_avx512bf16_for_cpu"):
                layer.support_avx512bf16_for_cpu = False
