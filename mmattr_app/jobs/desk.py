"""The desk that takes jobs, runs them one after another, and finds them again by their id."""

from collections import OrderedDict
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread

from mmattr_app.contracts import Worker
from mmattr_app.domain import LogProbs
from mmattr_app.errors import AppError
from mmattr_app.jobs.job import Job, Request
from mmattr_app.jobs.run import run

WAITING = 100  # jobs that may wait; more are refused
KEPT = 100  # ended jobs that can still be followed
WARM = 2  # models kept in memory
REMEMBERED = 200_000  # masks, each a row of one number a token


class Memory(OrderedDict[bytes, LogProbs]):
    """What was ever asked, the oldest forgotten first."""

    def __setitem__(self, key: bytes, value: LogProbs) -> None:
        """Remember one mask."""
        super().__setitem__(key, value)
        if len(self) > REMEMBERED:
            self.popitem(last=False)


class Desk:
    """One queue in front of one processor."""

    def __init__(self, open_worker: Callable[[str], Worker]) -> None:
        """`open_worker` loads a model by its name; the last few stay warm."""
        self._open = open_worker
        self._warm: OrderedDict[str, Worker] = OrderedDict()
        self._memory = Memory()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._waiting: list[Job] = []
        self._pace: dict[str, float] = {}
        self._lock = Lock()
        self._calls: SimpleQueue[Job] = SimpleQueue()
        Thread(target=self._work, daemon=True, name="mmattr-desk").start()

    def submit(self, request: Request) -> Job:
        """Put a job at the end of the queue."""
        job = Job(request)
        with self._lock:
            if len(self._waiting) >= WAITING:
                raise AppError(f"{WAITING} jobs are waiting already; try again in a minute.")
            self._waiting.append(job)
            self._jobs[job.id] = job
            self._forget_old()
        self._tell_places()
        self._calls.put(job)
        return job

    def find(self, job_id: str) -> Job | None:
        """Find a job by its id, which is the only key to it."""
        return self._jobs.get(job_id)

    def jobs(self) -> list[Job]:
        """List the jobs that can still be found, the oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def forget(self, job: Job) -> None:
        """Cancel a job and keep nothing of it."""
        job.cancel()
        with self._lock:
            self._jobs.pop(job.id, None)

    def pace(self, model: str) -> float | None:
        """Tell the seconds a mask took when the model last ran; None when it did not yet."""
        return self._pace.get(model)

    def _work(self) -> None:
        while True:
            job = self._calls.get()
            with self._lock:
                self._waiting.remove(job)
            self._tell_places()
            model = job.request.model
            seconds = run(job, lambda model=model: self._worker(model), self._memory)
            if seconds is not None:
                self._pace[model] = seconds

    def _worker(self, model: str) -> Worker:
        if model not in self._warm:
            while len(self._warm) >= WARM:
                self._warm.popitem(last=False)
            self._warm[model] = self._open(model)
        self._warm.move_to_end(model)
        return self._warm[model]

    def _tell_places(self) -> None:
        with self._lock:
            waiting = [job for job in self._waiting if not job.snapshot.ended]
        for place, job in enumerate(waiting, start=1):
            job.change(says="next in the queue" if place == 1 else f"number {place} in the queue")

    def _forget_old(self) -> None:
        while len(self._jobs) > KEPT + WAITING:
            oldest = next(iter(self._jobs.values()))
            if not oldest.snapshot.ended:
                return
            del self._jobs[oldest.id]
