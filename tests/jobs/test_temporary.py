"""What a killed process left is removed by the next, and nothing that a living one uses."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmattr_app.jobs import Store
from mmattr_app.jobs.temporary import PREFIX, upload_folder

HOLD = """
import sys
from mmattr_app.jobs.temporary import upload_folder
with upload_folder() as folder:
    (folder / "picture.png").touch()
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let this be where temporary folders lie."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Start another process with a folder of its own."""
    process = subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.communicate()


def test_the_folder_of_a_killed_process_goes_and_that_of_a_living_one_stays(
    server: tuple[subprocess.Popen[str], Path],
) -> None:
    process, folder = server
    assert f"{PREFIX}{process.pid}-" in folder.name
    with upload_folder():
        assert (folder / "picture.png").exists()
    process.kill()
    process.wait()
    assert folder.exists()
    with upload_folder():
        assert not folder.exists()


def test_a_process_that_has_the_same_number_now_keeps_nothing_alive(place: Path) -> None:
    (left := place / f"{PREFIX}{os.getpid()}-left").mkdir()
    with upload_folder() as own:
        assert not left.exists()
        assert own.is_dir()
    assert list(place.iterdir()) == []


def test_what_is_not_ours_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other, linked, file = place / "mmattr-of-mine", place / f"{PREFIX}link", place / f"{PREFIX}file"
    other.mkdir()
    linked.symlink_to(other)
    file.touch()
    with upload_folder():
        assert linked.exists()
        assert file.exists()
    (somebody_s := place / f"{PREFIX}1-x").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    with upload_folder():
        assert somebody_s.exists()


def test_a_half_written_result_goes_at_a_start_long_after(tmp_path: Path) -> None:
    left, new = (tmp_path / f".new-{name}" for name in ("left", "new"))
    for folder in (left, new):
        folder.mkdir()
        (folder / "picture.png").touch()
    os.utime(left, (0, 0))
    Store(tmp_path)
    assert not left.exists()
    assert new.exists()
