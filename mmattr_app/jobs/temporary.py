"""Temporary folders that are removed when their process ends or, if it was killed, when the next server starts.

A running process holds a lock on its folder, which the system releases however the process ends. A process id alone
would not do, since another process may get the same id later.
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
    """Make a folder for this process and remove it at the end; first remove the folders of dead processes."""
    everywhere = Path(tempfile.gettempdir())
    for folder in everywhere.glob(f"{PREFIX}*"):
        remove_orphan(folder)
    made = Path(tempfile.mkdtemp(prefix="mmattr-new-"))
    with locked(made):  # before it gets a name that other servers look for
        folder = made.rename(everywhere / f"{PREFIX}{os.getpid()}-{made.name.removeprefix('mmattr-new-')}")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_orphan(folder: Path) -> None:
    """Remove a folder of this user whose process is dead."""
    with suppress(OSError):  # a running process holds it, or it is gone
        if not folder.is_symlink() and folder.stat().st_uid == os.getuid():
            with locked(folder):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Hold the lock of a folder; raise OSError if another process holds it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)
