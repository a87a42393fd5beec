"""The commands of the README and of the pages in docs/ run as they are printed."""

import importlib.util
import os
import re
import runpy
import shlex
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.documents import PAGES, README, ROOT, label, read

DOCUMENTS = [README, *PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
# A line of a code block, without what it says of itself, or code inside a sentence.
LINES = [
    " ".join((block.partition("  #")[0] or inside).split())
    for path in DOCUMENTS
    for block, inside in re.findall(r"^ {4}(\S.*)$|(?<!`)`([^`]+)`(?!`)", read(path), re.MULTILINE)
]
COMMANDS = sorted({line for line in LINES if line.startswith("python -m mmattr_app ")})
SERVING = sorted({line for line in LINES if line.startswith("python app.py")})
MODULES = sorted(
    {found[1] for line in LINES if (found := re.search(r"python -m ((?:tests|mmattr_app)\.[\w.]+)", line))}
)
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["mmattr_app.pipeline", "mmattr_app.models.loading", "transformers.models.llava"])
CODE = [path for path in DOCUMENTS if "```python\n" in read(path)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder that looks like a clone with a photograph, its result and a table of questions in it."""
    for name in ("mmattr_app", "assets", "app.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "photo.jpg").symlink_to(ROOT / "assets" / "examples" / "1-night.png")
    (tmp_path / "why.npz").symlink_to(ROOT / "assets" / "examples" / "1-night.npz")
    (tmp_path / "questions.csv").write_text("image,prompt\nphoto.jpg,What is this?\n")
    return tmp_path


def run(folder: Path, *arguments: str) -> None:
    """Run Python with these arguments, in a process that begins with what every command imports."""
    process = PROCESSES.Process(target=interpret, args=(folder, arguments))
    process.start()
    process.join(120)
    code = process.exitcode
    process.kill()
    assert code == 0, arguments


def interpret(folder: Path, arguments: tuple[str, ...]) -> None:
    """Do what `python ARGUMENTS` does in that folder."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    flag, what, *rest = arguments if arguments[0].startswith("-") else ("", *arguments)
    sys.argv = [what, *rest]
    if flag == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    elif flag == "-c":
        exec(what, {"__name__": "__main__"})  # noqa: S102  (as a person would paste it)
    else:
        runpy.run_path(what, run_name="__main__")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs_as_printed(folder: Path, command: str) -> None:
    ours = command.replace("OWNER/MODEL", "demo")  # there is no hub here
    run(folder, *shlex.split(ours)[1:])


def test_a_command_that_fails_is_seen_to(folder: Path) -> None:
    with pytest.raises(AssertionError):
        run(folder, "-m", "mmattr_app", "explain", "nowhere.jpg", "--prompt", "What is this?")


@pytest.mark.parametrize("command", SERVING)
def test_a_way_to_serve_is_known(folder: Path, command: str) -> None:
    run(folder, *shlex.split(command)[1:], "--help")


@pytest.mark.parametrize("module", MODULES)
def test_a_tool_that_is_named_is_there(module: str) -> None:
    assert importlib.util.find_spec(module), module


@pytest.mark.parametrize("document", CODE, ids=label)
def test_the_notebook_lines_run_one_block_after_the_other(folder: Path, document: Path) -> None:
    for code in re.findall(r"```python\n(.*?)```", read(document), re.DOTALL):
        run(folder, "-c", code)


def test_every_kind_of_command_is_found() -> None:
    assert {command.split()[3] for command in COMMANDS} == {
        "explain",
        "compare",
        "view",
        "batch",
        "scene",
        "models",
        "methods",
        "metrics",
        "segmenters",
    }
    assert {"python app.py --workers inline", "python app.py --host 0.0.0.0"} <= set(SERVING)
    assert {path.name for path in CODE} == {"README.md", "api.md", "methods.md", "trust.md"}


def test_every_make_target_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {line.split()[1] for line in LINES if line.startswith("make ")}
    assert named <= targets
    assert {"run", "test", "check", "bench"} <= named
