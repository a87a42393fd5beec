"""What one open page is looking at; each browser tab has its own."""

from dataclasses import dataclass
from itertools import count

from mmattr_app.jobs import Job

_numbers = count(1)


@dataclass
class Session:
    """The job on show, and how many followers were started: only the newest one may speak."""

    job: Job | None = None
    turn: int = 0

    def take_turn(self) -> int:
        """Silence whoever followed before."""
        self.turn = next(_numbers)
        return self.turn

    def __deepcopy__(self, memo: object) -> "Session":
        """Start empty: Gradio copies the first value for each new tab."""
        return Session()
