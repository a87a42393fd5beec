"""The ways to cut a picture that the form offers; the regions of the preview, which a person may change by hand."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from gradio.utils import get_upload_folder

from mmattr_app import pipeline
from mmattr_app.byte_lru import ByteLRU
from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters import SEGMENTERS, editing
from mmattr_app.segmenters.files import kind
from mmattr_app.settings import settings
from mmattr_app.ui.form_values import FormValues
from mmattr_app.ui.session import RegionsOnStage, Session, picture_of

Regions: TypeAlias = Callable[[FormValues, Session], str]

MOST_UNDOS = 20  # changes by hand that can be taken back
# These ways to cut are about the first picture only; the further ones are then cut into a grid.
OF_ONE_PICTURE = ("drawn", "file")

_cuts: ByteLRU[tuple[str, float, str], Segmentation] = ByteLRU(64_000_000, lambda cut: cut.nbytes)


@dataclass(frozen=True)
class Choice:
    """One way to cut a picture, as the form offers it.

    `regions` turns the form's values into the text that says how to cut, such as "grid:8x8".
    """

    label: str
    summary: str  # in one plain line
    regions: Regions
    controls: tuple[str, ...] = ()  # names of the form's controls that are shown only with this choice
    slow: bool = False  # too slow for a preview: a job finds the regions


class Missing(AppError):  # noqa: N818  (it is no mistake of anybody)
    """A file or a drawing is still missing. Before Explain is pressed this is no error, so no toast is shown."""


def _drawn(filled: FormValues, session: Session) -> str:
    del filled
    if not session.drawing.shapes:
        raise Missing("Draw on the picture: every rectangle, lasso or brush stroke becomes a region.")
    return session.drawing.regions


def _uploaded(filled: FormValues, session: Session) -> str:
    """Give the text for an uploaded file of masks; a path outside the upload folder is refused and never read."""
    if not filled.file:
        raise Missing("Choose a file of masks: a label map (PNG, NPY) or a stack of masks (NPY, NPZ).")
    path = Path(filled.file).resolve()
    if not path.is_relative_to(Path(get_upload_folder()).resolve()):
        raise AppError("This file was not uploaded here; choose it again.")
    session.uploads.add(filled.file)
    holds = kind(path)
    if holds is None:
        raise AppError(f"{path.name} is no file of masks; use a label map (PNG, NPY) or a stack of masks (NPY, NPZ).")
    if not path.is_file():  # deleted in another tab, or after its time
        raise AppError("This file of masks is not kept any more; choose it again.")
    return f"{holds}:{path}"


OWN = {
    "grid": Choice(
        "Grid",
        "Even rows and columns.",
        lambda filled, _: f"grid:{int(filled.rows)}x{int(filled.columns)}",
        ("even",),
    ),
    "superpixels": Choice(
        "Superpixels",
        "Pieces of about the same size, along edges.",
        lambda filled, _: f"slic:{int(filled.detail)}",
        ("detail",),
    ),
    "colours": Choice(
        "Colours",
        "Superpixels that follow the colours, large and small.",
        lambda filled, _: f"felzenszwalb:{int(filled.detail)}",
        ("detail",),
    ),
    "drawn": Choice("Draw", "Regions that you draw; the rest is background.", _drawn),
    "file": Choice("My masks", "A label map (PNG, NPY) or a stack of masks (NPY, NPZ).", _uploaded, ("file",)),
}
COVERED = {"grid", "slic", "felzenszwalb", "drawn", "labels", "masks", "saved"}  # segmenters that OWN already offers
LABELS = {"auto": "Automatic", "sam2": "SAM-2"}


def choices() -> dict[str, Choice]:
    """List the ways to cut that the form offers: those of OWN, and every other segmenter with its example settings."""
    return OWN | {name: _plain(name) for name in SEGMENTERS if name not in COVERED}


def _plain(name: str) -> Choice:
    segmenter = SEGMENTERS[name]
    slow = segmenter.run is None
    controls = ("find",) if slow else ()
    return Choice(
        LABELS.get(name, name.capitalize()), segmenter.summary, lambda *_: segmenter.example, controls, slow=slow
    )


def regions_of(filled: FormValues, session: Session) -> str:
    """Give the text that says how to cut, such as "grid:8x8"; a choice that the form does not offer is refused."""
    offered = choices()
    if filled.choice not in offered:
        raise AppError(f"There is no way to cut called {filled.choice[:60]!r}; choose one of the form's.")
    return offered[filled.choice].regions(filled, session)


def fields_of(made_by: str) -> dict[str, Any]:
    """Give the form's fields that make these regions again; empty if none can, as for regions changed by hand."""
    if match := re.fullmatch(r"grid:([0-9]+)x([0-9]+)", made_by):
        return {"choice": "grid", "rows": int(match[1]), "columns": int(match[2])}
    if match := re.fullmatch(r"(slic|felzenszwalb):([0-9]+)", made_by):
        return {"choice": {"slic": "superpixels", "felzenszwalb": "colours"}[match[1]], "detail": int(match[2])}
    if made_by.startswith("drawn:["):
        return {"choice": "drawn"}
    found = [name for name in choices() if name not in OWN and SEGMENTERS[name].example == made_by]
    return {"choice": found[0]} if found else {}


def cut(picture: Pixels, filled: FormValues, session: Session) -> Segmentation | None:
    """Give the regions that the form asks for: those in the preview if they are the same, else cut now.

    None if cutting is slow, so that a job must do it.
    """
    regions = regions_of(filled, session)
    if (known := session.cut) and known.is_of(filled.image, regions):
        return known.segmentation
    session.cut = None
    if not pipeline.is_instant(regions):
        return None
    run, file = _from_file if filled.choice == "file" else pipeline.segment, filled.image or ""
    segmentation = run(picture, regions)
    session.cut = RegionsOnStage.of(file, regions, segmentation, lambda: run(picture_of(file)[0], regions))
    return segmentation


def further_regions(filled: FormValues, session: Session) -> str:
    """Give the text that says how further pictures are cut: like the first one, or into a grid."""
    if filled.choice in OF_ONE_PICTURE:
        return f"grid:{int(filled.rows)}x{int(filled.columns)}"
    return regions_of(filled, session)


def cut_further(filled: FormValues, session: Session, pictures: Sequence[Pixels]) -> tuple[Segmentation, ...]:
    """Cut the pictures after the first one; empty if regions are not players, or if cutting is slow (a job does it)."""
    if pipeline.REGIONS not in filled.plan.players or not filled.further:
        return ()
    regions = further_regions(filled, session)
    if not pipeline.is_instant(regions):
        return ()
    return tuple(_cut(file, picture, regions) for file, picture in zip(filled.further, pictures[1:], strict=True))


def _cut(file: str, picture: Pixels, regions: str) -> Segmentation:
    """Cut a picture; a cache keeps the regions for the next event about it."""
    key = file, Path(file).stat().st_mtime, regions
    if (known := _cuts.get(key)) is None:
        _cuts[key] = known = pipeline.segment(picture, regions)
    return known


def edited(known: RegionsOnStage, what: Any, regions: Any) -> RegionsOnStage:
    """Split or merge the regions that were clicked in the preview, or undo the last change; `what` says which."""
    if what == "undo":
        return replace(known, make=known.before[-1], before=known.before[:-1]) if known.before else known
    if not (isinstance(regions, list) and all(type(region) is int for region in regions) and regions):
        raise AppError("Click one or more regions first.")
    changed = known.segmentation
    if what == "merge":
        changed = editing.merge(changed, regions)
    else:
        for region in sorted(set(regions)):  # a split leaves the numbers of all others as they are
            changed = editing.split(changed, region)
    limit = settings().max_regions
    if changed.regions > limit:
        raise AppError(f"This would make {changed.regions} regions and the limit is {limit}; merge some first.")
    return RegionsOnStage.of(known.file, known.regions, changed, before=(*known.before, known.make)[-MOST_UNDOS:])


def resume(filled: FormValues, session: Session) -> None:
    """Make the regions of the result on show the regions of the preview, also those that the run made finer."""
    picture = session.look_at(filled.image)
    if not session.shown:
        return
    result, regions = session.shown[-1].result, regions_of(filled, session)
    if not np.array_equal(picture, result.answer.question.image):
        raise AppError("This result is of another picture; choose that picture again to change its regions.")
    known = session.cut
    segmentation = result.segmentation
    if not (
        known and known.is_of(filled.image, regions) and known.segmentation.fingerprint == segmentation.fingerprint
    ):
        session.cut = RegionsOnStage.of(filled.image or "", regions, segmentation)


def _from_file(picture: Pixels, regions: str) -> Segmentation:
    """Cut by an uploaded file; neither errors nor the result name the folder in which this machine keeps it."""
    kind, _, path = regions.partition(":")
    name = Path(path).name
    try:
        return replace(pipeline.segment(picture, regions), made_by=f"{kind}:{name}")
    except AppError as error:
        raise AppError(str(error).replace(path, name)) from None
    except MemoryError:
        raise AppError(f"{name} is too large for this machine; save smaller masks.") from None
