"""Jobs on leased GPUs: a whole run is one call into another process, whose news keep the job true."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from mmattr_app.contracts import Worker
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.jobs.changes import ended_by, first
from mmattr_app.jobs.job import Cutting, Job, Sharpening, Wanted
from mmattr_app.jobs.run import run
from mmattr_app.methods import METHODS
from mmattr_app.pipeline import SHARPENING, count_masks
from mmattr_app.workers.zerogpu import leased

A_MASK = 0.1  # seconds, as a guess before the first lease: too long a lease waits longer for a GPU
A_CUT = 60.0  # seconds, as a guess
USUAL = 100  # regions, where nobody can know yet how many will be found

log = logging.getLogger("mmattr")


class Leased:
    """Processes jobs, each in a lease of its own."""

    def __init__(self, open_worker: Callable[[str], Worker], models: Sequence[str]) -> None:
        """Load the models in this process: a lease is a fork of it, and finds them there."""
        self._lease = leased(self._work, _seconds)  # first: it makes a GPU seem present
        self._workers = {model: open_worker(model) for model in models}
        self._open = open_worker

    def __call__(self, job: Job) -> None:
        """Take a job to its end."""
        job.change(says="waiting for a GPU")
        news = self._lease((job.request, job.name))
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

    def pace(self, model: str) -> float | None:
        """Nothing is known of a GPU that comes and goes."""
        del model

    def _work(self, asked: tuple[Wanted, str], tell: Callable[[Any], None], cancelled: Callable[[], bool]) -> None:
        request, name = asked

        def tell_all(**news: Any) -> None:
            tell(news)

        tell(first(request))
        try:
            worker = self._worker(request.model)
        except AppError as error:
            tell(ended_by(error, name))
        else:
            run(request, worker, {}, name=name, tell=tell_all, cancelled=cancelled)

    def _worker(self, model: str) -> Worker:
        if model not in self._workers:
            self._workers[model] = self._open(model)
        return self._workers[model]


def _seconds(asked: tuple[Wanted, str]) -> float:
    request = asked[0]
    if isinstance(request, Cutting):
        return A_CUT
    if isinstance(request, Sharpening):
        return A_MASK * (2 + SHARPENING)
    if request.segmentation is None:
        plan = request.plan
        return A_CUT + A_MASK * (2 + len(METHODS[plan.method].masks(USUAL, plan.budget, plan.seed)))
    return A_MASK * count_masks(request.segmentation, request.plan)
