"""One call on its way through a slot: who asks, what is to be done, and what comes back."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Literal, TypeAlias

from mmattr_app.contracts import Call, Slot

Reply: TypeAlias = tuple[Literal["event", "loading", "error", "end"], Any]

LOOK = 0.1  # seconds between two looks at whether the call is still wanted


@dataclass(eq=False)
class Turn:
    """Filled by the thread of a slot, read by the thread of a job."""

    session: str
    model: str
    call: Call[Any] | None  # None: only load the model
    queued_at: float = field(default_factory=time.monotonic)
    started: bool = False
    unwanted: bool = False  # whoever asked has gone
    lost: int = 0  # workers that died over it
    lost_loading: int = 0  # workers that died as they loaded its model
    replies: SimpleQueue[Reply] = field(default_factory=SimpleQueue[Reply])

    def load(self, slot: Slot) -> int:
        """Load its model and send on how far that is; say how many pictures go through it at once."""
        batch = 0
        for event in slot.load(self.model):
            if isinstance(event, str):
                self.replies.put(("loading", event))
            else:
                batch = event
        assert batch, "the last event is the number of pictures"
        return batch

    def run(self, slot: Slot) -> None:
        """Run the call and send what comes of it; stop as soon as nobody wants it."""
        events = slot.run(self.model, self.call) if self.call else iter(())
        for event in events:
            if self.unwanted:
                close = getattr(events, "close", None)
                if close:
                    close()
                return
            self.replies.put(("event", event))
        self.replies.put(("end", None))

    def events(self, look: Callable[[], None], on_loading: Callable[[str | None], None]) -> Iterator[Any]:
        """Yield what comes back; `look` is called again and again meanwhile and may raise.

        `on_loading` hears in words how far the model is while it is being loaded, and None when it is ready.
        """
        while True:
            look()
            try:
                kind, content = self.replies.get(timeout=LOOK)
            except Empty:
                continue
            if kind == "end":
                return
            if kind == "error":
                raise content
            if kind == "loading":
                on_loading(content)
            else:
                yield content
