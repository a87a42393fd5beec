"""Runs of the pipeline in the background: submit one, follow it from anywhere, cancel it, find its result again."""

from mmattr_app.jobs.desk import Desk
from mmattr_app.jobs.job import Cutting, Job, Request, Sharpening, Snapshot, Wanted
from mmattr_app.jobs.opening import allowed_models, open_desk
from mmattr_app.jobs.store import Store

__all__ = [
    "Cutting",
    "Desk",
    "Job",
    "Request",
    "Sharpening",
    "Snapshot",
    "Store",
    "Wanted",
    "allowed_models",
    "open_desk",
]
