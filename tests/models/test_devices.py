"""Precisions, devices, attention and code that comes with a model: what they change, and what is refused."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import dynamic_module_utils

from mmattr_app.domain import Question
from mmattr_app.errors import AppError
from mmattr_app.models import devices, loading
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from mmattr_app.settings import settings
from tests.models.short import answer, scored, variants

ModelOf = Callable[[str], HuggingFaceModel]
FolderOf = Callable[[str], Path]

# How far a precision may move a log-prob of a tiny random model, on average, in nats.
ERRORS = {"bfloat16": 0.1, "float16": 0.02, "int8": 0.2, "int4": 1.5}


@pytest.fixture(autouse=True)
def read_settings_again() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize("family", ["llava", "qwen3_vl", "blip2_t5"])
@pytest.mark.parametrize("dtype", ERRORS)
def test_a_lower_precision_scores_nearly_the_same(
    family: str, dtype: str, folder_of: FolderOf, model_of: ModelOf, question: Question
) -> None:
    model = load_huggingface(family, str(folder_of(family)), device="cpu", dtype=dtype)
    said, images = answer(model, question, "a tree"), variants(question.image)
    assert said.precision == dtype
    exact = scored(model_of(family), answer(model_of(family), question, "a tree"), images)
    found = scored(model, said, images)
    assert np.isfinite(found).all()
    assert 0 < np.abs(found - exact).mean() < ERRORS[dtype]


@pytest.mark.parametrize("dtype", ["int8", "int4"])
def test_a_quantized_model_still_has_gradients_after_scoring(
    dtype: str, folder_of: FolderOf, question: Question
) -> None:
    model = load_huggingface("llava", str(folder_of("llava")), device="cpu", dtype=dtype)
    answer(model, question)
    inputs = model._encode(question, [question.image])
    inputs["pixel_values"].requires_grad_()
    model._model(**inputs).logits[0, -1].max().backward()
    assert inputs["pixel_values"].grad.abs().sum() > 0


def test_a_model_spread_over_what_is_here_scores_the_same(
    folder_of: FolderOf, model_of: ModelOf, question: Question
) -> None:
    spread = load_huggingface("llava", str(folder_of("llava")), device="spread", dtype="float32")
    said, images = answer(spread, question), variants(question.image)
    np.testing.assert_allclose(scored(spread, said, images), scored(model_of("llava"), said, images), atol=1e-4)


def test_quantizing_without_its_package_is_one_sentence(folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("Using `bitsandbytes` 8-bit quantization requires bitsandbytes.\nmore")

    monkeypatch.setattr(loading.AutoModelForImageTextToText, "from_pretrained", missing)
    with pytest.raises(AppError, match="needs a package that is not here: Using `bitsandbytes`"):
        load_huggingface("llava", str(folder_of("llava")), device="cpu", dtype="int8")


def test_a_model_too_large_for_the_device_is_one_sentence(folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(loading.AutoModelForImageTextToText, "from_pretrained", full)
    with pytest.raises(AppError, match=r"does not fit into the memory of cpu; choose a smaller one, --dtype int8"):
        load_huggingface("llava", str(folder_of("llava")), device="cpu", dtype="float32")


def test_automatic_precision_follows_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices.precision("auto", "spread") == "float32"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    found = [devices.precision("auto", device) for device in ("cpu", "cuda", "cuda:1", "spread")]
    assert found == ["float32", "bfloat16", "bfloat16", "bfloat16"]


@pytest.mark.parametrize("device", ["tpu", "cuda:x", "gpu", "cuda:", ""])
def test_an_unknown_device_is_one_sentence(device: str) -> None:
    with pytest.raises(AppError, match=r"There is no device .*; use auto, cpu, cuda, cuda:1 or spread"):
        devices.place(device)


def test_a_gpu_beyond_the_last_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert devices.place("cuda:1") == "cuda:1"
    with pytest.raises(AppError, match="There is no device cuda:2; the last one here is cuda:1"):
        devices.place("cuda:2")


def test_attention_is_computed_as_the_setting_says(
    folder_of: FolderOf, model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMATTR_ATTENTION", "eager")
    eager = load_huggingface("llava", str(folder_of("llava")), device="cpu", dtype="float32")
    assert eager._model.config._attn_implementation == "eager"
    said, images = answer(eager, question), variants(question.image)
    np.testing.assert_allclose(scored(eager, said, images), scored(model_of("llava"), said, images), atol=1e-4)


@pytest.mark.parametrize("name", ["flash_attention_2", "telepathy"])
def test_attention_that_is_not_here_is_one_sentence(
    folder_of: FolderOf, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMATTR_ATTENTION", name)
    with pytest.raises(AppError, match=r"llava (needs a package that is not here|cannot be loaded as a model)"):
        load_huggingface("llava", str(folder_of("llava")), device="cpu", dtype="float32")


@pytest.fixture
def model_with_code(folder_of: FolderOf, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(folder_of("llava"), tmp_path / "brought"))
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "brought", "auto_map": {"AutoConfig": "brought.BroughtConfig"}}
    config["auto_map"]["AutoModelForImageTextToText"] = "brought.Brought"
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "brought.py").write_text(
        "from pathlib import Path\n"
        "from transformers import LlavaConfig, LlavaForConditionalGeneration\n"
        f"Path({str(tmp_path / 'ran')!r}).touch()\n"
        "class BroughtConfig(LlavaConfig):\n    model_type = 'brought'\n"
        "class Brought(LlavaForConditionalGeneration):\n    config_class = BroughtConfig\n"
    )
    weights = load_file(folder / "model.safetensors")
    weights["lm_head.weight"] = weights.pop("language_model.lm_head.weight")  # an old name that only LLaVA's own maps
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder


def test_code_that_comes_with_a_model_is_not_run(model_with_code: Path) -> None:
    with pytest.raises(AppError, match="brings code of its own, which is not run here"):
        load_huggingface("brought", str(model_with_code), device="cpu", dtype="float32")
    assert not (model_with_code.parent / "ran").exists()


def test_code_that_comes_with_a_model_runs_when_it_is_trusted(
    model_with_code: Path, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMATTR_TRUST_REMOTE_CODE", "1")
    monkeypatch.setattr(dynamic_module_utils, "HF_MODULES_CACHE", str(model_with_code.parent / "modules"))
    model = load_huggingface("brought", str(model_with_code), device="cpu", dtype="float32")
    assert answer(model, question).tokens
    assert (model_with_code.parent / "ran").exists()
