"""The README's commands run as they are printed."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
LINES = [line.strip().split("  #")[0].strip() for line in README.splitlines() if line.startswith("    ")]
COMMANDS = [line for line in LINES if line.startswith("python -m mmattr_app ")]
SERVING = [line for line in LINES if line.startswith("python app.py")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder that looks like a clone with a photograph in it."""
    for name in ("mmattr_app", "assets", "app.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "photo.jpg").symlink_to(ROOT / "assets" / "examples" / "1-night.png")
    return tmp_path


def run(folder: Path, *arguments: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(folder)}
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, timeout=120)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs_as_printed(folder: Path, command: str) -> None:
    ours = command.replace("OWNER/MODEL", "demo")  # there is no hub here
    run(folder, *shlex.split(ours)[1:])


@pytest.mark.parametrize("command", SERVING)
def test_a_way_to_serve_is_known(folder: Path, command: str) -> None:
    run(folder, *shlex.split(command)[1:], "--help")


def test_the_notebook_lines_run(folder: Path) -> None:
    for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        run(folder, "-c", code)


def test_every_make_target_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)", README))
    assert named - targets <= {"it"}
    assert {"run", "test", "check", "bench"} <= named
