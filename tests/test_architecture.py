"""The layers of the code: who may import whom, checked on the code itself."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
NUMBERS = {"numpy", "scipy", "sklearn", "mmattr_app.contracts", "mmattr_app.domain"}
ALSO = {f"mmattr_app.{name}" for name in ("errors", "settings", "spans", "white_box")}
ARITHMETIC = "mmattr_app.arithmetic."


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("mmattr_app", include_external_packages=True, exclude_type_checking_imports=True)


def test_the_contracts_of_pyproject_are_kept() -> None:
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("package", "known"), [("methods", NUMBERS | ALSO), ("metrics", NUMBERS)])
def test_a_layer_knows_these_and_nothing_else(imports: grimp.ImportGraph, package: str, known: set[str]) -> None:
    inside = {f"mmattr_app.{package}", *imports.find_descendants(f"mmattr_app.{package}")}
    imported = {name for module in inside for name in imports.find_modules_directly_imported_by(module)}
    foreign = {name for name in imported - inside if name.split(".")[0] not in sys.stdlib_module_names}
    assert {name for name in foreign if not name.startswith(ARITHMETIC)} <= known


def test_every_module_opens_with_one_sentence() -> None:
    for path in [*(ROOT / "mmattr_app").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        first = path.read_text().split("\n", 1)[0]
        assert first.startswith('"""'), path
        assert first.rstrip('"').endswith((".", "?")) or not first.endswith('"""'), path


def test_no_module_grows_past_three_hundred_lines() -> None:
    for path in [*(ROOT / "mmattr_app").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        assert len(path.read_text().splitlines()) <= 300, path
