"""The exact versions: inside their ranges, the same wherever they are named; `make lock-check` compiles them again."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
FILES = ("requirements", "requirements-ray", "requirements-dev")


def read(name: str) -> dict[str, Requirement]:
    """Read the lines of a file of requirements by the name of their package."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    wanted = [Requirement(line) for line in lines if line and not line.startswith("-")]
    return {requirement.name.lower(): requirement for requirement in wanted}


def version(requirement: Requirement) -> str:
    """Give the one version that it allows."""
    (only,) = requirement.specifier
    assert only.operator in {"==", "==="}, f"{requirement} is not exact"
    return only.version


@pytest.mark.parametrize("name", FILES)
def test_every_range_holds_its_exact_version(name: str) -> None:
    ranges, exact = read(f"{name}.in"), read(f"{name}.txt")
    for package, wanted in ranges.items():
        assert package in exact, f"{package} has no exact version; run make lock"
        assert version(exact[package]) in wanted.specifier, f"{exact[package]} is outside of {wanted}; run make lock"


def test_what_a_spaces_builder_adds_keeps_to_the_exact_versions() -> None:
    exact = read("requirements.txt")
    for package, wanted in read("requirements-space.in").items():
        if package in exact and wanted.specifier:
            assert version(exact[package]) in wanted.specifier


@pytest.mark.parametrize("name", FILES[1:])
def test_tests_and_ray_run_on_the_versions_that_the_app_runs_on(name: str) -> None:
    exact = read("requirements.txt")
    for package, pinned in read(f"{name}.txt").items():
        if package in exact:
            assert version(pinned) == version(exact[package]), package


def test_a_builder_that_mounts_one_file_alone_can_read_it() -> None:
    text = (ROOT / "requirements.txt").read_text()
    assert not re.search(r"^\s*-|--hash|://", text, re.MULTILINE), "no options, hashes or addresses"
    assert not re.search(r"^(nvidia|cuda|triton)", text, re.MULTILINE), "torch brings its own"


def test_readme_and_dockerfile_name_the_exact_versions() -> None:
    exact = read("requirements.txt")
    assert f"\nsdk_version: {version(exact['gradio'])}\n" in (ROOT / "README.md").read_text()
    dockerfile = (ROOT / "Dockerfile").read_text()
    for package in ("torch", "torchvision"):
        assert f"{package}=={version(exact[package])}" in dockerfile
