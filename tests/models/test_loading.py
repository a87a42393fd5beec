"""From a name to a model, or to one sentence that says why not."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertForMaskedLM

from mmattr_app.errors import AppError
from mmattr_app.models import load


@pytest.fixture
def copy_of_llava(folder_of: Callable[[str], Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder_of("llava"), tmp_path / "copy"))


def test_a_folders_revision_follows_its_content(copy_of_llava: Path) -> None:
    first = load(str(copy_of_llava)).revision  # pyright: ignore[reportAttributeAccessIssue]
    assert first.startswith("folder-")
    assert first == load(str(copy_of_llava)).revision  # pyright: ignore[reportAttributeAccessIssue]
    config = json.loads((copy_of_llava / "config.json").read_text())
    (copy_of_llava / "config.json").write_text(json.dumps(config | {"note": 1}))
    assert first != load(str(copy_of_llava)).revision  # pyright: ignore[reportAttributeAccessIssue]


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"is no model: it has no config\.json"):
        load(str(tmp_path))
    with pytest.raises(AppError, match="There is no folder"):
        load(str(tmp_path / "absent"))


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AppError, match="nobody/nothing cannot be loaded as a model"):
        load("nobody/nothing")
    with pytest.raises(AppError, match="not a valid name cannot be loaded as a model"):
        load("not a valid name")


def test_a_model_that_neither_answers_nor_classifies_is_refused(tmp_path: Path) -> None:
    small: dict[str, Any] = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
    }
    BertForMaskedLM(BertConfig(vocab_size=50, **small)).save_pretrained(tmp_path)
    with pytest.raises(AppError, match=r"\(bert\) can neither answer nor classify; choose a vision-language model, a"):
        load(str(tmp_path))


def test_a_model_without_its_image_processor_is_refused(copy_of_llava: Path) -> None:
    for name in ("processor_config.json", "preprocessor_config.json"):
        (copy_of_llava / name).unlink(missing_ok=True)
    with pytest.raises(AppError, match=r"copy (cannot be loaded|comes without its image processor)"):
        load(str(copy_of_llava))


def test_damaged_weights_are_refused(copy_of_llava: Path) -> None:
    weights = copy_of_llava / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(AppError, match="cannot be loaded as a model"):
        load(str(copy_of_llava))
    weights.unlink()
    with pytest.raises(AppError, match="cannot be loaded as a model"):
        load(str(copy_of_llava))


def test_pickled_weights_are_refused_unread(copy_of_llava: Path) -> None:
    weights = load_file(copy_of_llava / "model.safetensors")
    (copy_of_llava / "model.safetensors").unlink()
    for name in ("pytorch_model.bin", "model.bin", "model.pt", "model.safetensors"):
        torch.save(weights, copy_of_llava / name)
        with pytest.raises(AppError, match="copy cannot be loaded as a model"):
            load(str(copy_of_llava))
        (copy_of_llava / name).unlink()


def test_code_that_comes_with_a_model_is_not_run(copy_of_llava: Path) -> None:
    config = json.loads((copy_of_llava / "config.json").read_text())
    brought = {"AutoConfig": "brought.Config", "AutoModelForImageTextToText": "brought.Model"}
    (copy_of_llava / "config.json").write_text(json.dumps(config | {"model_type": "brought", "auto_map": brought}))
    (copy_of_llava / "brought.py").write_text(f"open({str(copy_of_llava / 'ran')!r}, 'w')")
    with pytest.raises(AppError, match="brings code of its own, which is not run here"):
        load(str(copy_of_llava))
    assert not (copy_of_llava / "ran").exists()


def test_weights_are_never_made_up(copy_of_llava: Path) -> None:
    config = json.loads((copy_of_llava / "config.json").read_text())
    config["text_config"]["num_hidden_layers"] = 3
    (copy_of_llava / "config.json").write_text(json.dumps(config))
    with pytest.raises(AppError, match="lacks 9 of its weights"):
        load(str(copy_of_llava))


@pytest.mark.parametrize(("given", "words"), [({"device": "tpu"}, "no device"), ({"dtype": "int3"}, "no precision")])
def test_an_unknown_device_or_precision_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(AppError, match=words):
        load("demo", **given)


def test_cuda_without_a_gpu_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(AppError, match="No CUDA device is at hand here; use --device cpu or auto"):
        load("demo", device="cuda")
