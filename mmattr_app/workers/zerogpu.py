"""ZeroGPU: a GPU is leased for one call; a whole run happens in one lease, in another process."""

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

SETUP = 15  # seconds of a lease besides the masks
MOST = 120  # seconds, the longest lease to ask for
END = object()  # ends the queue of events


def leased(work: Work, seconds: Callable[[Any], float]) -> Lease:
    """Turn `work` into a generator of its events, which runs in a lease of about `seconds(request)`."""
    import spaces  # noqa: PLC0415  # pyright: ignore[reportMissingImports]  (only such a Space has it)

    @spaces.GPU(duration=lambda request: min(MOST, SETUP + seconds(request)))
    def lease(request: Any) -> Generator[Any, None, None]:
        yield from run_in_thread(work, request)

    return lease


def run_in_thread(work: Work, request: Any) -> Generator[Any, None, None]:
    """Do the work in a thread and yield its events; closing the generator cancels the work."""
    events: SimpleQueue[Any] = SimpleQueue()
    closed = Event()

    def run() -> None:
        try:
            work(request, events.put, closed.is_set)
        finally:
            events.put(END)

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield from iter(events.get, END)
    finally:
        closed.set()
        thread.join()
