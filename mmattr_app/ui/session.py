"""The session of one browser tab: the job and the result on show, the regions of the preview, and the history."""

from __future__ import annotations

import pickle
import weakref
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from mmattr_app.byte_lru import ByteLRU
from mmattr_app.errors import AppError
from mmattr_app.models import model_of
from mmattr_app.pictures import Read, read_with_size
from mmattr_app.segmentation import for_picture
from mmattr_app.ui.drawing import Drawing
from mmattr_app.ui.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mmattr_app.domain import Attribution, Pixels
    from mmattr_app.explorer import View
    from mmattr_app.jobs import Job
    from mmattr_app.segmentation import HowToCut, Segmentation


_numbers = count(1)

HISTORY = 8  # earlier results in the list
MOST_UNDOS = 20  # changes by hand of a picture that can be taken back

# Large arrays are in caches that all tabs share; a session only holds what is needed to make them again.
_pictures: ByteLRU[tuple[str, int], Read] = ByteLRU(128_000_000, lambda read: read[0].nbytes)
_cuts: ByteLRU[Callable[[], Segmentation], Segmentation] = ByteLRU(128_000_000, lambda cut: cut.nbytes)


def picture_of(file: str) -> Read:
    """Read a picture and its original size; a cache that all tabs share keeps what was read lately."""
    if not Path(file).is_file():  # deleted in another tab, or after its time
        raise AppError("This picture is not kept any more; choose it again.")
    key = file, Path(file).stat().st_mtime_ns
    if (known := _pictures.get(key)) is None:
        _pictures[key] = known = read_with_size(file)
    return known


@dataclass
class HistoryEntry:
    """A result in the list of earlier results of this tab."""

    job: str  # the job's id; the store finds the result by it
    title: str  # what the list shows
    prompt: str
    file: str  # of the picture
    answer: str | None = None  # None until the job has ended with a result


@dataclass(frozen=True, eq=False)
class Shown:
    """A finished result on show. The result itself is large, so `find` looks it up each time it is needed."""

    find: Callable[[], Attribution | None]
    rest: View  # the view without the result
    model: str = ""  # its name in the queue, if a job of this tab asked it
    # Regions of each picture that were found for a comparison, by the text that says how to cut.
    found: Mapping[str, Sequence[Callable[[], Segmentation]]] = field(default_factory=dict[str, Any])

    @classmethod
    def of(cls, find: Callable[[], Attribution | None], view: View, model: str = "") -> Shown:
        """Keep the view of a result without the result, and how to find the result."""
        return cls(find, replace(view, question=None, segmentation=None, attribution=None), model)

    @property
    def result(self) -> Attribution:
        """Give the result; an `AppError` if it is not kept any more."""
        if result := self.find():
            return result
        raise AppError("This result is not kept any more; ask again.")

    @property
    def model_name(self) -> str:
        """Name the model as the queue does."""
        return self.model or model_of(self.result.answer)

    @property
    def view(self) -> View:
        """Give the view again, with the result in it."""
        return replace(self.rest, attribution=self.result)


class Before(NamedTuple):
    """Regions before a change by hand; `number` says which change of all pictures was the last."""

    number: int
    make: Callable[[], Segmentation]


@dataclass(frozen=True, eq=False)
class RegionsOnStage:
    """The regions of the preview. They are in a cache, and are made again if the cache has dropped them."""

    file: str  # the picture
    regions: str  # the text that says how they were cut
    make: Callable[[], Segmentation]
    before: tuple[Before, ...] = ()  # the regions before each change by hand

    @classmethod
    def of(
        cls,
        file: str,
        regions: str,
        segmentation: Segmentation,
        make: Callable[[], Segmentation] | None = None,
        before: tuple[Before, ...] = (),
    ) -> RegionsOnStage:
        """Put regions into the cache, and keep how to make them again; without `make`, keep them pickled."""
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

    @property
    def last(self) -> int:
        """Give the number of the last change by hand; 0 if there is none."""
        return self.before[-1].number if self.before else 0

    def changed(self, segmentation: Segmentation) -> RegionsOnStage:
        """Put other regions in the place of these, which can be taken back."""
        before = (*self.before, Before(next(_numbers), self.make))[-MOST_UNDOS:]
        return RegionsOnStage.of(self.file, self.regions, segmentation, before=before)

    def taken_back(self) -> RegionsOnStage:
        """Undo the last change, if there is one."""
        return replace(self, make=self.before[-1].make, before=self.before[:-1]) if self.before else self


def kept_small(segmentation: Segmentation) -> Callable[[], Segmentation]:
    """Keep regions in few bytes."""
    small = pickle.dumps(segmentation)
    return lambda: pickle.loads(small)  # noqa: S301  (this process made it)


class Session:
    """What one tab shows. Several events may follow jobs at the same time; only the newest may update the page."""

    def __init__(self) -> None:
        """Start with nothing on show."""
        self._job: weakref.ref[Job] | None = None
        self.submitting = Lock()
        self.id = token_urlsafe(8)  # the queue shares its slots among these ids
        self.mine: list[HistoryEntry] = []
        self.uploads = Uploads()
        self.turn = 0
        self.shown: list[Shown] = []  # the last is on show; each is a finer map made from the one before
        self.selected: Any = None  # tokens of the answer on show that are selected, as the browser sent them
        self.previewing = False  # a preview of regions is on show
        self.asked_with: dict[str, Any] = {}  # the form's values for the result or job on show, or under the preview
        self.regions_on_show: tuple[str | None, HowToCut] | None = None  # the first picture's file, and how all are cut
        self.taken_away: tuple[str, float] = "", 0.0  # the last picture that was removed from the form, and when
        self.cuts: dict[str, RegionsOnStage] = {}  # of each picture, by the name of its field in the form
        self.drawing = Drawing()
        self.original: tuple[int, int] | None = None  # the size of that picture before it was made smaller, if it was

    @property
    def job(self) -> Job | None:
        """Give the job on show; None when nothing else holds it any more."""
        return self._job() if self._job else None

    @job.setter
    def job(self, job: Job | None) -> None:
        self._job = weakref.ref(job) if job else None

    def look_at(self, files: Mapping[str, str]) -> Pixels:
        """Read the first of the form's pictures; what was drawn on pictures that are gone is dropped."""
        if "image" not in files:
            raise AppError("Choose a picture first: drop one, paste one, or press an example.")
        pixels, self.original = picture_of(files["image"])
        self.drawing = self.drawing.on(files)
        return pixels

    def forget(self) -> None:
        """Drop the regions, drawing and results of this tab, and all cached pictures whose files are deleted."""
        for cut in self.cuts.values():
            for make in (cut.make, *(before.make for before in cut.before)):
                _cuts.pop(make, None)
        for file, changed in _pictures:
            if not Path(file).is_file():
                _pictures.pop((file, changed), None)
        self.cuts, self.drawing = {}, Drawing()
        self.shown.clear()

    def keep_regions(self, job: Job, file: str) -> None:
        """Keep the first picture's regions that a job found, for the next question; not those that it made finer."""
        regions, segmentation = for_picture(job.kind.regions, 0), job.snapshot.segmentation
        known = self.cuts.get("image")
        if segmentation and not (known and known.is_of(file, regions)):
            self.cuts["image"] = RegionsOnStage.of(file, regions, segmentation)

    def note_job(self, job: Job, file: str) -> None:
        """Note a job that will have a result; it comes into the history when it has ended."""
        if job.kind.title is not None:
            self.mine.append(HistoryEntry(job.id, job.kind.title, job.kind.question.prompt, file))

    def note_answer(self, job: Job) -> None:
        """Note the answer of a job that has ended with a result, which puts it into the history."""
        for asked in self.mine:
            if asked.job == job.id and job.snapshot.result:
                asked.answer = job.snapshot.text

    def history(self) -> list[HistoryEntry]:
        """List the jobs that ended with a result, the newest first."""
        return [asked for asked in reversed(self.mine) if asked.answer is not None][:HISTORY]

    def take_turn(self, job: Job | None = None) -> int:
        """Stop the updates of earlier events: from now on only the event with the returned number may update."""
        before, self.job = self.job, job or self.job
        self.turn = next(_numbers)
        if before:
            before.wake()
        return self.turn

    def leave(self) -> None:
        """Cancel the job and forget what is on show, since the tab will show something else."""
        self.take_turn()
        if self.job:
            self.job.cancel()
        self.job = None
        self.shown, self.previewing, self.selected = [], False, None
        self.asked_with, self.regions_on_show = {}, None

    @property
    def has_result(self) -> bool:
        """Say whether a result, or a job that will have one, lies under the preview."""
        return bool(self.shown or (self.job and self.job.kind.maps and not self.job.snapshot.ended))

    def __deepcopy__(self, memo: object) -> Session:
        """Give an empty session: Gradio copies the first value for each new tab."""
        return Session()
