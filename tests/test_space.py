"""The README's first lines make it a Space, and the Dockerfile an image, of what is tested here."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
KEYS = {
    "title",
    "emoji",
    "colorFrom",
    "colorTo",
    "sdk",
    "sdk_version",
    "python_version",
    "app_file",
    "suggested_hardware",
    "models",
    "tags",
    "short_description",
    "preload_from_hub",
    "startup_duration_timeout",
    "license",
}


@pytest.fixture
def front() -> dict[str, Any]:
    _, block, _ = (ROOT / "README.md").read_text().split("---\n", 2)
    return yaml.safe_load(block)


def test_the_front_matter_has_the_keys_of_a_space(front: dict[str, Any]) -> None:
    assert set(front) == KEYS
    assert (ROOT / front["app_file"]).is_file()
    assert len(front["short_description"]) <= 60


def test_the_space_runs_the_gradio_that_is_tested(front: dict[str, Any]) -> None:
    assert front["sdk_version"] == version("gradio")


def test_the_dockerfile_is_in_order() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    subprocess.run([linter, ROOT / "Dockerfile"], check=True, timeout=60)


def test_what_the_image_needs_is_sent_to_its_build() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        part
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY")
        for part in line.split()[2:-1]
    }
    assert copied == sent
    assert all((ROOT / name).exists() for name in sent)
