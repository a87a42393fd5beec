"""Jobs that share slots: each in a thread of its own, its model calls in turns."""

from collections.abc import Sequence

from mmattr_app.contracts import Slot
from mmattr_app.domain import LogProbs
from mmattr_app.jobs.job import Job
from mmattr_app.jobs.run import run
from mmattr_app.settings import settings
from mmattr_app.workers.byte_lru import ByteLRU
from mmattr_app.workers.queued import QueuedWorker
from mmattr_app.workers.scheduler import Scheduler, Turn

MEMO = 256_000_000  # bytes of log-probs that are remembered, one row for each mask ever asked
OVERHEAD = 200  # bytes that a row takes besides its numbers


class SharedSlots:
    """Processes jobs, many at a time, on what slots there are."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        """Share these slots."""
        self.scheduler = Scheduler(slots, warm=settings().warm_models)
        self._memo = ByteLRU[bytes, LogProbs](MEMO, lambda row: row.nbytes + OVERHEAD)

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

        worker = QueuedWorker(
            self.scheduler, job.session, model, look=look, on_loading=on_loading, rest=job.rest_while_alone
        )
        run(job.kind, worker, self._memo, name=job.name, tell=job.change, cancelled=job.unwanted)

    def warm_up(self, model: str) -> None:
        """Load a model before anybody asks."""
        self.scheduler.warm_up(model)

    def seconds_per_mask(self, model: str) -> float | None:
        """Tell the seconds a mask took of late; None when the model did not run yet."""
        return self.scheduler.throughput.mask.get(model)

    def _waits(self, turn: Turn) -> str:
        place, seconds = self.scheduler.place(turn)
        if place == 1:
            return "next in the queue"
        return f"number {place} in the queue, about {max(1, round(seconds))} s"
