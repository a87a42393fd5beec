"""The ways to cut a picture into regions, by the name typed before the colon."""

from mmattr_app.contracts import Segmenter
from mmattr_app.errors import AppError
from mmattr_app.segmenters.automatic import auto, sam2_or_superpixels
from mmattr_app.segmenters.drawn import drawn
from mmattr_app.segmenters.files import labels, masks
from mmattr_app.segmenters.grid import grid
from mmattr_app.segmenters.saved import saved
from mmattr_app.segmenters.superpixels import felzenszwalb, slic

SEGMENTERS: dict[str, Segmenter] = {
    "grid": Segmenter(grid, summary="Even rows and columns.", example="grid:8x8"),
    "auto": Segmenter(
        in_worker=auto, summary="SAM-2 where its weights are to be had, superpixels otherwise.", example="auto"
    ),
    "sam2": Segmenter(in_worker=sam2_or_superpixels, summary="Things, as SAM-2 sees them.", example="sam2"),
    "slic": Segmenter(slic, summary="Superpixels of about the same size (SLIC).", example="slic:48"),
    "felzenszwalb": Segmenter(
        felzenszwalb, summary="Superpixels that follow the colours, large and small.", example="felzenszwalb:48"
    ),
    "drawn": Segmenter(drawn, summary="Rectangles, lassos and brush strokes of your own.", example="drawn:SHAPES"),
    "labels": Segmenter(labels, summary="Your own label map: one region for each number.", example="labels:FILE"),
    "masks": Segmenter(masks, summary="Your own stack of masks, which may overlap.", example="masks:FILE"),
    "saved": Segmenter(saved, summary="The regions of a result that was saved as NPZ.", example="saved:FILE"),
}


def find_segmenter(regions: str) -> tuple[Segmenter, str]:
    """Find the segmenter that `regions` names, such as "grid:8x8", and give the text after the colon."""
    name, _, how = regions.partition(":")
    if name not in SEGMENTERS:
        examples = ", ".join(segmenter.example for segmenter in SEGMENTERS.values())
        raise AppError(f"There is no segmentation {regions[:60]!r}; use one of {examples}.")
    return SEGMENTERS[name], how
