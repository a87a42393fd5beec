"""Jobs on ZeroGPU: a whole run is one call in a leased process, which sends changes of the job's snapshot back."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from mmattr_app.contracts import Worker
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.jobs.job import Job, ended_by, run
from mmattr_app.jobs.kinds import Kind
from mmattr_app.workers.inline import InlineWorker
from mmattr_app.workers.zerogpu import leased

PAUSE = 0.5  # seconds between two results that a lease sends back

log = logging.getLogger("mmattr")


class LeasedGpu:
    """Runs jobs, each in its own lease."""

    def __init__(self, open_worker: Callable[[str], Worker], models: Sequence[str]) -> None:
        """Load the models in this process: a lease is a fork of it, and so has them too."""
        self._lease = leased(self._work, lambda asked: asked[0].seconds())  # before loading: it emulates a GPU
        self._workers = {model: open_worker(model) for model in models}
        self._open = open_worker

    def __call__(self, job: Job) -> None:
        """Run a job to its end."""
        job.change(says="waiting for a GPU")
        events = self._lease((job.kind, job.name))
        try:
            for changes in events:
                job.change(**changes)
                job.check()
        except (Cancelled, AppError) as error:
            job.change(**ended_by(error, job.name, job.snapshot.done, job.snapshot.total))
        except Exception:
            log.exception("the lease of job %s failed", job.name)
        finally:
            events.close()
            job.change(state="failed", says="No GPU could be had for this now; try again in a few minutes.")

    def warm_up(self, model: str) -> None:
        """Do nothing: models were loaded at the start."""
        del model

    def seconds_per_mask(self, model: str) -> float | None:
        """Give None: the speed of a leased GPU is not known."""
        del model

    def _work(self, asked: tuple[Kind, str], tell: Callable[[Any], None], cancelled: Callable[[], bool]) -> None:
        kind, name = asked

        sent_at = 0.0

        def send(**changes: Any) -> None:
            nonlocal sent_at
            if changes.get("state") == "hiding" and time.monotonic() - sent_at < PAUSE:
                return  # a result is sent with its picture, which is large, so some are left out
            sent_at = time.monotonic()
            tell(changes)

        tell(kind.begins())
        try:
            worker = self._worker(kind.model)
        except AppError as error:
            tell(ended_by(error, name))
        else:
            run(kind, worker, {}, name=name, tell=send, cancelled=cancelled)

    def _worker(self, model: str) -> Worker:
        if model not in self._workers:
            self._workers[model] = self._open(model)
        worker = self._workers[model]
        if isinstance(worker, InlineWorker):
            worker.open_other = self._worker  # what is loaded already is not loaded again
        return worker
