"""What a caller hears of a long run while it lasts, and the way to end it."""

from collections.abc import Callable
from dataclasses import dataclass

from mmattr_app.domain import Attribution


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    done: int  # masks answered
    of: int  # masks, at most
    hiding: int | None = None  # the player of the result that was hidden last, where it was one alone


def ignore(*_: object) -> None:
    """Hear nothing."""


@dataclass(frozen=True)
class Listener:
    """What a caller wants to hear of a long run, and its way to end it."""

    on_loading: Callable[[str], None] = ignore  # how far the model's download is
    on_segmenting: Callable[[str], None] = ignore  # how far a segmenter is that takes its time, in words
    on_text: Callable[[str], None] = ignore  # the answer so far
    on_result: Callable[[Attribution, Progress], None] = ignore  # the result so far, from before the first mask on
    cancelled: Callable[[], bool] = lambda: False


SILENT = Listener()
