"""The ways to cut pictures that the form offers; the regions of the preview, which a person may change by hand."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from gradio.utils import get_upload_folder

from mmattr_app import pipeline
from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.segmentation import HowToCut, Segmentation, how_to_cut
from mmattr_app.segmenters import SEGMENTERS, editing
from mmattr_app.segmenters.files import kind
from mmattr_app.settings import settings
from mmattr_app.ui.form_values import FormValues
from mmattr_app.ui.session import RegionsOnStage, Session, picture_of

Regions: TypeAlias = Callable[[FormValues, Session, str], str]


@dataclass(frozen=True)
class Choice:
    """One way to cut a picture, as the form offers it.

    `regions` turns the form's values and the name of a picture's field into the text that says how to cut that picture,
    such as "grid:8x8".
    """

    label: str
    summary: str  # in one plain line
    regions: Regions
    controls: tuple[str, ...] = ()  # names of the form's controls that are shown only with this choice
    slow: bool = False  # too slow for a preview: a job finds the regions


class Missing(AppError):  # noqa: N818  (it is no mistake of anybody)
    """A file or a drawing is still missing. Before Explain is pressed this is no error, so no toast is shown."""


def _grid(filled: FormValues, *_: Any) -> str:
    return f"grid:{int(filled.rows)}x{int(filled.columns)}"


def _drawn(filled: FormValues, session: Session, name: str) -> str:
    """Give the shapes on a picture; one that nobody drew on is cut into a grid."""
    if session.drawing.is_empty:
        where = "a picture" if filled.further else "the picture"
        raise Missing(f"Draw on {where}: every rectangle, lasso or brush stroke becomes a region.")
    return session.drawing.regions(name) or _grid(filled)


def _uploaded(filled: FormValues, session: Session, name: str) -> str:
    """Give the text for an uploaded file of masks, which is about the first picture; others are cut into a grid.

    A path outside the upload folder is refused and never read.
    """
    if name != "image":
        return _grid(filled)
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
        _grid,
        ("even",),
    ),
    "superpixels": Choice(
        "Superpixels",
        "Pieces of about the same size, along edges.",
        lambda filled, *_: f"slic:{int(filled.detail)}",
        ("detail",),
    ),
    "colours": Choice(
        "Colours",
        "Superpixels that follow the colours, large and small.",
        lambda filled, *_: f"felzenszwalb:{int(filled.detail)}",
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


def regions_of(filled: FormValues, session: Session) -> HowToCut:
    """Say how the pictures are cut: such as "grid:8x8" for all of them, or a text for each."""
    return how_to_cut([regions_for(name, filled, session) for name in filled.files or ("image",)])


def regions_for(name: str, filled: FormValues, session: Session) -> str:
    """Say how the picture in this field is cut; a choice that the form does not offer is refused."""
    offered = choices()
    if filled.choice not in offered:
        raise AppError(f"There is no way to cut called {filled.choice[:60]!r}; choose one of the form's.")
    return offered[filled.choice].regions(filled, session, name)


def fields_of(made_by: HowToCut) -> dict[str, Any]:
    """Give the form's fields that make these regions again; empty if none can, as for regions changed by hand."""
    if isinstance(made_by, str):
        return _fields_of_one(made_by)
    first, *others = map(_fields_of_one, made_by)
    grid = next((each for each in others if "rows" in each), {})  # of the pictures that nobody drew on
    drawn = {"choice": "drawn"} if {"choice": "drawn"} in others else {}
    return {name: value for name, value in grid.items() if name != "choice"} | first | drawn


def _fields_of_one(made_by: str) -> dict[str, Any]:
    if match := re.fullmatch(r"grid:([0-9]+)x([0-9]+)", made_by):
        return {"choice": "grid", "rows": int(match[1]), "columns": int(match[2])}
    if match := re.fullmatch(r"(slic|felzenszwalb):([0-9]+)", made_by):
        return {"choice": {"slic": "superpixels", "felzenszwalb": "colours"}[match[1]], "detail": int(match[2])}
    if made_by.startswith("drawn:["):
        return {"choice": "drawn"}
    found = [name for name in choices() if name not in OWN and SEGMENTERS[name].example == made_by]
    return {"choice": found[0]} if found else {}


def cut(picture: Pixels, filled: FormValues, session: Session, name: str = "image") -> Segmentation | None:
    """Give the regions that the form asks for: those in the preview if they are the same, else cut now.

    `name` is that of the picture's field. None if cutting is slow, so that a job must do it.
    """
    regions, file = regions_for(name, filled, session), filled.files.get(name, "")
    if (known := session.cuts.get(name)) and known.is_of(file, regions):
        return known.segmentation
    session.cuts.pop(name, None)
    if not pipeline.is_instant(regions):
        return None
    run = _from_file if filled.choice == "file" else pipeline.segment
    segmentation = run(picture, regions)
    session.cuts[name] = RegionsOnStage.of(file, regions, segmentation, lambda: run(picture_of(file)[0], regions))
    return segmentation


def cut_further(filled: FormValues, session: Session, pictures: Sequence[Pixels]) -> tuple[Segmentation | None, ...]:
    """Do the same for the pictures after the first one; empty if regions are not players."""
    if pipeline.REGIONS not in filled.plan.players:
        return ()
    names = list(filled.files)[1:]
    return tuple(cut(one, filled, session, name) for name, one in zip(names, pictures[1:], strict=True))


def on_stage(filled: FormValues, session: Session) -> dict[str, RegionsOnStage]:
    """Give the known regions of the form's pictures, by the names of their fields."""
    return {
        name: known for name, file in filled.files.items() if (known := session.cuts.get(name)) and known.file == file
    }


def edit(filled: FormValues, session: Session, what: Any, picture: Any, regions: Any) -> None:
    """Split or merge the regions that were clicked in one picture, or undo the last change in any of them."""
    known = on_stage(filled, session)
    if what == "undo":
        name = max(known, key=lambda name: known[name].last, default="")
    elif type(picture) is int and 0 <= picture < len(filled.files):
        name = list(filled.files)[picture]
    else:
        name = ""
    if name not in known:
        raise AppError("Click one or more regions first.")
    session.cuts[name] = edited(known[name], what, regions)


def edited(known: RegionsOnStage, what: Any, regions: Any) -> RegionsOnStage:
    """Split or merge regions of a picture, or undo the last change; `what` says which."""
    if what == "undo":
        return known.taken_back()
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
    return known.changed(changed)


def resume(filled: FormValues, session: Session) -> None:
    """Make the regions of the result on show the regions of the preview, also those that the run made finer."""
    session.look_at(filled.files)
    if not session.shown:
        return
    result, names = session.shown[-1].result, list(filled.files)
    pictures, asked = [picture_of(file)[0] for file in filled.files.values()], result.answer.question.pictures
    if len(pictures) != len(asked) or not all(map(np.array_equal, pictures, asked)):
        raise AppError("This result is of other pictures; choose these again to change their regions.")
    for one in result.players.pictured:
        name, cut = names[one.picture], one.segmentation
        file, regions, known = filled.files[name], regions_for(name, filled, session), session.cuts.get(name)
        if not (known and known.is_of(file, regions) and known.segmentation.fingerprint == cut.fingerprint):
            session.cuts[name] = RegionsOnStage.of(file, regions, cut)


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
