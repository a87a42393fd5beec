"""Open the job queue with its executor: this process, Ray actors or ZeroGPU leases, as the settings say."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from mmattr_app.errors import AppError
from mmattr_app.jobs.queue import JobQueue
from mmattr_app.jobs.store import Store
from mmattr_app.pipeline import open_worker
from mmattr_app.settings import settings
from mmattr_app.workers.inline import InlineSlot


def inline(store: Store) -> JobQueue:
    """Run models in this process."""
    return JobQueue.on([InlineSlot(open_worker)], store)


def ray(store: Store) -> JobQueue:
    """Run models in Ray actors."""
    if find_spec("ray") is None:
        raise AppError("Ray is not installed; run pip install -r requirements-ray.txt, or choose --workers inline.")
    from mmattr_app.workers.ray import ray_slots  # noqa: PLC0415  (Ray is started only when chosen)

    return JobQueue.on(ray_slots(open_worker, settings().ray_actors), store)


def zerogpu(store: Store) -> JobQueue:
    """Run each job in a lease of ZeroGPU."""
    if find_spec("spaces") is None:
        raise AppError("ZeroGPU needs the package spaces, which its Spaces have; choose --workers inline.")
    from mmattr_app.jobs.zerogpu import LeasedGpu  # noqa: PLC0415  (importing it changes torch)

    return JobQueue(LeasedGpu(open_worker, ["demo", *settings().allowed_models]), store)


WORKERS: dict[str, Callable[[Store], JobQueue]] = {"inline": inline, "ray": ray, "zerogpu": zerogpu}


def open_queue(store: Store) -> JobQueue:
    """Open the queue that the settings ask for."""
    name = settings().workers
    if name == "auto":
        name = choose_for_this_machine()
    if name not in WORKERS:
        raise AppError(f"There are no workers {name!r}; use auto, {', '.join(WORKERS)}.")
    return WORKERS[name](store)


def choose_for_this_machine() -> str:
    """Choose the executor by what this machine has: ZeroGPU, a GPU with Ray, or neither."""
    if os.environ.get("SPACES_ZERO_GPU"):
        return "zerogpu"
    return "ray" if Path("/dev/nvidia0").exists() and find_spec("ray") else "inline"
