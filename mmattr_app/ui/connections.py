"""Which tabs are there, by the streams that they hold open; those that left are forgotten, since Gradio keeps them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

KEPT = 100  # tabs that left and may come back to what they had: a laptop that slept, a page in a telephone's background
KEPT_FOR = timedelta(minutes=30)


class Connections:
    """Counts the streams of each tab, and forgets the tabs that left; only the event loop may call it."""

    def __init__(self, page: Any) -> None:
        """Look after the tabs of a page of Gradio's, each known by its session hash."""
        self._page = page
        self._open: Counter[str] = Counter()  # streams of both kinds
        self._listening: Counter[str] = Counter()  # those that bring events

    def is_listening(self, tab: str | None) -> bool:
        """Say whether the tab hears of its events."""
        return tab in self._listening

    @contextmanager
    def stream(self, tab: str, *, of_events: bool) -> Iterator[None]:
        """Count a stream while it is open."""
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
        """Let go of what Gradio keeps of tabs that left, but for the newest: it keeps most of it for good."""
        holder, queue = self._page.state_holder, self._page._queue  # noqa: SLF001  (Gradio has no call for this)
        used = holder.time_last_used
        left = [tab for tab in holder.session_data if tab not in self._open]  # the last used at the end
        old = datetime.now() - KEPT_FOR  # noqa: DTZ005  (as Gradio notes it)
        for place, tab in enumerate(left):
            if place < len(left) - KEPT or used.get(tab, old) < old:
                await queue.clean_events(session_hash=tab)  # first: what runs still would write to it
                for kept in (holder.session_data, used, queue.pending_messages_per_session):
                    kept.pop(tab, None)
                queue.pending_event_ids_session.pop(tab, None)
