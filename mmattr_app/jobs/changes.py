"""How a run begins and how an error ends it, as changes of its job's snapshot."""

import logging
from typing import Any

from mmattr_app.errors import AppError, Cancelled
from mmattr_app.jobs.job import Cutting, Sharpening, Wanted

ANSWERING = {"state": "answering", "says": "answering"}

log = logging.getLogger("mmattr")


def first(request: Wanted) -> dict[str, Any]:
    """Say what a job begins with as soon as it has its turn."""
    if isinstance(request, Sharpening):
        return {"state": "hiding", "says": "hiding regions"}
    if isinstance(request, Cutting) or request.segmentation is None:
        return {"state": "cutting", "says": "finding regions"}
    return ANSWERING


def ended_by(error: Exception, name: str, done: int = 0, of: int = 0) -> dict[str, Any]:
    """Say how a job ends that an error ends after so many masks; what is a bug, only the log knows."""
    if isinstance(error, Cancelled):
        return {"state": "cancelled", "says": f"cancelled after {done} of {of} masks" if of else "cancelled"}
    if isinstance(error, AppError):
        return {"state": "failed", "says": str(error)}
    log.error("job %s failed", name, exc_info=error)
    return {"state": "failed", "says": f"Something went wrong here, not with your picture; it is logged as {name}."}
