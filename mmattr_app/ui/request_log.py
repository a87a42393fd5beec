"""The log of failed requests: one line for a malformed one, a traceback for a bug of ours; at most 20 a minute."""

import logging
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from gradio import queueing, routes

PACKAGE = Path(__file__).parents[1]
PASSED = {"middleware.py", Path(__file__).name}  # every request passes these, so they do not mean a bug of ours
# Functions in which Gradio reads a request before it calls code of ours: an error there means a malformed request.
READING = {"preprocess_data", "restore_session_state", "prepare_event_data", "compile_gr_request", "get_fn"}

log = logging.getLogger("mmattr.requests")


class MostAMinute(logging.Filter):
    """Filter of a logger: at most so many records a minute; the next one then says how many were left out."""

    def __init__(self, most: int = 20) -> None:
        """Allow `most` records a minute, from now on."""
        super().__init__()
        self._most, self._since, self._count = most, time.monotonic(), 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record may be written."""
        now = time.monotonic()
        if now - self._since > 60:
            if self._count > self._most:
                record.msg = f"{record.msg} ({self._count - self._most} more were left out before)"
            self._since, self._count = now, 0
        self._count += 1
        return self._count <= self._most


log.addFilter(MostAMinute())


def note(error: BaseException, where: str) -> bool:
    """Log a request that failed; return whether the request was malformed.

    The log never has the content of the request.
    """
    frames = traceback.extract_tb(error.__traceback__)
    names = {frame.name for frame in frames}
    ours = any(_is_ours(Path(frame.filename)) for frame in frames)
    if not ours and (names & READING or "process_api" not in names):
        last = frames[-1]
        at = f"{Path(last.filename).name}:{last.lineno}"
        log.warning("%a is malformed: %s at %s", where[:200], type(error).__name__, at)
        return True
    log.error("%a failed", where[:200], exc_info=error)
    return False


def replace_gradio_tracebacks() -> None:
    """Make Gradio pass its errors to `note`; else it prints a traceback for each, with the content of the request."""
    for module in (queueing, routes):
        module.traceback = _Printer  # pyright: ignore[reportAttributeAccessIssue]


class _Printer:
    """Takes the place of the module `traceback` in Gradio, which uses only this function of it."""

    @staticmethod
    def print_exc(*_: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None:
            note(error, "an event of the page")


def _is_ours(file: Path) -> bool:
    return file.is_relative_to(PACKAGE) and file.name not in PASSED
