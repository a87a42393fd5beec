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

# These ways to cut are about the first picture only; the further ones are then cut into a grid.
OF_ONE_PICTURE = ("drawn", "file")

_cuts: ByteLRU[tuple[str, float, str], Segmentation] = ByteLRU(64_000_000, lambda cut: cut.nbytes)


def question_of(filled: FormValues, session: Session) -> Question:
    """Make the question of the form. A picture is needed only if regions are players or a further picture is given."""
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
