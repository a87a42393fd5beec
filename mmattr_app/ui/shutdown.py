"""Stops the server: open jobs end as lost, their tabs are told, then the connections are closed."""

import logging
import signal
import time
from collections.abc import Callable
from typing import Any

import gradio as gr

from mmattr_app.jobs import JobQueue

LOST = "The server is being restarted and this run is lost; ask again in a minute."
PATIENCE = 3.0  # seconds for each step; Docker kills a server 10 seconds after the signal to stop


def serve_until_stopped(page: gr.Blocks, queue: JobQueue) -> None:
    """Serve until SIGINT or SIGTERM comes, then stop the server; a second signal ends the process at once."""
    try:
        while page.is_running:
            time.sleep(0.1)
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
    logging.getLogger("mmattr").info("stopping")
    queue.close(LOST, PATIENCE)
    events: Any = page._queue  # noqa: SLF001
    _wait(lambda: not any(events.pending_event_ids_session.values()))  # until each event has sent its last message
    server: Any = page.server
    server.config.timeout_graceful_shutdown = 1
    logging.getLogger(
        "uvicorn.error"
    ).disabled = True  # it would log a traceback for each connection that is still open
    page.close(verbose=False)


def _wait(done: Callable[[], bool]) -> None:
    """Wait until a condition holds, at most `PATIENCE` seconds."""
    end = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < end:
        time.sleep(0.05)
