"""Cut the picture as the form says, once, and keep the regions on the stage, changed by hand or not, for Explain."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mmattr_app import pipeline
from mmattr_app.domain import Pixels, Segmentation
from mmattr_app.errors import AppError
from mmattr_app.segmenters import editing
from mmattr_app.settings import settings
from mmattr_app.ui.choices import regions_of
from mmattr_app.ui.session import Cut, Session, picture_of
from mmattr_app.ui.wish import Wish

KEPT = 20  # changes by hand that can be taken back


def cut(picture: Pixels, wish: Wish, session: Session) -> Segmentation | None:
    """Give the regions on the stage when the form still says the same, else cut; None where that takes a job."""
    regions = regions_of(wish, session)
    if (known := session.cut) and known.is_of(wish.image, regions):
        return known.segmentation
    session.cut = None
    if not pipeline.is_instant(regions):
        return None
    run, file = _from_file if wish.choice == "file" else pipeline.segment, wish.image or ""
    segmentation = run(picture, regions)
    session.cut = Cut.of(file, regions, segmentation, lambda: run(picture_of(file)[0], regions))
    return segmentation


def edited(known: Cut, what: Any, regions: Any) -> Cut:
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
    return Cut.of(known.file, known.regions, changed, before=(*known.before, known.make)[-KEPT:])


def resume(wish: Wish, session: Session) -> None:
    """Put the regions of the result on show back on the stage, refined ones too."""
    picture = session.look_at(wish.image)
    if not session.shown:
        return
    result, regions = session.shown[-1].result, regions_of(wish, session)
    if not np.array_equal(picture, result.answer.question.image):
        raise AppError("This result is of another picture; choose that picture again to change its regions.")
    known = session.cut
    anew = result.segmentation
    if not (known and known.is_of(wish.image, regions) and known.segmentation.fingerprint == anew.fingerprint):
        session.cut = Cut.of(wish.image or "", regions, anew)


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
