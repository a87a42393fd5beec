"""The end of the server: open runs are told lost, tabs hear so, and then the connections close."""

import logging
import signal
import time
from collections.abc import Callable
from typing import Any

import gradio as gr

from mmattr_app.jobs import JobQueue

LOST = "The server is being restarted and this run is lost; ask again in a minute."
PATIENCE = 3.0  # seconds for each step: who stops a server, such as Docker, kills it after 10


def serve_until_told(page: gr.Blocks, queue: JobQueue) -> None:
    """Wait for SIGINT or SIGTERM, then end everything; a second signal ends the process at once."""
    try:
        while page.is_running:
            time.sleep(0.1)
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
    logging.getLogger("mmattr").info("stopping")
    queue.close(LOST, PATIENCE)
    events: Any = page._queue  # noqa: SLF001
    _wait(lambda: not any(events.pending_event_ids_session.values()))  # each until its last message has gone out
    server: Any = page.server
    server.config.timeout_graceful_shutdown = 1
    logging.getLogger("uvicorn.error").disabled = True  # a traceback for each connection that is still open
    page.close(verbose=False)


def _wait(done: Callable[[], bool]) -> None:
    """Wait for followers to hand on the last news."""
    end = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < end:
        time.sleep(0.05)
