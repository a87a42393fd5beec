"""The files that a tab brought; Gradio names an upload by its content, so several tabs may have the very same file."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakSet

_lock = Lock()
_tabs: WeakSet["Uploads"] = WeakSet()  # those that are gone hold nothing
_of_the_page: set[str] = set()


class Uploads:
    """What one tab holds; the file goes with the last tab that does."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._files: set[str] = set()
        with _lock:
            _tabs.add(self)

    def add(self, file: str) -> None:
        """Hold a file."""
        with _lock:
            self._files.add(file)

    def __contains__(self, file: str) -> bool:
        """Say whether this tab holds a file."""
        return file in self._files

    def delete(self) -> None:
        """Let go of every file, and remove those that nobody else holds."""
        with _lock:
            held = _of_the_page.union(*(tab._files for tab in _tabs if tab is not self))  # noqa: SLF001
            for file in self._files - held:
                with suppress(OSError):  # it is gone already, or never was a file
                    Path(file).unlink()
            self._files.clear()


def belong_to_page(blocks: Iterable[Any]) -> None:
    """Never remove what the page itself shows, such as the examples, whoever uploads the same."""
    with _lock:
        for block in blocks:
            _of_the_page.update(block.keep_in_cache)
