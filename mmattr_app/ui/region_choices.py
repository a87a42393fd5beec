"""The ways to cut a picture that the form offers, and the regions on the stage, cut once and changed by hand."""

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

KEPT = 20  # changes by hand that can be taken back
OF_ONE_PICTURE = ("drawn", "file")  # ways to cut that are meant for the first picture; others are cut into a grid then

_cuts: ByteLRU[tuple[str, float, str], Segmentation] = ByteLRU(64_000_000, lambda cut: cut.nbytes)


@dataclass(frozen=True)
class Choice:
    """One way to cut: what it is called, what the form asks for, and its text."""

    label: str
    summary: str  # in one plain line
    regions: Regions
    controls: tuple[str, ...] = ()  # of the form, shown with this choice only
    slow: bool = False  # it takes a job


class Missing(AppError):  # noqa: N818  (read: there is something missing)
    """Something is still to be brought or drawn, which is no mistake before Explain is pressed."""


def _drawn(filled: FormValues, session: Session) -> str:
    del filled
    if not session.drawing.shapes:
        raise Missing("Draw on the picture: every rectangle, lasso or brush stroke becomes a region.")
    return session.drawing.regions


def _uploaded(filled: FormValues, session: Session) -> str:
    """Name the file of this visitor's upload; a path that the browser made up is never read."""
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
COVERED = {"grid", "slic", "felzenszwalb", "drawn", "labels", "masks", "saved"}  # not offered by themselves
LABELS = {"auto": "Automatic", "sam2": "SAM-2"}


def choices() -> dict[str, Choice]:
    """List what the form offers: its own choices, and every other segmenter as its example says."""
    return OWN | {name: _plain(name) for name in SEGMENTERS if name not in COVERED}


def _plain(name: str) -> Choice:
    segmenter = SEGMENTERS[name]
    slow = segmenter.run is None
    controls = ("find",) if slow else ()
    return Choice(
        LABELS.get(name, name.capitalize()), segmenter.summary, lambda *_: segmenter.example, controls, slow=slow
    )


def regions_of(filled: FormValues, session: Session) -> str:
    """Say how to cut; only what stands here can be said, whatever a browser sends."""
    offered = choices()
    if filled.choice not in offered:
        raise AppError(f"There is no way to cut called {filled.choice[:60]!r}; choose one of the form's.")
    return offered[filled.choice].regions(filled, session)


def fields_of(made_by: str) -> dict[str, Any]:
    """Give the form's fields for regions that it can ask for again; none for others, such as those changed by hand."""
    if match := re.fullmatch(r"grid:([0-9]+)x([0-9]+)", made_by):
        return {"choice": "grid", "rows": int(match[1]), "columns": int(match[2])}
    if match := re.fullmatch(r"(slic|felzenszwalb):([0-9]+)", made_by):
        return {"choice": {"slic": "superpixels", "felzenszwalb": "colours"}[match[1]], "detail": int(match[2])}
    if made_by.startswith("drawn:["):
        return {"choice": "drawn"}
    found = [name for name in choices() if name not in OWN and SEGMENTERS[name].example == made_by]
    return {"choice": found[0]} if found else {}


def cut(picture: Pixels, filled: FormValues, session: Session) -> Segmentation | None:
    """Give the regions on the stage when the form still says the same, else cut; None where that takes a job."""
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
    """Say how the pictures after the first one are cut: as the first one, where that can be said of any picture."""
    if filled.choice in OF_ONE_PICTURE:
        return f"grid:{int(filled.rows)}x{int(filled.columns)}"
    return regions_of(filled, session)


def cut_further(filled: FormValues, session: Session, pictures: Sequence[Pixels]) -> tuple[Segmentation, ...]:
    """Cut the pictures after the first one, or none where that takes a job."""
    if pipeline.REGIONS not in filled.plan.players or not filled.further:
        return ()
    regions = further_regions(filled, session)
    if not pipeline.is_instant(regions):
        return ()
    return tuple(_cut(file, picture, regions) for file, picture in zip(filled.further, pictures[1:], strict=True))


def _cut(file: str, picture: Pixels, regions: str) -> Segmentation:
    """Cut a picture once for all events about it."""
    key = file, Path(file).stat().st_mtime, regions
    if (known := _cuts.get(key)) is None:
        _cuts[key] = known = pipeline.segment(picture, regions)
    return known


def edited(known: RegionsOnStage, what: Any, regions: Any) -> RegionsOnStage:
    """Split or merge what was chosen on the stage, or take the last change back."""
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
    return RegionsOnStage.of(known.file, known.regions, changed, before=(*known.before, known.make)[-KEPT:])


def resume(filled: FormValues, session: Session) -> None:
    """Put the regions of the result on show back on the stage, refined ones too."""
    picture = session.look_at(filled.image)
    if not session.shown:
        return
    result, regions = session.shown[-1].result, regions_of(filled, session)
    if not np.array_equal(picture, result.answer.question.image):
        raise AppError("This result is of another picture; choose that picture again to change its regions.")
    known = session.cut
    anew = result.segmentation
    if not (known and known.is_of(filled.image, regions) and known.segmentation.fingerprint == anew.fingerprint):
        session.cut = RegionsOnStage.of(filled.image or "", regions, anew)


def _from_file(picture: Pixels, regions: str) -> Segmentation:
    """Read an upload; neither its sentences nor its result tell where this machine keeps files."""
    kind, _, path = regions.partition(":")
    name = Path(path).name
    try:
        return replace(pipeline.segment(picture, regions), made_by=f"{kind}:{name}")
    except AppError as error:
        raise AppError(str(error).replace(path, name)) from None
    except MemoryError:
        raise AppError(f"{name} is too large for this machine; save smaller masks.") from None
