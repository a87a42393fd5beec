"""What one open page is looking at; each browser tab has its own."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmattr_app.jobs import Job

_numbers = count(1)


class Session:
    """The job on show, and whose turn it is: of several followers only the newest may speak."""

    def __init__(self) -> None:
        """Start with nothing on show."""
        self.job: Job | None = None
        self.mine: list[Job] = []  # all that this tab asked for
        self.uploads: set[str] = set()
        self.turn = 0

    def take_turn(self) -> int:
        """Silence whoever followed before."""
        self.turn = next(_numbers)
        return self.turn

    def __deepcopy__(self, memo: object) -> Session:
        """Start empty: Gradio copies the first value for each new tab."""
        return Session()
