"""What a model needs, what is free here, and what is said of a model in the list."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import AutoConfig

from mmattr_app.errors import AppError, NoRoom
from mmattr_app.models import MODELS, devices, load, memory, split
from mmattr_app.models.catalogue import ModelCard
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from tests.families import FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_a_models_weight_is_known_before_it_is_loaded(
    family: str, folder_of: Callable[[str], Path], model_of: Callable[[str], HuggingFaceModel]
) -> None:
    found = devices.weigh(AutoConfig.from_pretrained(str(folder_of(family))), "float32", {})
    weights = model_of(family)._model.parameters()
    assert found == pytest.approx(sum(weight.nbytes for weight in weights) / 1e9)


@pytest.mark.parametrize("dtype", ["bfloat16", "int8", "int4"])
def test_the_weight_in_a_lesser_precision_is_nearly_right(dtype: str) -> None:
    source = MODELS["demo"].source
    found = devices.weigh(AutoConfig.from_pretrained(source), dtype, {})
    model: Any = load_huggingface("demo", source, device="cpu", dtype=dtype)._model
    assert found == pytest.approx(
        sum(weight.nbytes for weight in model.parameters()) / 1e9, rel=0.2
    )  # embeddings stay whole


def test_a_model_that_does_not_fit_is_refused_before_it_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "main_memory", lambda: 0.01)
    with pytest.raises(NoRoom, match=r"demo takes 0\.0 GB and 0\.0 GB are free on cpu; choose a smaller one, int8"):
        load("demo", device="cpu", dtype="float32")
    assert load("demo", device="cpu", dtype="int4")


@pytest.mark.parametrize(
    ("gigabytes", "wished", "device", "expected"),
    [
        (10.0, "auto", "cuda", "cuda"),
        (30.0, "auto", "cuda", "spread"),  # more than one GPU has in all
        (90.0, "spread", "spread", "spread"),
    ],
)
def test_a_model_goes_where_there_is_room(
    gigabytes: float, wished: str, device: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_gpus(monkeypatch)
    assert devices.find_room("m", gigabytes, wished, device) == expected


@pytest.mark.parametrize(
    ("gigabytes", "wished", "device"),
    [(21.0, "auto", "cuda"), (30.0, "cuda", "cuda"), (200.0, "auto", "cuda"), (101.0, "cpu", "cpu")],
)
def test_a_model_that_fits_nowhere_is_refused(
    gigabytes: float, wished: str, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_gpus(monkeypatch)
    with pytest.raises(NoRoom, match="GB are free on"):
        devices.find_room("m", gigabytes, wished, device)


def test_what_is_free_is_the_gpus_memory_where_there_are_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "main_memory", lambda: 7.0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert (memory.gpu_memory(), memory.free()) == (None, 7.0)
    two_gpus(monkeypatch)
    assert memory.free() == 40.0


def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have two GPUs of 24 GB, 20 of them free, and 100 GB of main memory."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (20e9, 24e9))
    monkeypatch.setattr(devices, "main_memory", lambda: 100.0)


@pytest.mark.parametrize(
    ("billions", "room", "expected"),
    [
        (0.004, 8.0, "4M, 0.1 GB"),
        (2.2, 8.0, "2.2B, 5.3 GB"),
        (4.4, 8.0, "4.4B, fits as int8: 6.1 GB"),
        (8.0, 8.0, "8B, fits as int4: 7.2 GB"),
        (33.0, 8.0, "33B, too large here: 30 GB even as int4, 8 are free"),
    ],
)
def test_the_list_says_what_fits(billions: float, room: float, expected: str) -> None:
    assert memory.remark(ModelCard("a/b", "good", billions), room, "bfloat16") == expected


def test_a_containers_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: SimpleNamespace(available=64e9))
    assert memory.main_memory() == 64.0
    (tmp_path / "memory.current").write_text("3000000000\n")
    for limit, expected in (("max\n", 64.0), ("8000000000\n", 5.0)):
        (tmp_path / "memory.max").write_text(limit)
        assert memory.main_memory() == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("demo", ("demo", "auto")),
        ("demo@int4", ("demo", "int4")),
        ("owner/model@bfloat16", ("owner/model", "bfloat16")),
        ("owner/model@main", ("owner/model@main", "auto")),
        ("@int4", ("@int4", "auto")),
    ],
)
def test_a_name_may_choose_a_precision(name: str, expected: tuple[str, str]) -> None:
    assert split(name) == expected


def test_a_precision_in_the_name_is_used_and_no_other() -> None:
    model: Any = load("demo@bfloat16")
    assert (model.name, model.precision) == ("demo", "bfloat16")
    with pytest.raises(AppError, match="demo@int4 asks for int4 and the precision is int8; choose one of them"):
        load("demo@int4", dtype="int8")
