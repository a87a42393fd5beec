"""The README says what is now true."""

import re
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest

from mmattr_app.methods import METHODS
from mmattr_app.models import MODELS
from mmattr_app.models.memory import row
from mmattr_app.segmenters import SEGMENTERS
from mmattr_app.settings import Settings, variable

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", [*METHODS, *MODELS, *(segmenter.example for segmenter in SEGMENTERS.values())])
def test_every_name_of_the_registries_stands_in_the_readme(name: str) -> None:
    assert f"| `{name}` |" in README


@pytest.mark.parametrize("says", [thing.says for thing in (*METHODS.values(), *MODELS.values())])
def test_what_a_thing_says_of_itself_is_what_the_readme_says(says: str) -> None:
    assert says in README


@pytest.mark.parametrize("name", MODELS)
def test_what_a_model_needs_is_what_the_readme_says(name: str) -> None:
    assert row(name, MODELS[name]) in README


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_stands_in_the_readme(setting: Field[Any]) -> None:
    default = "" if setting.default == "" else f"{setting.default}"
    assert f"| `{variable(setting.name)}` | {default} | {setting.metadata['says']} |" in README


def tree() -> set[str]:
    """Read the file tree: the path of every folder ("jobs/") and module that it names, whatever the line."""
    block = README.split("## How the code is laid out")[1].split("\n    app.py", 1)[1].split("\n\n", 1)[0]
    folders: list[tuple[int, str]] = []  # that the line stands in, each with its indent
    found: set[str] = set()
    last = 0
    for line in block.splitlines()[1:]:
        indent = len(line) - len(line.lstrip())
        if indent < last + 10:  # else it goes on with what the line before says
            folders = [folder for folder in folders if folder[0] < indent]
            last = indent
        for name in re.findall(r"[a-z0-9_]+(?:\.py\b|/)", line):
            path = "".join(folder for _, folder in folders) + name
            found.add(path)
            if name.endswith("/"):
                folders.append((last, name))
    return found


def test_the_file_tree_names_every_module_where_it_lies_and_no_other() -> None:
    named = {path for path in tree() if path.startswith("mmattr_app/")}
    modules = {path.relative_to(ROOT) for path in (ROOT / "mmattr_app").rglob("*.py")}
    there = {f"{path.parent}/" if path.name == "__init__.py" else f"{path}" for path in modules}
    assert named - {"mmattr_app/__init__.py"} == there
