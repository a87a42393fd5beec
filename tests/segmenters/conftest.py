"""A tiny SAM-2 in a folder, saved once."""

from pathlib import Path

import pytest

from tests.segmenters.tiny_sam2 import save


@pytest.fixture(scope="session")
def sam2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sam2")
    save(folder)
    return folder
