"""The ways to cut a picture that the form offers, and the text for `pipeline.segment` that each becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from gradio.utils import get_upload_folder

from mmattr_app.errors import AppError
from mmattr_app.segmenters import SEGMENTERS
from mmattr_app.segmenters.files import kind
from mmattr_app.ui.session import Session
from mmattr_app.ui.wish import Wish

Regions: TypeAlias = Callable[[Wish, Session], str]


@dataclass(frozen=True)
class Choice:
    """One way to cut: what it is called, what the form asks for, and its text."""

    label: str
    says: str
    regions: Regions
    controls: tuple[str, ...] = ()  # of the form, shown with this choice only
    slow: bool = False  # it takes a job


class Missing(AppError):  # noqa: N818  (read: there is something missing)
    """Something is still to be brought or drawn, which is no mistake before Explain is pressed."""


def _drawn(wish: Wish, session: Session) -> str:
    del wish
    if not session.drawing.shapes:
        raise Missing("Draw on the picture: every rectangle, lasso or brush stroke becomes a region.")
    return session.drawing.regions


def _uploaded(wish: Wish, session: Session) -> str:
    """Name the file of this visitor's upload; a path that the browser made up is never read."""
    if not wish.file:
        raise Missing("Choose a file of masks: a label map (PNG, NPY) or a stack of masks (NPY, NPZ).")
    path = Path(wish.file).resolve()
    if not path.is_relative_to(Path(get_upload_folder()).resolve()):
        raise AppError("This file was not uploaded here; choose it again.")
    session.uploads.add(wish.file)
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
        lambda wish, _: f"grid:{int(wish.rows)}x{int(wish.columns)}",
        ("even",),
    ),
    "superpixels": Choice(
        "Superpixels",
        "Pieces of about the same size, along edges.",
        lambda wish, _: f"slic:{int(wish.detail)}",
        ("detail",),
    ),
    "colours": Choice(
        "Colours",
        "Superpixels that follow the colours, large and small.",
        lambda wish, _: f"felzenszwalb:{int(wish.detail)}",
        ("detail",),
    ),
    "drawn": Choice("Draw", "Regions that you draw; the rest is background.", _drawn),
    "file": Choice("My masks", "A label map (PNG, NPY) or a stack of masks (NPY, NPZ).", _uploaded, ("file",)),
}
COVERED = {"grid", "slic", "felzenszwalb", "drawn", "labels", "masks"}  # segmenters that stand behind those above
LABELS = {"auto": "Automatic", "sam2": "SAM-2"}


def choices() -> dict[str, Choice]:
    """List what the form offers: its own choices, and every other segmenter as its example says."""
    return OWN | {name: _plain(name) for name in SEGMENTERS if name not in COVERED}


def _plain(name: str) -> Choice:
    segmenter = SEGMENTERS[name]
    slow = segmenter.run is None
    controls = ("find",) if slow else ()
    return Choice(
        LABELS.get(name, name.capitalize()), segmenter.says, lambda *_: segmenter.example, controls, slow=slow
    )


def regions_of(wish: Wish, session: Session) -> str:
    """Say how to cut; only what stands here can be said, whatever a browser sends."""
    offered = choices()
    if wish.choice not in offered:
        raise AppError(f"There is no way to cut called {wish.choice[:60]!r}; choose one of the form's.")
    return offered[wish.choice].regions(wish, session)
