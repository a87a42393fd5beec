"""Regions of a result that was saved as NPZ, with changes made by hand."""

from pathlib import Path

import numpy as np

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.segmentation import Segmentation

# Of the arrays of some regions, by what stands after the file's name.
ENDINGS = {"": "", "1": "", **{str(picture + 1): f"_{picture}" for picture in range(1, 8)}, "before": "_before"}


def saved(image: Pixels, settings: str) -> Segmentation:
    """Read the regions of the first picture from `FILE`, those of the second one from `FILE,2`, and so on.

    `FILE,before` are those that the run began with, where its method joined some of them.
    """
    path, which = _parts(settings)
    if not Path(path).is_file():
        raise AppError(f"There is no file {path or 'named'}; give the path of a result's NPZ after the colon.")
    end, broken = ENDINGS[which], f"{path} is no result as NPZ; export one first."
    try:
        with np.load(path, allow_pickle=False) as arrays:
            atoms, holds = arrays[f"labels{end}"].astype(np.int32), arrays[f"holds{end}"].astype(bool)
    except KeyError:
        missing = "before a method joined them" if which == "before" else f"of picture {which or 1}"
        raise AppError(f"{path} has no regions {missing}; name the NPZ of a result that has.") from None
    except Exception as error:  # a file from anywhere fails in a dozen ways
        raise AppError(broken) from error
    if atoms.ndim != 2 or holds.ndim != 2 or not -1 <= atoms.min() <= atoms.max() < holds.shape[1]:
        raise AppError(broken)
    cut = Segmentation(f"saved:{settings}", atoms, holds)
    if cut.shape != image.shape[:2]:
        raise AppError(f"{path} is about a picture {cut.shape[1]} wide and {cut.shape[0]} high; give that one.")
    return cut


def _parts(settings: str) -> tuple[str, str]:
    path, comma, which = settings.rpartition(",")
    return (path, which) if comma and which in ENDINGS else (settings, "")
