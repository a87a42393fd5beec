"""GPUs lent by the call, as ZeroGPU does: a whole run happens in one lease, in another process."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportUnknownLambdaType=false
# (only such a Space has its types)
from collections.abc import Callable, Generator
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, TypeAlias

Tell: TypeAlias = Callable[[Any], None]
Work: TypeAlias = Callable[[Any, Tell, Callable[[], bool]], None]  # (request, tell, cancelled)
Lease: TypeAlias = Callable[[Any], Generator[Any, None, None]]

SETUP = 15  # seconds of a lease that are not masks
MOST = 120  # seconds that a person may have at once
END = object()  # of the news


def leased(work: Work, seconds: Callable[[Any], float]) -> Lease:
    """Make `work` a generator of what it tells, under a lease of about `seconds(request)`."""
    import spaces  # noqa: PLC0415  # pyright: ignore[reportMissingImports]  (only such a Space has it)

    @spaces.GPU(duration=lambda request: min(MOST, SETUP + seconds(request)))
    def lease(request: Any) -> Generator[Any, None, None]:
        yield from told(work, request)

    return lease


def told(work: Work, request: Any) -> Generator[Any, None, None]:
    """Do the work in a thread and yield what it tells; closing the generator cancels the work."""
    news: SimpleQueue[Any] = SimpleQueue()
    closed = Event()

    def tell_all() -> None:
        try:
            work(request, news.put, closed.is_set)
        finally:
            news.put(END)

    thread = Thread(target=tell_all, daemon=True)
    thread.start()
    try:
        yield from iter(news.get, END)
    finally:
        closed.set()
        thread.join()
