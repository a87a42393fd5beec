"""The README says what is now true."""

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


def test_every_module_stands_in_the_file_tree() -> None:
    tree = README.split("## How the code is laid out")[1]
    for path in (ROOT / "mmattr_app").rglob("*.py"):
        name = path.name if path.name != "__init__.py" else f"{path.parent.name}/"
        assert name in tree, path
