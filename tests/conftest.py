"""Tiny models, saved and loaded once a run, pictures to show them, and a real browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from playwright.sync_api import Browser, expect, sync_playwright

from mmattr_app.domain import Pixels, Question
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from tests.families import FAMILIES, TEXT_ONLY
from tests.pictures import corners

# A browser that stays at home: without these it looks up its maker's hosts at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

os.environ["HF_HUB_OFFLINE"] = "1"  # for processes that tests start
constants.HF_HUB_OFFLINE = True  # read when it was imported
expect.set_options(timeout=20_000)  # milliseconds: what is awaited takes long where much else runs
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))  # fewer when the machine is shared


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give the folder of a family's tiny model."""

    @cache
    def folder(family: str) -> Path:
        where = tmp_path_factory.mktemp(family)
        (FAMILIES | TEXT_ONLY)[family](where)
        return where

    return folder


@pytest.fixture(scope="session")
def model_of(folder_of: Callable[[str], Path]) -> Callable[[str], HuggingFaceModel]:
    """Give a family's tiny model, loaded in float32 on the CPU."""

    @cache
    def model(family: str) -> HuggingFaceModel:
        return load_huggingface(family, str(folder_of(family)), device="cpu", dtype="float32")

    return model


@pytest.fixture(scope="session")
def picture() -> Pixels:
    """Give a small picture with something else in every corner."""
    return corners()


@pytest.fixture
def question(picture: Pixels) -> Question:
    """Ask something short about the picture."""
    return Question((picture,), "What is in the picture?", max_tokens=6)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium once."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield chromium
        chromium.close()
