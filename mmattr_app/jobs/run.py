"""Run one request through the pipeline and tell how its snapshot changes, whatever happens."""

import time
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.domain import Answer, Attribution, Keeps, LogProbs, Segmentation
from mmattr_app.jobs.changes import ANSWERING, ended_by
from mmattr_app.jobs.job import Cutting, Request, Sharpening, Wanted
from mmattr_app.methods.surrogate import to_logits
from mmattr_app.pipeline import Listener
from mmattr_app.probe import Memo

ENOUGH = 12  # random masks before an estimate is worth a look

Tell: TypeAlias = Callable[..., None]  # takes the fields of a Snapshot that are new


def run(
    request: Wanted,
    worker: Worker,
    memo: Memo,
    *,
    name: str,
    tell: Tell,
    cancelled: Callable[[], bool],
) -> None:
    """Take a request to its end and tell every change of its snapshot; nothing escapes but into the log."""
    follower = _Follower(tell)
    listener = follower.listener(cancelled)
    try:
        if isinstance(request, Cutting):
            cut = pipeline.segment(request.image, request.regions, worker, listener)
            tell(state="done", says="", segmentation=cut)
        elif isinstance(request, Sharpening):
            finer = pipeline.sharpen(worker, request.attribution, request.tokens, memo=memo, listener=listener)
            tell(**_end(finer, follower))
        else:
            follower.expect((cut := _cut(request, worker, listener, tell)).regions)
            answer = pipeline.ask(worker, request.question, request.text, listener)
            done = pipeline.explain(worker, answer, cut, request.plan, memo=memo, listener=listener)
            tell(**_end(done, follower))
    except Exception as error:  # noqa: BLE001  (it is told, or logged)
        tell(**ended_by(error, name, follower.done, follower.of))


def _cut(request: Request, worker: Worker, listener: Listener, tell: Tell) -> Segmentation:
    """Find the regions first where nobody did so before; what depends on them can be checked only then."""
    if request.segmentation is not None:
        return request.segmentation
    cut = pipeline.segment(request.question.image, request.regions, worker, listener)
    pipeline.check(request.question, cut, request.plan)
    tell(**ANSWERING, segmentation=cut)
    return cut


def _end(done: Attribution, follower: "_Follower") -> dict[str, Any]:
    return {
        "state": "done",
        "says": f"{follower.done} masks in {follower.seconds:.1f} s",
        "of": follower.done,  # which may be fewer than could have been needed
        "scores": done.scores.values,
        "unit": done.scores.unit,
        "full": done.logprob_full,
        "blank": done.logprob_blank,
        "hiding": None,
        "segmentation": done.segmentation,
        "attribution": done,
    }


class _Follower:
    """Turns what the pipeline tells into changes of the snapshot."""

    def __init__(self, tell: Tell) -> None:
        self._regions = 0
        self._tell = tell
        self._started = time.monotonic()
        self.done = 0
        self._known: dict[str, Any] = {"full": None, "blank": None, "scores": None}
        self._mixed: list[tuple[NDArray[np.bool_], NDArray[np.float64]]] = []  # masks that hide several, their logits
        self.of = 0

    def listener(self, cancelled: Callable[[], bool]) -> Listener:
        return Listener(
            on_text=self.on_text,
            on_answer=self.on_answer,
            on_chunk=self.on_chunk,
            on_regions=self.on_regions,
            on_cutting=self.on_cutting,
            cancelled=cancelled,
        )

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def expect(self, regions: int) -> None:
        self._regions = regions

    def on_cutting(self, words: str) -> None:
        self._tell(state="cutting", says=f"finding regions: {words}")

    def on_text(self, text: str) -> None:
        self._tell(text=text)

    def on_answer(self, answer: Answer, masks: int) -> None:
        self.of = masks
        self._started = time.monotonic()
        if self._known["scores"] is None:  # those of regions that are to be cut finer are known
            self._known["scores"] = np.full((self._regions, len(answer.tokens)), np.nan, np.float32)
        scores = self._known["scores"]
        self._tell(state="hiding", says="hiding regions", text=answer.text, answer=answer, scores=scores, of=masks)

    def on_regions(self, segmentation: Segmentation, scores: NDArray[np.float32]) -> None:
        self._regions = segmentation.regions
        self._known["scores"] = scores
        self._tell(segmentation=segmentation, scores=scores, hiding=None)

    def on_chunk(self, keeps: Keeps, logprobs: LogProbs) -> None:
        """Show what is known so far, whatever the method: it decides only at the end."""
        news: dict[str, Any] = self._known | {"scores": self._known["scores"].copy()}
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
        self._known = {name: news[name] for name in self._known}
        self.done += len(keeps)
        self._tell(**news, done=self.done, says=self._says())

    def _says(self) -> str:
        left = self.seconds / self.done * (self.of - self.done)
        return f"hiding: {self.done} of {self.of} masks, {max(1, round(left))} s left"


def _slopes(mixed: list[tuple[NDArray[np.bool_], NDArray[np.float64]]]) -> NDArray[np.float32]:  # [regions, tokens]
    """Estimate what showing a region adds to each logit, every region by itself: rough, and better with every mask."""
    keeps, logits = (np.stack(column) for column in zip(*mixed, strict=True))
    shown = keeps - keeps.mean(axis=0)
    together = shown.T @ (logits - logits.mean(axis=0))
    return (together / np.maximum((shown**2).sum(axis=0), 1e-9)[:, None]).astype(np.float32)
