"""How many follow a job at once: each takes one of Gradio's event slots as long as the job goes on."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from mmattr_app.errors import AppError
from mmattr_app.settings import settings


class Followers:
    """Counts them, for each visitor and in all; only the event loop may call it."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._visitors: Counter[str] = Counter()

    def check(self, visitor: str) -> None:
        """Refuse one too many."""
        limits = settings()
        if self._visitors.total() >= limits.max_followers:
            raise AppError(f"{limits.max_followers} tabs follow runs here already; try again in a minute.")
        if self._visitors[visitor] >= limits.max_followers_visitor:
            most = limits.max_followers_visitor
            raise AppError(f"{most} tabs from where you are follow runs already; close some, or try again in a minute.")

    @contextmanager
    def one(self, visitor: str) -> Iterator[None]:
        """Count one more meanwhile."""
        self.check(visitor)
        self._visitors[visitor] += 1
        try:
            yield
        finally:
            self._visitors[visitor] -= 1
            if not self._visitors[visitor]:
                del self._visitors[visitor]
