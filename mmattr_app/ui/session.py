"""What one open page is looking at; each browser tab has its own."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmattr_app.jobs import Job

HISTORY = 8  # results that can be gone back to
_numbers = count(1)


class Session:
    """The job on show, and whose turn it is: of several followers only the newest may speak."""

    def __init__(self, expected: str = "") -> None:
        """Start with nothing on show; `expected` is the picture file that the page itself is about to show."""
        self.expected = expected
        self.job: Job | None = None
        self.mine: list[tuple[Job, str]] = []  # what this tab asked for, and the picture's file
        self.uploads: set[str] = set()
        self.turn = 0

    def history(self) -> list[tuple[Job, str]]:
        """List what came to an end well, the newest first."""
        return [(job, file) for job, file in reversed(self.mine) if job.snapshot.attribution][:HISTORY]

    def take_turn(self) -> int:
        """Silence whoever followed before."""
        self.turn = next(_numbers)
        return self.turn

    def leave(self) -> None:
        """Look at something else: what runs is not wanted any more."""
        self.take_turn()
        if self.job:
            self.job.cancel()
        self.job = None

    def __deepcopy__(self, memo: object) -> Session:
        """Start empty: Gradio copies the first value for each new tab."""
        return Session(self.expected)
