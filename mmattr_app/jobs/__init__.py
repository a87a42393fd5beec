"""Runs of the pipeline in the background: submit one, follow it from anywhere, cancel it, find its result again."""

from mmattr_app.jobs.desk import Desk
from mmattr_app.jobs.job import Cutting, Job, Request, Snapshot
from mmattr_app.jobs.opening import allowed_models, open_desk
from mmattr_app.jobs.store import Store

__all__ = ["Cutting", "Desk", "Job", "Request", "Snapshot", "Store", "allowed_models", "open_desk"]
