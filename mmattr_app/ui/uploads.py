"""The files that each tab uploaded. Gradio names an upload by its content, so several tabs may share one file."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakSet

_lock = Lock()
_tabs: WeakSet["Uploads"] = WeakSet()  # weak: a tab that is gone holds no file
_of_the_page: set[str] = set()


class Uploads:
    """The files of one tab; a file is deleted with the last tab that has it."""

    def __init__(self) -> None:
        """Start without files."""
        self._files: set[str] = set()
        with _lock:
            _tabs.add(self)

    def add(self, file: str) -> None:
        """Note a file as one of this tab."""
        with _lock:
            self._files.add(file)

    def __contains__(self, file: str) -> bool:
        """Say whether a file is one of this tab."""
        return file in self._files

    def delete(self) -> None:
        """Forget all files of this tab, and delete those that no other tab and not the page itself uses."""
        with _lock:
            held = _of_the_page.union(*(tab._files for tab in _tabs if tab is not self))  # noqa: SLF001
            for file in self._files - held:
                with suppress(OSError):  # it was deleted already, or never was a file
                    Path(file).unlink()
            self._files.clear()


def protect_page_files(blocks: Iterable[Any]) -> None:
    """Protect the files that the page itself shows, such as the examples, even when somebody uploads the same file."""
    with _lock:
        for block in blocks:
            _of_the_page.update(block.keep_in_cache)
