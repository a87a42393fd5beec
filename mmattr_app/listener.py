"""Callbacks of a long run: how far it is, the result so far, and whether it is cancelled."""

from collections.abc import Callable
from dataclasses import dataclass

from mmattr_app.domain import Attribution


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    done: int  # masks scored so far
    total: int  # masks in all, at most
    hiding: int | None = None  # the player that the last mask hid; None if it hid several


def ignore(*_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Listener:
    """Functions that a long run calls."""

    on_loading: Callable[[str], None] = ignore  # how far the model's download is, in words
    on_segmenting: Callable[[str], None] = ignore  # how far a slow segmenter is, in words
    on_text: Callable[[str], None] = ignore  # the answer so far
    on_result: Callable[[Attribution, Progress], None] = ignore  # the result so far, first before any mask is scored
    cancelled: Callable[[], bool] = lambda: False  # asked often; True ends the run with Cancelled


SILENT = Listener()
