"""The README says what is now true."""

from pathlib import Path

import pytest

from mmattr_app.methods import METHODS
from mmattr_app.models import MODELS
from mmattr_app.segmenters import SEGMENTERS
from mmattr_app.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", [*METHODS, *MODELS, *(segmenter.example for segmenter in SEGMENTERS.values())])
def test_every_name_of_the_registries_stands_in_the_readme(name: str) -> None:
    assert f"| `{name}` |" in README


@pytest.mark.parametrize("says", [thing.says for thing in (*METHODS.values(), *MODELS.values())])
def test_what_a_thing_says_of_itself_is_what_the_readme_says(says: str) -> None:
    assert says in README


@pytest.mark.parametrize("name", Settings.__dataclass_fields__)
def test_every_setting_stands_in_the_readme(name: str) -> None:
    assert f"`MMATTR_{name.upper()}`" in README


def test_every_module_stands_in_the_file_tree() -> None:
    tree = README.split("## How the code is laid out")[1]
    for path in (ROOT / "mmattr_app").rglob("*.py"):
        name = path.name if path.name != "__init__.py" else f"{path.parent.name}/"
        assert name in tree, path
