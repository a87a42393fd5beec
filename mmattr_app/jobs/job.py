"""One job in the background: its id, its snapshot, its followers, how it is cancelled, and how it is run."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from threading import Condition
from typing import Any, Literal, TypeAlias

from numpy.typing import NDArray

from mmattr_app.contracts import Worker
from mmattr_app.domain import Answer, Attribution
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.jobs.kinds import Changes, Kind
from mmattr_app.pipeline import Listener, Progress
from mmattr_app.probe import Memo
from mmattr_app.segmentation import Segmentation
from mmattr_app.settings import settings
from mmattr_app.studies.compared_maps import Comparison

State: TypeAlias = Literal["queued", "cutting", "answering", "hiding", "done", "failed", "cancelled"]

PATIENCE = 30.0  # seconds after which a job without followers is cancelled: enough to reload a page
REST = 3.0  # seconds after which a job without followers pauses, until somebody follows it again
HEARTBEAT = 2.0  # seconds after which a snapshot is repeated if nothing changes
TOGETHER = 0.02  # seconds within which changes are told as one: the last mask and the end, say
LOOK = 0.1  # seconds between two checks whether a paused job should end

log = logging.getLogger("mmattr")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The whole state of a job at one moment, so that a late follower needs nothing else."""

    state: State = "queued"
    says: str = "waiting"  # the state in words
    text: str = ""  # the answer so far
    segmentation: Segmentation | None = None  # regions that the job found
    attribution: Attribution | None = None  # the result so far
    found: Attribution | None = None  # at the end of a job about a result: this result measured, or a second map
    answer: Answer | None = None  # at the end of a job without a map
    comparison: Comparison | None = None  # the maps so far, of a job that compares several
    hiding: int | None = None  # number of the player that was hidden last; None if several were
    done: int = 0  # masks scored so far
    total: int = 0  # masks in all, at most

    @property
    def result(self) -> Attribution | None:
        """Give the finished result."""
        return self.attribution if self.state == "done" else None

    @property
    def ended(self) -> bool:
        """Say whether the job has ended, in whatever way."""
        return self.state in ("done", "failed", "cancelled")


class Job:
    """A request (its kind) and its snapshot, which threads change and followers watch."""

    def __init__(
        self,
        kind: Kind,
        session: str = "",
        *,
        visitor: str = "",
        patience: float = PATIENCE,
        rest: float = REST,
        keep: Callable[["Job", Attribution], None] = lambda job, result: None,  # noqa: ARG005
    ) -> None:
        """Make an unguessable id; jobs of one `session` share its turns, and `keep` stores the result."""
        self.id = secrets.token_urlsafe(16)
        self.kind = kind
        self.session, self.visitor = session, visitor
        self.started_at: float | None = None
        self._patience, self._rest, self._keep = patience, rest, keep
        self._changed = Condition()
        self._wakers: list[Callable[[], None]] = []  # of followers in event loops
        self._snapshot = Snapshot()
        self._version = 0
        self.followers = 0
        self._left_alone_at = time.monotonic()
        self._cancelled = False

    @property
    def name(self) -> str:
        """Give its name in the log: the start of its id, too short to open it."""
        return self.id[:6]

    @property
    def snapshot(self) -> Snapshot:
        """Give the snapshot."""
        return self._snapshot

    def change(self, **fields: Any) -> None:
        """Change fields of the snapshot and wake every follower; a finished result is stored first."""
        if fields.get("state") == "done" and (result := fields.get("attribution")):
            self._keep(self, result)
        with self._changed:
            if not self._snapshot.ended:
                self._snapshot = replace(self._snapshot, **fields)
                self._version += 1
                if self.started_at is None and self._snapshot.state != "queued":
                    self.started_at = time.monotonic()
            self.wake()

    def wake(self) -> None:
        """Wake all followers, so that one whose tab follows another job now ends at once."""
        with self._changed:
            self._changed.notify_all()
            for waker in self._wakers:
                waker()

    def renew(self, result: Attribution) -> None:
        """Replace the finished result by one with more in it, such as figures."""
        with self._changed:
            self._snapshot = replace(self._snapshot, attribution=result)

    @property
    def nbytes(self) -> int:
        """Count the bytes of its pictures and regions."""
        return sum(array.nbytes for array in {id(array): array for array in self._arrays()}.values())

    def cancel(self) -> None:
        """Ask it to stop soon; the result so far stays in the snapshot."""
        self._cancelled = True

    def unwanted(self) -> bool:
        """Say whether it should stop: it was cancelled, or nobody has followed it for too long."""
        return self._cancelled or self._is_alone_for(self._patience)

    def check(self) -> None:
        """Raise Cancelled if it should stop, and AppError if it has run too long."""
        if self.unwanted():
            raise Cancelled
        limit = settings().max_minutes
        if self.started_at is not None and time.monotonic() - self.started_at > limit * 60:
            raise AppError(
                f"This took longer than {limit} minutes and was stopped; cut the picture more coarsely, or choose a "
                "smaller model."
            )

    def rest_while_alone(self) -> None:
        """Pause while nobody follows; raise Cancelled when the job should end.

        A page that is closed and one that is reloaded look the same at first; a reloaded page soon follows again.
        """
        with self._changed:
            while self._is_alone_for(self._rest):
                if self.unwanted():
                    raise Cancelled
                self._changed.wait(LOOK)

    def follow(self, *, pause: float = 0.1) -> Generator[Snapshot, None, None]:
        """Yield the snapshot after each change, at most one every `pause` seconds, until the job has ended.

        Without a change the snapshot is repeated every HEARTBEAT, so that the caller notices a closed page.
        """
        with self._followed():
            seen = -1
            while True:
                with self._changed:
                    self._changed.wait_for(lambda seen=seen: self._version != seen, timeout=HEARTBEAT)
                    seen, snapshot = self._version, self._snapshot
                yield snapshot
                if snapshot.ended:
                    return
                time.sleep(pause)

    async def follow_async(self, *, pause: Callable[[], float] = lambda: 0.1) -> AsyncGenerator[Snapshot, None]:
        """Do the same in an event loop, without a thread that waits; the end is yielded without a pause."""
        loop, news, end = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(news.set)
                if self._snapshot.ended:
                    loop.call_soon_threadsafe(end.set)

        with self._followed(wake):
            while True:
                news.clear()
                snapshot, yielded = self._snapshot, loop.time()
                yield snapshot
                if snapshot.ended:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), HEARTBEAT)
                    await asyncio.wait_for(end.wait(), max(TOGETHER, yielded + pause() - loop.time()))

    @contextmanager
    def _followed(self, *wakers: Callable[[], None]) -> Generator[None, None, None]:
        with self._changed:
            self.followers += 1
            self._wakers.extend(wakers)
            self._changed.notify_all()  # the job may be paused
        try:
            yield
        finally:
            with self._changed:
                self.followers -= 1
                for waker in wakers:
                    self._wakers.remove(waker)
                self._left_alone_at = time.monotonic()

    def _arrays(self) -> Iterator[NDArray[Any]]:
        """List the large arrays; some come twice."""
        yield from self.kind.arrays()
        cuts = [self._snapshot.segmentation]
        if result := self._snapshot.attribution:
            cuts.append(result.players.segmentation)
            yield result.scores.values
        yield from (array for cut in cuts if cut for array in (cut.atoms, cut.holds))

    def _is_alone_for(self, seconds: float) -> bool:
        return self.followers == 0 and time.monotonic() - self._left_alone_at > seconds


def run(
    kind: Kind,
    worker: Worker,
    memo: Memo,
    *,
    name: str,
    tell: Callable[..., None],
    cancelled: Callable[[], bool],
) -> None:
    """Run a kind to its end and pass every change of the snapshot to `tell`; errors become changes too."""
    reporter = _Reporter(tell)
    listener = Listener(
        on_segmenting=reporter.on_segmenting,
        on_text=reporter.on_text,
        on_result=reporter.on_result,
        cancelled=cancelled,
    )
    try:
        end = kind.run(worker, memo, listener, tell)
    except Exception as error:  # noqa: BLE001  (it goes to the snapshot or the log)
        tell(**ended_by(error, name, reporter.done, reporter.total))
    else:
        tell(**reporter.ended() | {"state": "done"} | end)


def ended_by(error: Exception, name: str, done: int = 0, total: int = 0) -> Changes:
    """Give the last changes of a job that an error ended; a bug's details go to the log only."""
    if isinstance(error, Cancelled):
        return {"state": "cancelled", "says": f"cancelled after {done} of {total} masks" if total else "cancelled"}
    if isinstance(error, AppError):
        return {"state": "failed", "says": str(error)}
    log.error("job %s failed", name, exc_info=error)
    return {"state": "failed", "says": f"Something went wrong here, not with your picture; it is logged as {name}."}


class _Reporter:
    """Turns the pipeline's callbacks into changes of the snapshot."""

    def __init__(self, tell: Callable[..., None]) -> None:
        self._tell = tell
        self._started: float | None = None  # time of the first sketch, before any mask
        self.done = self.total = 0

    def on_segmenting(self, words: str) -> None:
        self._tell(state="cutting", says=f"finding regions: {words}")

    def on_text(self, text: str) -> None:
        self._tell(text=text)

    def on_result(self, result: Attribution, progress: Progress) -> None:
        self.done, self.total = progress.done, progress.total
        if self._started is None:
            self._started = time.monotonic()
        self._tell(
            state="hiding",
            says=self._says(),
            text=result.answer.text,
            attribution=result,
            hiding=progress.hiding,
            done=self.done,
            total=self.total,
        )

    def ended(self) -> Changes:
        """Say how many masks it took; this may be fewer than expected."""
        return {"says": f"{self.done} masks in {self._seconds:.1f} s", "total": self.done, "hiding": None}

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._started if self._started else 0.0

    def _says(self) -> str:
        if not self.done:
            return "hiding regions"
        left = self._seconds / self.done * (self.total - self.done)
        return f"hiding: {self.done} of {self.total} masks, {max(1, round(left))} s left"
