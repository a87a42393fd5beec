"""Everything the explorer shows at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from mmattr_app.domain import Attribution, Question, Segmentation

State: TypeAlias = Literal["empty", "queued", "cutting", "answering", "hiding", "done", "failed", "cancelled"]


@dataclass(frozen=True, eq=False)
class View:
    """A moment of a job, or of none: "empty" with a question and its regions is the preview."""

    state: State
    says: str = ""  # the state in words, or the sentence of an error
    question: Question | None = None  # before there is a result
    segmentation: Segmentation | None = None  # before there is a result
    text: str = ""  # the answer so far, while it is still being said
    attribution: Attribution | None = None  # the result so far
    hiding: int | None = None  # the player that is hidden right now
    done: int = 0  # masks asked
    of: int = 0  # masks to ask
    model_says: str = ""  # one line about the model
    drawing: Mapping[str, Any] | None = None  # {"number", "shapes"}: what is drawn by hand, while it can be drawn on
    edits: int | None = None  # changes by hand that can be taken back; None where the regions cannot be changed
    files: Mapping[str, str] = field(default_factory=dict[str, str])  # format, such as "json", to its URL
    job: str = ""
    live: bool = False  # there is somebody to sharpen the map, and to cut the picture anew
    base: str | None = None  # the job whose map this one is sharpened from
    sharpened: Sequence[int] = ()  # the tokens for which it is, or cannot be

    @property
    def asked(self) -> Question | None:
        """Give what was asked."""
        return self.attribution.answer.question if self.attribution else self.question

    @property
    def regions(self) -> Segmentation | None:
        """Give the regions of the picture."""
        return self.attribution.segmentation if self.attribution else self.segmentation
