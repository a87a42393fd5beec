"""What one open page is looking at; each browser tab has its own."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from mmattr_app.errors import AppError
from mmattr_app.jobs import Job, Request, Sharpening
from mmattr_app.pictures import read_picture
from mmattr_app.ui.drawing import Drawing
from mmattr_app.ui.uploads import Uploads

if TYPE_CHECKING:
    from mmattr_app.domain import Attribution, Pixels, Segmentation
    from mmattr_app.explorer import View

HISTORY = 8  # results that can be gone back to
_numbers = count(1)


@dataclass
class Asked:
    """What this tab asked for."""

    job: str  # its id, which finds the result as long as it is kept
    prompt: str
    file: str  # the picture
    answer: str | None = None  # known when it came to an end well
    remark: str = ""


@dataclass(frozen=True, eq=False)
class Shown:
    """A finished result on the stage."""

    result: Attribution
    view: View
    model: str = ""  # as the queue knows it, where a job on this page asked it


@dataclass(frozen=True, eq=False)
class Cut:
    """The regions of a picture as they stand on the stage."""

    file: str  # the picture
    regions: str  # the text that they were made by
    segmentation: Segmentation
    before: tuple[Segmentation, ...] = ()  # what each change by hand began with

    def is_of(self, file: str | None, regions: str) -> bool:
        """Say whether these are the regions that a form asks for."""
        return (self.file, self.regions) == (file, regions)


class Session:
    """The job on show, and whose turn it is: of several followers only the newest may speak."""

    def __init__(self, expected: str = "") -> None:
        """Start with nothing on show; `expected` is the picture file that the page itself is about to show."""
        self.expected = expected
        self.job: Job | None = None
        self.id = token_urlsafe(8)  # whose turns these are
        self.mine: list[Asked] = []
        self.uploads = Uploads()
        self.turn = 0
        self.shown: list[Shown] = []  # the result on show is the last; each was made finer from that before it
        self.previewing = False  # the regions are on show, and nothing was asked yet
        self.cut: Cut | None = None
        self.drawing = Drawing()
        self._seen: tuple[str, Pixels] | None = None

    def look_at(self, file: str | None) -> Pixels:
        """Read a picture once; what was drawn on another one is not meant for it."""
        if not file:
            raise AppError("Choose a picture first: drop one, paste one, or press an example.")
        if self._seen is None or self._seen[0] != file:
            if not Path(file).is_file():  # deleted in another tab, or after its time
                raise AppError("This picture is not kept any more; choose it again.")
            self._seen = file, read_picture(file)
            self.drawing = Drawing()
        return self._seen[1]

    def forget(self) -> None:
        """Keep no picture and nothing made of one."""
        self.cut, self.drawing, self._seen = None, Drawing(), None
        self.shown.clear()

    def found(self, job: Job, file: str) -> None:
        """Keep the regions that a job found, for whatever is asked next; those that a run refined are its own."""
        request, segmentation = job.request, job.snapshot.segmentation
        if isinstance(request, Sharpening):
            return
        brought = isinstance(request, Request) and request.segmentation is not None
        if segmentation and not brought and not (self.cut and self.cut.is_of(file, request.regions)):
            self.cut = Cut(file, request.regions, segmentation)

    def note(self, job: Job, file: str) -> None:
        """Note what a result will be of, where there will be one."""
        wanted = job.request
        if isinstance(wanted, Request):
            self.mine.append(Asked(job.id, wanted.question.prompt, file))
        elif isinstance(wanted, Sharpening):
            prompt = wanted.attribution.answer.question.prompt
            self.mine.append(Asked(job.id, prompt, file, remark="Sharpened: "))

    def ended(self, job: Job) -> None:
        """Note the answer of a job that came to an end well."""
        for asked in self.mine:
            if asked.job == job.id and job.snapshot.attribution:
                asked.answer = job.snapshot.text

    def history(self) -> list[Asked]:
        """List what came to an end well, the newest first."""
        return [asked for asked in reversed(self.mine) if asked.answer is not None][:HISTORY]

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
        self.shown, self.previewing = [], False

    def __deepcopy__(self, memo: object) -> Session:
        """Start empty: Gradio copies the first value for each new tab."""
        return Session(self.expected)
