"""Where jobs run: in this process, in Ray actors or in leases of ZeroGPU, by the settings or by what is here."""

import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from mmattr_app.contracts import Slot
from mmattr_app.domain import LogProbs
from mmattr_app.errors import AppError
from mmattr_app.jobs.job import Job
from mmattr_app.jobs.queue import Desk
from mmattr_app.jobs.run import run
from mmattr_app.jobs.store import Store
from mmattr_app.pipeline import open_worker
from mmattr_app.settings import settings
from mmattr_app.workers.byte_lru import Shelf
from mmattr_app.workers.inline import InlineSlot
from mmattr_app.workers.queued import FairWorker
from mmattr_app.workers.scheduler import Dispatcher, Turn

MEMO = 256_000_000  # bytes of log-probs that are remembered, one row for each mask ever asked
OVERHEAD = 200  # bytes that a row takes besides its numbers


class Shared:
    """Processes jobs, many at a time, on what slots there are."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        """Share these slots."""
        self.dispatcher = Dispatcher(slots, warm=settings().warm_models)
        self._memo = Shelf[bytes, LogProbs](MEMO, lambda row: row.nbytes + OVERHEAD)

    def __call__(self, job: Job) -> None:
        """Take a job to its end."""
        model = job.kind.model

        def look(turn: Turn) -> None:
            job.check()
            if job.snapshot.state == "queued":
                if turn.started:
                    job.change(**job.kind.begins())
                elif (says := self._waits(turn)) != job.snapshot.says:
                    job.change(says=says)

        def on_loading(words: str | None) -> None:
            begins, state = job.kind.begins(), job.snapshot.state
            news = begins if state in ("queued", begins["state"]) else {"says": state}
            job.change(**news | ({"says": words} if words else {}))

        worker = FairWorker(
            self.dispatcher, job.session, model, look=look, on_loading=on_loading, rest=job.rest_while_alone
        )
        run(job.kind, worker, self._memo, name=job.name, tell=job.change, cancelled=job.unwanted)

    def warm_up(self, model: str) -> None:
        """Load a model before anybody asks."""
        self.dispatcher.warm_up(model)

    def pace(self, model: str) -> float | None:
        """Tell the seconds a mask took of late; None when the model did not run yet."""
        return self.dispatcher.pace.mask.get(model)

    def _waits(self, turn: Turn) -> str:
        place, seconds = self.dispatcher.place(turn)
        if place == 1:
            return "next in the queue"
        return f"number {place} in the queue, about {max(1, round(seconds))} s"


def inline(store: Store) -> Desk:
    """Run models in this process."""
    return Desk.on([InlineSlot(open_worker)], store)


def ray(store: Store) -> Desk:
    """Run models in Ray actors."""
    if find_spec("ray") is None:
        raise AppError("Ray is not installed; run pip install -r requirements-ray.txt, or choose --workers inline.")
    from mmattr_app.workers.ray import ray_slots  # noqa: PLC0415  (Ray is started only when chosen)

    return Desk.on(ray_slots(open_worker, settings().ray_actors), store)


def zerogpu(store: Store) -> Desk:
    """Run each job in a lease of ZeroGPU."""
    if find_spec("spaces") is None:
        raise AppError("ZeroGPU needs the package spaces, which its Spaces have; choose --workers inline.")
    from mmattr_app.jobs.zerogpu import Leased  # noqa: PLC0415  (it changes torch as it is imported)

    return Desk(Leased(open_worker, ["demo", *allowed_models()]), store)


WORKERS: dict[str, Callable[[Store], Desk]] = {"inline": inline, "ray": ray, "zerogpu": zerogpu}


def open_desk(store: Store) -> Desk:
    """Open the desk that the settings ask for."""
    name = settings().workers
    if name == "auto":
        name = fitting()
    if name not in WORKERS:
        raise AppError(f"There are no workers {name!r}; use auto, {', '.join(WORKERS)}.")
    return WORKERS[name](store)


def fitting() -> str:
    """Choose for this machine."""
    if os.environ.get("SPACES_ZERO_GPU"):
        return "zerogpu"
    return "ray" if Path("/dev/nvidia0").exists() and find_spec("ray") else "inline"


def allowed_models() -> list[str]:
    """List the hub ids that whoever runs this page offers besides the demo model."""
    return [name.strip() for name in settings().allow_models.split(",") if name.strip()]
