"""Which tabs are open, by their open streams. The state of closed tabs is removed here, since Gradio keeps it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

# Closed tabs whose state is kept, since they may come back: a laptop that slept, a page in the background of a phone.
KEPT = 100
KEPT_FOR = timedelta(minutes=30)


class Connections:
    """Counts the open streams of each tab, and removes the state of closed tabs; only the event loop may call it."""

    def __init__(self, page: Any) -> None:
        """Take the page of Gradio whose tabs are counted; a tab is known by its session hash."""
        self._page = page
        self._open: Counter[str] = Counter()  # for each tab: heartbeats and streams of events
        self._listening: Counter[str] = Counter()  # for each tab: streams of events only

    def is_listening(self, tab: str | None) -> bool:
        """Say whether the tab has an open stream of events."""
        return tab in self._listening

    @contextmanager
    def stream(self, tab: str, *, of_events: bool) -> Iterator[None]:
        """Count a stream of a tab for as long as it is open."""
        counters = (self._open, self._listening) if of_events else (self._open,)
        for counter in counters:
            counter[tab] += 1
        try:
            yield
        finally:
            for counter in counters:
                counter[tab] -= 1
                if not counter[tab]:
                    del counter[tab]

    async def forget(self) -> None:
        """Remove the state that Gradio keeps of closed tabs, except for the newest `KEPT` of them."""
        holder, queue = self._page.state_holder, self._page._queue  # noqa: SLF001  (Gradio has no call for this)
        used = holder.time_last_used
        left = [tab for tab in holder.session_data if tab not in self._open]  # sorted: the last used at the end
        old = datetime.now() - KEPT_FOR  # noqa: DTZ005  (Gradio's times have no zone)
        for place, tab in enumerate(left):
            if place < len(left) - KEPT or used.get(tab, old) < old:
                await queue.clean_events(session_hash=tab)  # first, since an event that still runs would write to it
                for kept in (holder.session_data, used, queue.pending_messages_per_session):
                    kept.pop(tab, None)
                queue.pending_event_ids_session.pop(tab, None)
