"""Where a model goes and how precise it is: what transformers must be told for a device and a precision."""

import warnings
from typing import Any

import torch
from transformers import BitsAndBytesConfig

from mmattr_app.errors import AppError

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
QUANTIZED = {"int8": 8, "int4": 4}  # by bitsandbytes, bits a weight
SPREAD = "spread"  # over all GPUs, and what does not fit there stays in the main memory

warnings.filterwarnings("ignore", message="MatMul8bitLt: inputs will be cast")  # it says so at every layer


def place(device: str) -> str:
    """Check a wish such as auto, cpu, cuda, cuda:1 or spread, and say which device that is here."""
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
    """Check a wish such as auto, float32 or int4, and say which precision that is here."""
    if dtype == "auto":
        return "bfloat16" if device != "cpu" and torch.cuda.is_available() else "float32"
    if dtype not in (*PRECISIONS, *QUANTIZED):
        known = ", ".join((*PRECISIONS, *QUANTIZED))
        raise AppError(f"There is no precision {dtype!r}; use auto or one of {known}.")
    return dtype


def how(device: str, dtype: str) -> dict[str, Any]:
    """Give the arguments for `from_pretrained`."""
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
    """Keep 4-bit layers on a CPU from repacking their weights: it fails for narrow ones and forbids gradients."""
    if dtype == "int4":
        for layer in model.modules():
            if hasattr(layer, "support_avx512bf16_for_cpu"):
                layer.support_avx512bf16_for_cpu = False
