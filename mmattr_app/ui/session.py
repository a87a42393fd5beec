"""What one open page is looking at, and what is drawn on its picture; each browser tab has its own."""

from __future__ import annotations

import json
import pickle
import weakref
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock
from typing import TYPE_CHECKING, Any

from mmattr_app.byte_lru import ByteLRU
from mmattr_app.errors import AppError
from mmattr_app.models import model_of
from mmattr_app.pictures import Read, read_with_size
from mmattr_app.ui.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mmattr_app.domain import Attribution, Pixels
    from mmattr_app.explorer import View
    from mmattr_app.jobs import Job
    from mmattr_app.segmentation import Segmentation


_numbers = count(1)

HISTORY = 8  # results that can be gone back to

# What is large is shared by all tabs, which hold only how to get it.
_pictures: ByteLRU[tuple[str, int], Read] = ByteLRU(128_000_000, lambda read: read[0].nbytes)
_cuts: ByteLRU[Callable[[], Segmentation], Segmentation] = ByteLRU(128_000_000, lambda cut: cut.nbytes)


@dataclass(frozen=True)
class Drawing:
    """Shapes in fractions of the picture; a new number tells the browser to begin again from these."""

    shapes: list[Any] = field(default_factory=list)
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def regions(self) -> str:
        """Give the text that `segmenters.drawn` reads, which judges every shape."""
        return f"drawn:{json.dumps(self.shapes, separators=(',', ':'))}"

    def redrawn(self, shapes: Any) -> Drawing:
        """Take over what the browser shows now."""
        if not isinstance(shapes, list):
            raise AppError("The drawing cannot be read; press Clear and draw again.")
        return Drawing(shapes, self.number)


def picture_of(file: str) -> Read:
    """Read a picture and its original size, once for all tabs that show it of late."""
    if not Path(file).is_file():  # deleted in another tab, or after its time
        raise AppError("This picture is not kept any more; choose it again.")
    key = file, Path(file).stat().st_mtime_ns
    if (known := _pictures.get(key)) is None:
        _pictures[key] = known = read_with_size(file)
    return known


@dataclass
class Asked:
    """What this tab asked for."""

    job: str  # its id, which finds the result as long as it is kept
    title: str  # in the list
    prompt: str
    file: str  # the picture
    answer: str | None = None  # known when it came to an end well


@dataclass(frozen=True, eq=False)
class Shown:
    """A finished result on the stage; what is large in it is looked up again when it is needed."""

    find: Callable[[], Attribution | None]
    rest: View  # without what the result itself says
    model: str = ""  # as the queue knows it, where a job on this page asked it
    found: Mapping[str, Sequence[Callable[[], Segmentation]]] = field(default_factory=dict[str, Any])  # other regions
    # of the pictures, which were found for a comparison; by their text

    @classmethod
    def of(cls, find: Callable[[], Attribution | None], view: View, model: str = "") -> Shown:
        """Keep how a result is shown, and where it is found."""
        return cls(find, replace(view, question=None, segmentation=None, attribution=None), model)

    @property
    def result(self) -> Attribution:
        """Give the result, as long as it is kept."""
        if result := self.find():
            return result
        raise AppError("This result is not kept any more; ask again.")

    @property
    def model_name(self) -> str:
        """Name the model as the queue knows it."""
        return self.model or model_of(self.result.answer)

    @property
    def view(self) -> View:
        """Show it as it was shown."""
        return replace(self.rest, attribution=self.result)


@dataclass(frozen=True, eq=False)
class RegionsOnStage:
    """The regions of a picture as they stand on the stage, each made again when the cache has let go of it."""

    file: str  # the picture
    regions: str  # the text that they were made by
    make: Callable[[], Segmentation]
    before: tuple[Callable[[], Segmentation], ...] = ()  # what each change by hand began with

    @classmethod
    def of(
        cls,
        file: str,
        regions: str,
        segmentation: Segmentation,
        make: Callable[[], Segmentation] | None = None,
        before: tuple[Callable[[], Segmentation], ...] = (),
    ) -> RegionsOnStage:
        """Keep how to make regions again; those that cannot be cut again are kept small."""
        cut = cls(file, regions, make or kept_small(segmentation), before)
        _cuts[cut.make] = segmentation
        return cut

    @property
    def segmentation(self) -> Segmentation:
        """Give the regions."""
        if (known := _cuts.get(self.make)) is None:
            _cuts[self.make] = known = self.make()
        return known

    def is_of(self, file: str | None, regions: str) -> bool:
        """Say whether these are the regions that a form asks for."""
        return (self.file, self.regions) == (file, regions)


def kept_small(segmentation: Segmentation) -> Callable[[], Segmentation]:
    """Keep regions in few bytes."""
    small = pickle.dumps(segmentation)
    return lambda: pickle.loads(small)  # noqa: S301  (it never left this process)


class Session:
    """The job on show, and whose turn it is: of several followers only the newest may speak."""

    def __init__(self) -> None:
        """Start with nothing on show."""
        self._job: weakref.ref[Job] | None = None
        self.submitting = Lock()
        self.id = token_urlsafe(8)  # whose turns these are
        self.mine: list[Asked] = []
        self.uploads = Uploads()
        self.turn = 0
        self.shown: list[Shown] = []  # the result on show is the last; each was made finer from that before it
        self.selected: Any = None  # tokens of the answer on show, as the browser said
        self.previewing = False  # regions are on show that nothing was asked of yet
        self.asked_with: dict[str, Any] = {}  # the form's fields, and the regions, of what is on show or lies under it
        self.regions_on_show: tuple[str | None, str] | None = None  # a picture's file, and how it is cut
        self.taken_away: tuple[str, float] = "", 0.0  # the last picture that was taken out of the form, and when
        self.cut: RegionsOnStage | None = None
        self.drawing = Drawing()
        self._seen = ""  # the picture that was looked at last
        self.original: tuple[int, int] | None = None  # its size before it was made smaller, if it was

    @property
    def job(self) -> Job | None:
        """Give the job on show, as long as anybody needs it."""
        return self._job() if self._job else None

    @job.setter
    def job(self, job: Job | None) -> None:
        self._job = weakref.ref(job) if job else None

    def look_at(self, file: str | None) -> Pixels:
        """Give a picture; what was drawn on another one is not meant for it."""
        if not file:
            raise AppError("Choose a picture first: drop one, paste one, or press an example.")
        pixels, self.original = picture_of(file)
        if self._seen != file:
            self._seen = file
            self.drawing = Drawing()
        return pixels

    def forget(self) -> None:
        """Keep no picture and nothing made of one; pictures whose files are deleted go for all tabs."""
        if self.cut:
            for make in (self.cut.make, *self.cut.before):
                _cuts.pop(make, None)
        for file, changed in _pictures:
            if not Path(file).is_file():
                _pictures.pop((file, changed), None)
        self.cut, self.drawing, self._seen = None, Drawing(), ""
        self.shown.clear()

    def found(self, job: Job, file: str) -> None:
        """Keep the regions that a job found, for whatever is asked next; those that a run refined are its own."""
        kind, segmentation = job.kind, job.snapshot.segmentation
        if segmentation and not (self.cut and self.cut.is_of(file, kind.regions)):
            self.cut = RegionsOnStage.of(file, kind.regions, segmentation)

    def note(self, job: Job, file: str) -> None:
        """Note what a result will be of, where there will be one."""
        if job.kind.title is not None:
            self.mine.append(Asked(job.id, job.kind.title, job.kind.question.prompt, file))

    def ended(self, job: Job) -> None:
        """Note the answer of a job that came to an end well."""
        for asked in self.mine:
            if asked.job == job.id and job.snapshot.result:
                asked.answer = job.snapshot.text

    def history(self) -> list[Asked]:
        """List what came to an end well, the newest first."""
        return [asked for asked in reversed(self.mine) if asked.answer is not None][:HISTORY]

    def take_turn(self, job: Job | None = None) -> int:
        """Silence whoever followed before, and look at this job from now on."""
        before, self.job = self.job, job or self.job
        self.turn = next(_numbers)
        if before:
            before.wake()
        return self.turn

    def leave(self) -> None:
        """Look at something else: what runs is not wanted any more."""
        self.take_turn()
        if self.job:
            self.job.cancel()
        self.job = None
        self.shown, self.previewing, self.selected = [], False, None
        self.asked_with, self.regions_on_show = {}, None

    @property
    def has_result(self) -> bool:
        """Say whether there is a result, or a run, to go back to."""
        return bool(self.shown or (self.job and self.job.kind.maps and not self.job.snapshot.ended))

    def __deepcopy__(self, memo: object) -> Session:
        """Start empty: Gradio copies the first value for each new tab."""
        return Session()
