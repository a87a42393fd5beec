"""Objects found by SAM-2 (Segment Anything): its masks, made disjoint or kept with their overlaps."""

from collections.abc import Iterator

import numpy as np

from mmattr_app.domain import Pixels
from mmattr_app.label_maps import enlarged, shrunk
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters.sam2.masks import Masks, fewer, flattened, in_order
from mmattr_app.segmenters.sam2.options import Options

TOO_SMALL = 8  # pixels of the shorter side
SEEN_AT = 1024  # pixels of the longer side, as SAM-2 reads a picture: its masks are no finer


def sam2(image: Pixels, settings: str, device: str) -> Iterator[str | Segmentation]:
    """Cut as `settings` says: a hub id or a folder, then options, separated by commas; see Options."""
    from mmattr_app.segmenters.sam2.generation import generate  # noqa: PLC0415  (torch takes seconds to import)

    options = Options.read(settings, device)
    seen = shrunk(image, SEEN_AT)
    if min(seen.shape[:2]) < TOO_SMALL:
        yield _whole(image, options, ["This picture is too small for SAM-2, so all of it is one region."])
        return
    masks: Masks | None = None
    for event in generate(seen, options, device):
        if isinstance(event, str):
            yield event
        else:
            masks = event
    assert masks is not None, "the last event is the masks"
    yield _to_segmentation(masks, seen, image, options)


def _whole(image: Pixels, options: Options, said: list[str]) -> Segmentation:
    return Segmentation.from_labels(options.made_by, np.zeros(image.shape[:2], int), says=" ".join(said))


def _to_segmentation(masks: Masks, seen: Pixels, image: Pixels, options: Options) -> Segmentation:
    height, width = image.shape[:2]
    masks = masks[masks.any(axis=(1, 2))]
    found = len(masks)
    masks = masks[masks.mean(axis=(1, 2)) >= options.smallest]
    said = [f"{found - len(masks)} masks were too small to be kept."] if len(masks) < found else []
    if not len(masks):
        return _whole(image, options, [*said, "SAM-2 found nothing in this picture, so all of it is one region."])
    if len(masks) > options.most:
        said.append(f"{len(masks)} masks were merged into {options.most}.")
        masks = fewer(masks, options.most)
    if options.overlap == "flatten":
        labels = flattened(masks, seen, options.most)
        return Segmentation.from_labels(options.made_by, enlarged(labels, height, width), says=" ".join(said))
    small = Segmentation.from_masks(options.made_by, in_order(masks))
    return Segmentation(options.made_by, enlarged(small.atoms, height, width), small.holds, " ".join(said))
