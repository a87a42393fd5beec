"""Folders that go with their process: at its end, or, where it was killed, when the next server starts.

A living process holds a lock on each of its own, which the system lets go of however the process ends; a process number
alone would mislead, since another process may have it later.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "mmattr-uploads-"


@contextmanager
def upload_folder() -> Generator[Path]:
    """Make a folder of one's own, and remove it at the end; those whose process is dead are removed first."""
    everywhere = Path(tempfile.gettempdir())
    for folder in everywhere.glob(f"{PREFIX}*"):
        remove_orphan(folder)
    made = Path(tempfile.mkdtemp(prefix="mmattr-new-"))
    with locked(made):  # before it has the name by which other servers find it
        folder = made.rename(everywhere / f"{PREFIX}{os.getpid()}-{made.name.removeprefix('mmattr-new-')}")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_orphan(folder: Path) -> None:
    """Remove a folder of ours whose process is dead."""
    with suppress(OSError):  # it is somebody else's, a living process holds it, or it is gone
        if not folder.is_symlink() and folder.stat().st_uid == os.getuid():
            with locked(folder):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Hold the lock of a folder; raise where another process holds it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)
