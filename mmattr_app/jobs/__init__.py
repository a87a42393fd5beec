"""Runs of the pipeline in the background: submit one, follow it from anywhere, cancel it."""

from mmattr_app.jobs.desk import Desk
from mmattr_app.jobs.job import Job, Request, Snapshot

__all__ = ["Desk", "Job", "Request", "Snapshot"]
