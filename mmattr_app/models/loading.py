"""From a name to a loaded model: a hub id or a folder, on a device, in a precision, or one sentence why not."""

import hashlib
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING

from mmattr_app.errors import AppError
from mmattr_app.models.huggingface import HuggingFaceModel

transformers.utils.logging.disable_progress_bar()  # whoever calls shows its own

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def load_huggingface(name: str, source: str, *, device: str, dtype: str) -> HuggingFaceModel:
    """Load `source`, a hub id or a folder, and call it `name`."""
    where = _device(device)
    precision = _dtype(dtype, where)
    try:
        config = _config(name, source)
        processor = AutoProcessor.from_pretrained(source)
        loaded: Any = AutoModelForImageTextToText.from_pretrained(
            source, config=config, dtype=precision, use_safetensors=True, output_loading_info=True
        )
        model, info = loaded
        model = model.to(where)
    except (OSError, ValueError, SafetensorError) as error:
        raise AppError(f"{name} cannot be loaded as a model: {_first_sentence(error)}") from error
    except torch.OutOfMemoryError as error:
        raise AppError(f"{name} does not fit into the memory of {where}; choose a smaller one.") from error
    _check(name, processor, info)
    return HuggingFaceModel(model, processor, name=name, revision=_revision(source, config))


def _config(name: str, source: str) -> Any:
    folder = Path(source)
    if folder.is_dir() and not (folder / "config.json").is_file():
        raise AppError(f"The folder {name} is no model: it has no config.json; name the folder that holds one.")
    if not folder.is_dir() and (folder.is_absolute() or source.count("/") > 1 or source.startswith((".", "~"))):
        raise AppError(f"There is no folder {name}; check the path, or give a hub id such as owner/model.")
    config = AutoConfig.from_pretrained(source)
    if type(config) not in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING:
        raise AppError(
            f"{name} ({config.model_type}) cannot look at pictures and answer; choose a vision-language model."
        )
    return config


def _check(name: str, processor: Any, info: dict[str, Any]) -> None:
    if getattr(processor, "image_processor", None) is None:
        raise AppError(f"{name} comes without its image processor (preprocessor_config.json); fetch the whole model.")
    if info["missing_keys"]:
        missing = len(info["missing_keys"])
        raise AppError(
            f"{name} lacks {missing} of its weights, which would be made up at random; fetch the whole model."
        )


def _device(device: str) -> torch.device:
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device == "cuda" and not torch.cuda.is_available():
        raise AppError("No CUDA device is at hand here; use --device cpu or auto.")
    if device not in ("cpu", "cuda"):
        raise AppError(f"There is no device {device!r}; use cpu, cuda or auto.")
    return torch.device(device)


def _dtype(dtype: str, device: torch.device) -> torch.dtype:
    if dtype == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if dtype not in DTYPES:
        raise AppError(f"There is no precision {dtype!r}; use float32, bfloat16 or auto.")
    return DTYPES[dtype]


def _revision(source: str, config: Any) -> str:
    """Name the hub's commit; for a folder, a hash of its settings and of both ends of each weight file."""
    folder = Path(source)
    if not folder.is_dir():
        return str(config._commit_hash)  # noqa: SLF001  (transformers gives no other way)
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted([*folder.glob("*.json"), *folder.glob("*.safetensors")]):
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(1 << 20)
            file.seek(max(0, size - (1 << 20)))
            digest.update(f"{path.name} {size}".encode() + head + file.read())
    return f"folder-{digest.hexdigest()}"


def _first_sentence(error: Exception) -> str:
    return str(error).strip().split("\n")[0].rstrip(".") + "."
