"""The queue of jobs: each runs in its own thread, and its model calls take turns on slots that all jobs share."""

import logging
import time
from collections import OrderedDict
from collections.abc import Sequence
from contextvars import copy_context
from threading import Lock, Thread
from typing import Protocol
from weakref import WeakSet

from mmattr_app import heaps
from mmattr_app.byte_lru import ByteLRU
from mmattr_app.contracts import Slot
from mmattr_app.domain import Attribution, LogProbs
from mmattr_app.errors import AppError
from mmattr_app.jobs.job import Job, ended_by, run
from mmattr_app.jobs.kinds import Kind
from mmattr_app.jobs.store import Store
from mmattr_app.settings import settings
from mmattr_app.workers import monitoring
from mmattr_app.workers.queued import QueuedWorker
from mmattr_app.workers.scheduler import Scheduler, Turn

MEMO = 64_000_000  # bytes of the memo of log-probs, which has a row for each mask: those of hundreds of runs
OVERHEAD = 300  # bytes of a row besides its numbers

KEPT = 20  # ended jobs in memory, for followers that come back; older results are in the store only
KEPT_BYTES = 128_000_000  # of their pictures and regions; the newest job stays whatever its size

log = logging.getLogger("mmattr")


class SharedSlots:
    """Runs many jobs at a time on shared slots."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        """Take the slots."""
        self._memo = ByteLRU[bytes, LogProbs](MEMO, lambda row: row.nbytes + OVERHEAD)
        self.scheduler = Scheduler(slots, warm=settings().warm_models, memo=self._memo)

    def __call__(self, job: Job) -> None:
        """Run a job to its end."""
        model = job.kind.model

        def look(turn: Turn) -> None:
            job.check()
            if job.snapshot.state == "queued":
                if turn.started:
                    job.change(**job.kind.begins())
                elif (says := self._describe_wait(turn)) != job.snapshot.says:
                    job.change(says=says)

        def on_loading(words: str | None) -> None:
            begins, state = job.kind.begins(), job.snapshot.state
            changes = begins if state in ("queued", begins["state"]) else {"says": state}
            job.change(**changes | ({"says": words} if words else {}))

        worker = QueuedWorker(
            self.scheduler, job.session, model, look=look, on_loading=on_loading, rest=job.rest_while_alone
        )
        run(job.kind, worker, self._memo, name=job.name, tell=job.change, cancelled=job.unwanted)

    def warm_up(self, model: str) -> None:
        """Load a model before it is needed."""
        self.scheduler.warm_up(model)

    def seconds_per_mask(self, model: str) -> float | None:
        """Give the recent seconds for each mask; None if the model has not run yet."""
        return self.scheduler.throughput.mask.get(model)

    def _describe_wait(self, turn: Turn) -> str:
        place, seconds = self.scheduler.place(turn)
        if place == 1:
            return "next in the queue"
        return f"number {place} in the queue, about {max(1, round(seconds))} s"


class Processor(Protocol):
    """Runs jobs, several at a time."""

    def __call__(self, job: Job) -> None:
        """Run a job to its end."""
        ...

    def seconds_per_mask(self, model: str) -> float | None:
        """Give the recent seconds for each mask; None if the model has not run yet."""
        ...

    def warm_up(self, model: str) -> None:
        """Load a model before it is needed."""
        ...


class JobQueue:
    """The queue of jobs: starts each in its own thread, and finds it again by its id."""

    def __init__(self, processor: Processor, store: Store) -> None:
        """`processor` runs the jobs, `store` keeps their results."""
        self._processor, self.store = processor, store
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = Lock()
        self._threads: WeakSet[Thread] = WeakSet()
        self._closed = ""

    @classmethod
    def on(cls, slots: list[Slot], store: Store) -> "JobQueue":
        """Make a queue whose jobs share these slots."""
        return cls(SharedSlots(slots), store)

    def submit(self, kind: Kind, session: str = "", visitor: str = "") -> Job:
        """Start a job in its own thread, where it waits for its turns; a visitor may have many sessions."""
        job = Job(kind, session, visitor=visitor, keep=self._keep)
        with self._lock:
            self._check_room(session, visitor)
            self._jobs[job.id] = job
            self._forget_old()
        # The thread gets the caller's context, since ZeroGPU counts a lease to the visitor found there.
        run = copy_context().run
        thread = Thread(target=run, args=(self._work, job), daemon=True, name=f"mmattr-job-{job.name}")
        thread.start()
        with self._lock:
            self._threads.add(thread)
        return job

    def close(self, says: str, patience: float) -> None:
        """Cancel every job with this sentence and accept no more; wait up to `patience` seconds for their threads."""
        with self._lock:
            self._closed = says
            open_jobs = [job for job in self._jobs.values() if not job.snapshot.ended]
            threads = list(self._threads)
        for job in open_jobs:
            job.change(state="cancelled", says=says)
            job.cancel()
        end = time.monotonic() + patience
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))

    def find(self, job_id: str) -> Job | None:
        """Find a job by its id; whoever knows the id may see the job."""
        return self._jobs.get(job_id)

    def renew(self, job_id: str, result: Attribution) -> None:
        """Replace a finished result by one with more in it, in memory and in the store."""
        if job := self.find(job_id):
            job.renew(result)
        try:
            self.store.renew(job_id, result)
        except OSError:
            log.exception("what was found out about a result could not be stored")

    def jobs(self) -> list[Job]:
        """List the jobs in memory, the oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def forget(self, job_id: str) -> None:
        """Cancel a job and delete its result."""
        with self._lock:
            job = self._jobs.pop(job_id, None)
        if job:
            job.cancel()
        self.store.delete(job_id)

    def warm_up(self, model: str) -> None:
        """Load a model before it is needed."""
        self._processor.warm_up(model)

    def seconds_per_mask(self, model: str) -> float | None:
        """Give the recent seconds for each mask; None if they are not known."""
        return self._processor.seconds_per_mask(model)

    def _work(self, job: Job) -> None:
        try:
            self._processor(job)
        except Exception as error:  # noqa: BLE001  (it goes to the snapshot or the log)
            job.change(**ended_by(error, job.name))
        monitoring.JOBS.labels(job.snapshot.state).inc()
        log.info(_line(job))
        heaps.give_back()

    def _keep(self, job: Job, result: Attribution) -> None:
        try:
            if job.id in self._jobs:  # else it was deleted meanwhile
                self.store.put(job.id, result)
        except OSError:
            log.exception("the result of job %s could not be stored", job.name)

    def _check_room(self, session: str, visitor: str) -> None:
        if self._closed:
            raise AppError(self._closed)
        limits = settings()
        open_jobs = [job for job in self._jobs.values() if not job.snapshot.ended]
        if len(open_jobs) >= limits.max_jobs:
            raise AppError(f"{limits.max_jobs} jobs are waiting already; try again in a minute.")
        if sum(job.nbytes for job in open_jobs) > limits.max_jobs_megabytes * 1_000_000:
            raise AppError("The pictures of the jobs that wait fill the memory; try again in a minute.")
        if session and sum(job.session == session for job in open_jobs) >= limits.max_jobs_each:
            raise AppError(f"{limits.max_jobs_each} jobs of yours are waiting already; cancel one or wait for it.")
        if visitor and sum(job.visitor == visitor for job in open_jobs) >= limits.max_jobs_visitor:
            raise AppError(f"{limits.max_jobs_visitor} jobs from where you are wait already; try again in a minute.")

    def _forget_old(self) -> None:
        held = 0
        ended = [job for job in reversed(self._jobs.values()) if job.snapshot.ended]  # the newest first
        for place, job in enumerate(ended):
            held += job.nbytes
            if place >= KEPT or (place and held > KEPT_BYTES):
                del self._jobs[job.id]


def _line(job: Job) -> str:
    """Write the job's line in the log; texts are escaped, pictures are never logged."""
    end = job.snapshot
    regions = end.attribution.players.count if end.attribution else end.segmentation.regions if end.segmentation else 0
    tokens = len(end.attribution.answer.tokens) if end.attribution else 0
    seconds = time.monotonic() - job.started_at if job.started_at else 0.0
    prompt = f" prompt={job.kind.question.prompt!a}" if settings().log_prompts else ""
    return (
        f"job {job.name} model={job.kind.model!a} regions={regions} tokens={tokens} "
        f"masks={end.done} seconds={seconds:.2f} outcome={end.state}{prompt}"
    )
