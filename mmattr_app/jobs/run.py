"""Run one job: drive the pipeline and keep the job's snapshot true, whatever happens."""

import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.domain import Answer, Keeps, LogProbs
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.jobs.job import Job
from mmattr_app.methods.surrogate import to_logits
from mmattr_app.pipeline import Listener
from mmattr_app.probe import Memo

ENOUGH = 12  # random masks before an estimate is worth a look

log = logging.getLogger("mmattr")


def run(job: Job, worker: Callable[[], Worker], memo: Memo) -> float | None:
    """Take a job to its end and give the seconds a mask took; nothing escapes but into the log."""
    try:
        return _run(job, worker, memo)
    except Cancelled:
        so_far = f" after {job.snapshot.done} of {job.snapshot.of} masks" if job.snapshot.of else ""
        job.change(state="cancelled", says=f"cancelled{so_far}")
    except AppError as error:
        job.change(state="failed", says=str(error))
    except Exception:
        log.exception("job %s failed", job.id)
        sentence = f"Something went wrong here, not with your picture; it is logged as {job.id[:6]}."
        job.change(state="failed", says=sentence)
    return None


def _run(job: Job, worker: Callable[[], Worker], memo: Memo) -> float | None:
    request = job.request
    if job.unwanted():
        raise Cancelled
    job.change(state="answering", says=f"loading the model {request.model}")
    ready = worker()
    follower = _Follower(job)
    listener = Listener(follower.on_text, follower.on_answer, follower.on_chunk, job.unwanted)
    job.change(says="answering")
    remembered = len(memo)
    answer = pipeline.ask(ready, request.question, request.text, listener)
    done = pipeline.explain(ready, answer, request.segmentation, request.plan, memo=memo, listener=listener)
    job.change(
        state="done",
        says=f"{follower.of} masks in {follower.seconds:.1f} s",
        scores=done.scores.values,
        unit=done.scores.unit,
        full=done.logprob_full,
        blank=done.logprob_blank,
        hiding=None,
        attribution=done,
    )
    paid = len(memo) - remembered
    return follower.seconds / paid if paid else None


class _Follower:
    """Turns what the pipeline tells into the job's snapshot."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._regions = job.request.segmentation.regions
        self._started = time.monotonic()
        self._done = 0
        self._mixed: list[tuple[NDArray[np.bool_], NDArray[np.float64]]] = []  # masks that hide several, their logits
        self.of = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def on_text(self, text: str) -> None:
        self._job.change(text=text)

    def on_answer(self, answer: Answer, masks: int) -> None:
        self.of = masks
        self._started = time.monotonic()
        unknown = np.full((self._regions, len(answer.tokens)), np.nan, np.float32)
        self._job.change(
            state="hiding", says="hiding regions", text=answer.text, answer=answer, scores=unknown, of=masks
        )

    def on_chunk(self, keeps: Keeps, logprobs: LogProbs) -> None:
        """Show what is known so far, whatever the method: it decides only at the end."""
        so_far = self._job.snapshot
        assert so_far.scores is not None, "an answer comes before its masks"
        news: dict[str, Any] = {"full": so_far.full, "blank": so_far.blank, "scores": so_far.scores.copy()}
        for keep, logprob in zip(keeps, logprobs, strict=True):
            hidden = np.flatnonzero(~keep)
            if len(hidden) == 0:
                news["full"] = logprob
            elif not keep.any():
                news["blank"] = logprob
            elif len(hidden) == 1 and news["full"] is not None and keep[-1]:
                news["hiding"] = int(hidden[0])
                news["scores"][hidden[0]] = news["full"] - logprob
            else:
                self._mixed.append((keep[: self._regions], to_logits(logprob)))
        if len(self._mixed) >= ENOUGH:
            news |= {"scores": _slopes(self._mixed), "unit": "logits"}
        self._done += len(keeps)
        self._job.change(**news, done=self._done, says=self._says())

    def _says(self) -> str:
        left = self.seconds / self._done * (self.of - self._done)
        return f"hiding: {self._done} of {self.of} masks, {max(1, round(left))} s left"


def _slopes(mixed: list[tuple[NDArray[np.bool_], NDArray[np.float64]]]) -> NDArray[np.float32]:  # [regions, tokens]
    """Estimate what showing a region adds to each logit, every region by itself: rough, and better with every mask."""
    keeps, logits = (np.stack(column) for column in zip(*mixed, strict=True))
    shown = keeps - keeps.mean(axis=0)
    together = shown.T @ (logits - logits.mean(axis=0))
    return (together / np.maximum((shown**2).sum(axis=0), 1e-9)[:, None]).astype(np.float32)
