"""The automatic choice: SAM-2 where its weights are at hand or can be fetched, and superpixels otherwise."""

from collections.abc import Iterator
from dataclasses import replace

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters.sam2 import sam2
from mmattr_app.segmenters.sam2.options import Options
from mmattr_app.segmenters.superpixels import felzenszwalb

REGIONS = 48  # superpixels: enough for the things of a photograph, few enough to be asked one by one


def auto(image: Pixels, settings: str, device: str) -> Iterator[str | Segmentation]:
    """Cut with whatever is there, and say which it was and why."""
    if settings:
        raise AppError("The automatic choice takes no settings; write auto alone, or sam2:... or slic:... for more.")
    source = Options.read("", device).source
    yield "looking for SAM-2"
    there = _where(source)
    if not there:
        yield _superpixels(image, source)
        return
    for event in sam2(image, "", device):
        if isinstance(event, Segmentation):
            yield replace(event, says=f"Cut by SAM-2, whose weights ({source}) {there}. {event.says}".strip())
        else:
            yield event


def sam2_or_superpixels(image: Pixels, settings: str, device: str) -> Iterator[str | Segmentation]:
    """Cut with SAM-2; only where no weights are named and none are to be had, with superpixels."""
    source = Options.read(settings, device).source
    if source == Options.read("", device).source and not _where(source):
        yield _superpixels(image, source)
    else:
        yield from sam2(image, settings, device)


def _where(source: str) -> str:
    from mmattr_app.segmenters.sam2.generation import at_hand, can_be_fetched  # noqa: PLC0415  (torch takes seconds)

    return "are on this machine" if at_hand(source) else "come from the hub" if can_be_fetched(source) else ""


def _superpixels(image: Pixels, source: str) -> Segmentation:
    cut = felzenszwalb(image, str(min(REGIONS, image.shape[0] * image.shape[1])))
    why = f"the weights of SAM-2 ({source}) are not on this machine and the hub cannot be reached"
    return replace(cut, says=f"Cut into superpixels, since {why}.")
