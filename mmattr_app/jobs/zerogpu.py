"""Jobs on leased GPUs: a whole run is one call into another process, whose news keep the job true."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from mmattr_app.contracts import Worker
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.jobs.job import Job, ended_by, run
from mmattr_app.jobs.kinds import Kind
from mmattr_app.workers.zerogpu import leased

PAUSE = 0.5  # seconds between two results on their way out of a lease

log = logging.getLogger("mmattr")


class LeasedGpu:
    """Processes jobs, each in a lease of its own."""

    def __init__(self, open_worker: Callable[[str], Worker], models: Sequence[str]) -> None:
        """Load the models in this process: a lease is a fork of it, and finds them there."""
        self._lease = leased(self._work, lambda asked: asked[0].seconds())  # first: it makes a GPU seem present
        self._workers = {model: open_worker(model) for model in models}
        self._open = open_worker

    def __call__(self, job: Job) -> None:
        """Take a job to its end."""
        job.change(says="waiting for a GPU")
        news = self._lease((job.kind, job.name))
        try:
            for change in news:
                job.change(**change)
                job.check()
        except (Cancelled, AppError) as error:
            job.change(**ended_by(error, job.name, job.snapshot.done, job.snapshot.of))
        except Exception:
            log.exception("the lease of job %s failed", job.name)
        finally:
            news.close()
            job.change(state="failed", says="No GPU could be had for this now; try again in a few minutes.")

    def warm_up(self, model: str) -> None:
        """Do nothing: what a lease needs was loaded at the start."""
        del model

    def seconds_per_mask(self, model: str) -> float | None:
        """Nothing is known of a GPU that comes and goes."""
        del model

    def _work(self, asked: tuple[Kind, str], tell: Callable[[Any], None], cancelled: Callable[[], bool]) -> None:
        kind, name = asked

        told = 0.0

        def tell_all(**news: Any) -> None:
            nonlocal told
            if news.get("state") == "hiding" and time.monotonic() - told < PAUSE:
                return  # a result travels with its picture, so not every one of them does
            told = time.monotonic()
            tell(news)

        tell(kind.begins())
        try:
            worker = self._worker(kind.model)
        except AppError as error:
            tell(ended_by(error, name))
        else:
            run(kind, worker, {}, name=name, tell=tell_all, cancelled=cancelled)

    def _worker(self, model: str) -> Worker:
        if model not in self._workers:
            self._workers[model] = self._open(model)
        return self._workers[model]
