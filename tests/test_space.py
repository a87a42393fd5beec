"""The README's first lines make it a Space, and the Dockerfile an image, of what is tested here."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.space_reference import complaints

ROOT = Path(__file__).parents[1]


@pytest.fixture
def front() -> dict[str, Any]:
    _, block, _ = (ROOT / "README.md").read_text().split("---\n", 2)
    return yaml.safe_load(block)


def test_the_front_matter_says_only_what_the_reference_of_spaces_lists(front: dict[str, Any]) -> None:
    assert complaints(front) == []
    assert {"title", "sdk", "sdk_version", "python_version", "app_file", "license"} <= set(front)
    assert (ROOT / front["app_file"]).is_file()
    assert len(front["short_description"]) <= 60


@pytest.mark.parametrize(
    "wrong",
    [{"suggested_hardware": "zero-a10g"}, {"hardware": "t4-small"}, {"colorTo": "grey"}, {"python_version": 3.12}],
)
def test_what_the_reference_does_not_list_is_found(front: dict[str, Any], wrong: dict[str, Any]) -> None:
    assert complaints(front | wrong) == list(wrong)


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
