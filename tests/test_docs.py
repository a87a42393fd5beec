"""The pages in docs/ say what is now true."""

import re
from dataclasses import Field, fields
from typing import Any

import pytest

from mmattr_app.methods import METHODS
from mmattr_app.metrics import METRICS
from mmattr_app.models import MODELS
from mmattr_app.models.memory import row
from mmattr_app.segmenters import SEGMENTERS
from mmattr_app.settings import Settings, variable
from tests.documents import PAGES, README, ROOT, page, read


@pytest.mark.parametrize(
    ("where", "name"),
    [
        *(("methods", name) for name in (*METHODS, *METRICS)),
        *(("models", name) for name in MODELS),
        *(("regions", segmenter.example) for segmenter in SEGMENTERS.values()),
    ],
)
def test_every_name_of_a_registry_has_its_row(where: str, name: str) -> None:
    assert f"\n| `{name}` |" in page(where)


@pytest.mark.parametrize(
    ("name", "summary"), [(name, method.summary) for name, method in (*METHODS.items(), *METRICS.items())]
)
def test_what_a_method_says_of_itself_is_what_its_row_says(name: str, summary: str) -> None:
    assert f"\n| `{name}` | {summary} |" in page("methods")


@pytest.mark.parametrize("name", MODELS)
def test_what_a_model_says_of_itself_and_needs_is_its_row(name: str) -> None:
    assert f"\n{row(name, MODELS[name])}\n" in page("models")


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_has_its_row(setting: Field[Any]) -> None:
    default = "" if setting.default == "" else f"{setting.default}"
    assert f"\n| `{variable(setting.name)}` | {default} | {setting.metadata['says']} |\n" in page("hosting")


def test_no_document_names_a_setting_that_is_not_there() -> None:
    named = {name for path in (README, *PAGES) for name in re.findall(r"MMATTR_[A-Z_]+", read(path))}
    assert named <= {variable(setting.name) for setting in fields(Settings)} | {"MMATTR_API_KEY"}


def tree() -> set[str]:
    """Read the file tree: the path of every folder ("jobs/") and module that it names, whatever the line."""
    block = page("architecture").split("\n    app.py", 1)[1].split("\n\n", 1)[0]
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


@pytest.mark.parametrize("document", [README, *PAGES], ids=lambda path: path.name)
def test_a_python_file_that_a_document_names_is_there(document: Any) -> None:
    for name in re.findall(r"`([\w/]+\.py)`", read(document)):
        assert (ROOT / name).is_file() or (ROOT / "mmattr_app" / name).is_file(), name
