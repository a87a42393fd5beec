"""One job in the background: its id, how it stands, who follows it, its cancel, and how it is run to its end."""

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
from mmattr_app.studies.comparison import Comparison

State: TypeAlias = Literal["queued", "cutting", "answering", "hiding", "done", "failed", "cancelled"]

PATIENCE = 30.0  # seconds after which a job that nobody follows ends: long enough to reload a page
REST = 3.0  # seconds after which it asks the model nothing more until somebody follows it again
HEARTBEAT = 2.0
LOOK = 0.1  # seconds between two looks at whether a resting job should end

log = logging.getLogger("mmattr")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A job as it stands; whoever comes late reads one and knows all."""

    state: State = "queued"
    says: str = "waiting"
    text: str = ""  # the answer so far
    segmentation: Segmentation | None = None  # regions that the job itself found
    attribution: Attribution | None = None  # the result so far
    found: Attribution | None = None  # at the end: the result measured, or explained again, while it stays on show
    answer: Answer | None = None  # at the end, where no map was wanted
    comparison: Comparison | None = None  # the maps so far, where several were wanted
    hiding: int | None = None  # the player of the result that was hidden last
    done: int = 0  # masks answered
    of: int = 0  # masks, at most

    @property
    def result(self) -> Attribution | None:
        """Give the finished result."""
        return self.attribution if self.state == "done" else None

    @property
    def ended(self) -> bool:
        """Say whether nothing will change any more."""
        return self.state in ("done", "failed", "cancelled")


def _keep_nothing(job: "Job", result: Attribution) -> None:
    del job, result


class Job:
    """What somebody wants, on its way to an Attribution, or to the regions alone."""

    def __init__(
        self,
        kind: Kind,
        session: str = "",
        *,
        visitor: str = "",
        patience: float = PATIENCE,
        rest: float = REST,
        keep: Callable[["Job", Attribution], None] = _keep_nothing,
    ) -> None:
        """Give it an id that nobody can guess; jobs of one `session` share its turns, `keep` stores the result."""
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
        """Give what the log calls it: the beginning of its id, which opens nothing."""
        return self.id[:6]

    @property
    def snapshot(self) -> Snapshot:
        """Tell how it stands."""
        return self._snapshot

    def change(self, **fields: Any) -> None:
        """Set what is new and tell every follower; a result is stored before anybody hears of it."""
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
        """Have followers look up, so that one whose tab follows something else now ends at once."""
        with self._changed:
            self._changed.notify_all()
            for waker in self._wakers:
                waker()

    def renew(self, result: Attribution) -> None:
        """Take over more of a result that is finished."""
        with self._changed:
            self._snapshot = replace(self._snapshot, attribution=result)

    @property
    def nbytes(self) -> int:
        """Count the bytes of its pictures and regions."""
        return sum(array.nbytes for array in {id(array): array for array in self._arrays()}.values())

    def cancel(self) -> None:
        """Ask it to stop; it does so at once, and keeps what it has."""
        self._cancelled = True

    def unwanted(self) -> bool:
        """Say whether it should stop: cancelled, or left alone for too long."""
        return self._cancelled or self._is_alone_for(self._patience)

    def check(self) -> None:
        """Raise when it should stop, whatever the reason."""
        if self.unwanted():
            raise Cancelled
        limit = settings().max_minutes
        if self.started_at is not None and time.monotonic() - self.started_at > limit * 60:
            raise AppError(
                f"This took longer than {limit} minutes and was stopped; cut the picture more coarsely, or choose a "
                "smaller model."
            )

    def rest_while_alone(self) -> None:
        """Wait while nobody follows, for whoever loads the page again; raise when the job should end.

        A closed page and one that is being loaded again look the same: only what happens next tells them apart.
        """
        with self._changed:
            while self._is_alone_for(self._rest):
                if self.unwanted():
                    raise Cancelled
                self._changed.wait(LOOK)

    def follow(self, *, pause: float = 0.1) -> Generator[Snapshot, None, None]:
        """Yield how it stands whenever that changed, at most once a `pause`; the last one has ended.

        Without news it repeats itself every HEARTBEAT, so that whoever hands the snapshots on notices a closed page.
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
        """Do the same in an event loop, which the job's threads wake: no thread waits meanwhile."""
        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(news.set)

        with self._followed(wake):
            while True:
                news.clear()
                snapshot = self._snapshot
                yield snapshot
                if snapshot.ended:
                    return
                await asyncio.sleep(pause())
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), HEARTBEAT)

    @contextmanager
    def _followed(self, *wakers: Callable[[], None]) -> Generator[None, None, None]:
        with self._changed:
            self.followers += 1
            self._wakers.extend(wakers)
            self._changed.notify_all()  # it may have been resting
        try:
            yield
        finally:
            with self._changed:
                self.followers -= 1
                for waker in wakers:
                    self._wakers.remove(waker)
                self._left_alone_at = time.monotonic()

    def _arrays(self) -> Iterator[NDArray[Any]]:
        """List what is large, some of it twice."""
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
