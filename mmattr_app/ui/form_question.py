"""The question that the form asks: its pictures and texts, and how the pictures after the first one are cut."""

from collections.abc import Sequence
from pathlib import Path

from mmattr_app import pipeline
from mmattr_app.byte_lru import ByteLRU
from mmattr_app.domain import Pixels, Question
from mmattr_app.segmentation import Segmentation
from mmattr_app.ui.form_values import FormValues
from mmattr_app.ui.region_choices import regions_of
from mmattr_app.ui.session import Session, picture_of

OF_ONE_PICTURE = ("drawn", "file")  # ways to cut that are meant for the first picture; others are cut into a grid then

_cuts: ByteLRU[tuple[str, float, str], Segmentation] = ByteLRU(64_000_000, lambda cut: cut.nbytes)


def question_of(filled: FormValues, session: Session) -> Question:
    """Give the question; where no regions play, and no further picture is given, there may be no picture."""
    plays = pipeline.REGIONS in filled.plan.players
    first = session.look_at(filled.image) if filled.image or filled.further or plays else None
    for file in filled.further:
        session.uploads.add(file)
    return Question(
        () if first is None else (first, *(picture_of(file)[0] for file in filled.further)),
        filled.prompt.strip(),
        filled.system.strip(),
        int(filled.max_tokens),
        filled.sampling,
        None if first is None else session.original,
        filled.document.strip(),
    )


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
