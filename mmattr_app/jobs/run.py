"""Run one job's kind on a worker and tell how its snapshot changes, whatever happens."""

import logging
import time
from collections.abc import Callable

from mmattr_app.contracts import Worker
from mmattr_app.domain import Attribution
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.jobs.kinds import Changes, Kind
from mmattr_app.pipeline import Listener, Progress
from mmattr_app.probe import Memo

log = logging.getLogger("mmattr")


def run(
    kind: Kind,
    worker: Worker,
    memo: Memo,
    *,
    name: str,
    tell: Callable[..., None],
    cancelled: Callable[[], bool],
) -> None:
    """Take it to its end and tell every change of its snapshot; nothing escapes but into the log."""
    follower = _Follower(tell)
    listener = Listener(
        on_segmenting=follower.on_segmenting,
        on_text=follower.on_text,
        on_result=follower.on_result,
        cancelled=cancelled,
    )
    try:
        end = kind.run(worker, memo, listener, tell)
    except Exception as error:  # noqa: BLE001  (it is told, or logged)
        tell(**ended_by(error, name, follower.done, follower.of))
    else:
        tell(**follower.ended() | {"state": "done"} | end)


def ended_by(error: Exception, name: str, done: int = 0, of: int = 0) -> Changes:
    """Say how a job ends that an error ends after so many masks; what is a bug, only the log knows."""
    if isinstance(error, Cancelled):
        return {"state": "cancelled", "says": f"cancelled after {done} of {of} masks" if of else "cancelled"}
    if isinstance(error, AppError):
        return {"state": "failed", "says": str(error)}
    log.error("job %s failed", name, exc_info=error)
    return {"state": "failed", "says": f"Something went wrong here, not with your picture; it is logged as {name}."}


class _Follower:
    """Turns what the pipeline tells into changes of the snapshot."""

    def __init__(self, tell: Callable[..., None]) -> None:
        self._tell = tell
        self._started: float | None = None  # when the first mask was asked
        self.done = self.of = 0

    def on_segmenting(self, words: str) -> None:
        self._tell(state="cutting", says=f"finding regions: {words}")

    def on_text(self, text: str) -> None:
        self._tell(text=text)

    def on_result(self, result: Attribution, progress: Progress) -> None:
        self.done, self.of = progress.done, progress.of
        if self._started is None:
            self._started = time.monotonic()
        self._tell(
            state="hiding",
            says=self._says(),
            text=result.answer.text,
            attribution=result,
            hiding=progress.hiding,
            done=self.done,
            of=self.of,
        )

    def ended(self) -> Changes:
        """Say how many masks it took, which may be fewer than could have been needed."""
        return {"says": f"{self.done} masks in {self._seconds:.1f} s", "of": self.done, "hiding": None}

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._started if self._started else 0.0

    def _says(self) -> str:
        if not self.done:
            return "hiding regions"
        left = self._seconds / self.done * (self.of - self.done)
        return f"hiding: {self.done} of {self.of} masks, {max(1, round(left))} s left"
