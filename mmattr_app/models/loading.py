"""Load a transformers model from the hub or a folder."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForImageTextToText,
    AutoModelForSequenceClassification,
    AutoProcessor,
    AutoTokenizer,
)

from mmattr_app.errors import AppError, NoRoom
from mmattr_app.models.architectures import find_class
from mmattr_app.models.classifier import TextClassifier
from mmattr_app.models.devices import find_room, how, place, precision, settle, weigh
from mmattr_app.models.hub import fetch, files_without_hub
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.text import TextProcessor
from mmattr_app.settings import settings

transformers.utils.logging.disable_progress_bar()  # callers show their own


def load_huggingface(name: str, source: str, *, device: str, dtype: str) -> HuggingFaceModel:
    """Load a model that generates text."""
    model = load_transformers(name, source, device=device, dtype=dtype)
    assert isinstance(model, HuggingFaceModel), f"{name} gives labels"
    return model


def load_transformers(
    name: str, source: str, *, device: str, dtype: str, on_loading: Callable[[str], None] = lambda _: None
) -> HuggingFaceModel | TextClassifier:
    """Load `source`, a hub id or a folder, and call it `name`; `on_loading` gets the progress of a download."""
    wanted, device = device, place(device)
    dtype = precision(dtype, device)
    trusts = {"trust_remote_code": settings().trust_remote_code == 1}
    with _in_one_sentence(name, device):
        _check_source(name, source)
        source = files_without_hub(name, source) or source
        config = _config(name, source, trusts)
        loads = find_class(name, config)
        device = find_room(name, weigh(config, dtype, trusts, loads), wanted, device)
        if not Path(source).is_dir():
            fetch(name, source, on_loading)
        sees_pictures = loads is AutoModelForImageTextToText
        processor: Any = (AutoProcessor if sees_pictures else AutoTokenizer).from_pretrained(source, **trusts)
        loaded: Any = loads.from_pretrained(
            source,
            config=config,
            use_safetensors=True,
            output_loading_info=True,
            **how(device, dtype),
            **_attention(),
            **trusts,
        )
    model, info = loaded
    _check(name, processor if sees_pictures else None, info)
    settle(model, dtype)
    return _ready(model, processor, loads, {"name": name, "revision": _revision(source, config), "precision": dtype})


def wrap_transformers(model: Any, processor: Any) -> HuggingFaceModel | TextClassifier:
    """Use a loaded model and its processor, or its tokenizer; both stay unchanged."""
    if not isinstance(model, transformers.PreTrainedModel) or not hasattr(processor, "decode"):
        raise AppError("Give a model of transformers and its processor, both loaded: model=(model, processor).")
    name = model.config.name_or_path or type(model).__name__
    loads: Any = find_class(name, model.config)
    if loads is AutoModelForImageTextToText and getattr(processor, "image_processor", None) is None:
        raise AppError(f"{name} looks at pictures; give its processor (AutoProcessor), not only its tokenizer.")
    dtype = str(model.dtype).removeprefix("torch.")
    return _ready(model, processor, loads, {"name": name, "revision": "as it was given", "precision": dtype})


def _ready(model: Any, processor: Any, loads: Any, about: dict[str, str]) -> HuggingFaceModel | TextClassifier:
    """Wrap a loaded transformers model in the class that answers and scores."""
    if loads is AutoModelForSequenceClassification:
        return TextClassifier(model, processor, **about)
    sees_pictures = loads is AutoModelForImageTextToText
    return HuggingFaceModel(model, processor if sees_pictures else TextProcessor(processor), **about)


@contextmanager
def _in_one_sentence(name: str, device: str) -> Iterator[None]:
    """Turn errors of loading into an AppError of one sentence."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise NoRoom(
            f"{name} does not fit into the memory of {device}; choose a smaller one, --dtype int8 or int4, or "
            "--device spread."
        ) from error
    except ImportError as error:
        raise AppError(f"{name} needs a package that is not here: {_first_sentence(error)}") from error
    except (OSError, ValueError, SafetensorError) as error:
        raise AppError(f"{name} cannot be loaded as a model: {_first_sentence(error)}") from error


def _attention() -> dict[str, str]:
    attention = settings().attention
    return {} if attention == "auto" else {"attn_implementation": attention}


def _check_source(name: str, source: str) -> None:
    folder = Path(source)
    if folder.is_dir() and not (folder / "config.json").is_file():
        raise AppError(f"The folder {name} is no model: it has no config.json; name the folder that holds one.")
    if not folder.is_dir() and (folder.is_absolute() or source.count("/") > 1 or source.startswith((".", "~"))):
        raise AppError(f"There is no folder {name}; check the path, or give a hub id such as owner/model.")


def _config(name: str, source: str, trusts: dict[str, bool]) -> Any:
    try:
        config = AutoConfig.from_pretrained(source, **trusts)
    except ValueError as error:
        if "trust_remote_code" not in str(error):
            raise
        raise AppError(
            f"{name} brings code of its own, which is not run here; choose another model, or read that code and set "
            "MMATTR_TRUST_REMOTE_CODE=1."
        ) from error
    return config


def _check(name: str, processor: Any, info: dict[str, Any]) -> None:
    if processor and getattr(processor, "image_processor", None) is None:
        raise AppError(f"{name} comes without its image processor (preprocessor_config.json); fetch the whole model.")
    if info["missing_keys"]:
        missing = len(info["missing_keys"])
        raise AppError(
            f"{name} lacks {missing} of its weights, which would be made up at random; fetch the whole model."
        )


def _revision(source: str, config: Any) -> str:
    """Give the hub's commit; for a folder, a hash of the first and last MiB of each JSON and weight file."""
    folder = Path(source)
    if not folder.is_dir():
        return str(config._commit_hash)  # noqa: SLF001  (transformers gives no other way)
    if folder.parent.name == "snapshots":  # in the cache of the hub's client
        return folder.name
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
