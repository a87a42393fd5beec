"""The ways to cut a picture into regions, by the name typed before the colon."""

from mmattr_app.contracts import Segmenter
from mmattr_app.segmenters.files import labels, masks
from mmattr_app.segmenters.grid import grid

SEGMENTERS: dict[str, Segmenter] = {
    "grid": Segmenter(grid, says="Even rows and columns.", example="grid:8x8"),
    "labels": Segmenter(labels, says="Your own label map: one region for each number.", example="labels:FILE.npy"),
    "masks": Segmenter(masks, says="Your own stack of masks, which may overlap.", example="masks:FILE.npy"),
}
