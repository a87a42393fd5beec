"""The automatic choice: SAM-2 if its weights are on this machine or can be downloaded, superpixels otherwise."""

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters.sam2 import sam2
from mmattr_app.segmenters.sam2.options import Options
from mmattr_app.segmenters.superpixels import felzenszwalb

ASKED_AGAIN = 300  # seconds after which the hub is asked again whether it can be reached
REGIONS = 48  # superpixels: enough for the things in a photograph, few enough to hide each of them


def auto(image: Pixels, settings: str, device: str) -> Iterator[str | Segmentation]:
    """Cut with SAM-2 or into superpixels, and say which it was and why."""
    if settings:
        raise AppError("The automatic choice takes no settings; write auto alone, or sam2:... or slic:... for more.")
    source = Options.read("", device).source
    yield "looking for SAM-2"
    found = _find_weights(source)
    if not found:
        yield _superpixels(image, source)
        return
    for event in sam2(image, "", device):
        if isinstance(event, Segmentation):
            yield replace(event, says=f"Cut by SAM-2, whose weights ({source}) {found}. {event.says}".strip())
        else:
            yield event


def sam2_or_superpixels(image: Pixels, settings: str, device: str) -> Iterator[str | Segmentation]:
    """Cut with SAM-2; into superpixels only if `settings` name no weights and the default ones cannot be had."""
    source = Options.read(settings, device).source
    if source == Options.read("", device).source and not _find_weights(source):
        yield _superpixels(image, source)
    else:
        yield from sam2(image, settings, device)


def whynot_sam2(device: str) -> str:
    """Say in a sentence why SAM-2 cannot be had on this machine; empty if it can."""
    source = Options.read("", device).source
    found = _found_of_late(source, int(time.monotonic() / ASKED_AGAIN))
    return "" if found else f"SAM-2 cannot be had here, since {_missing(source)}; choose superpixels instead."


@lru_cache(maxsize=8)
def _found_of_late(source: str, period: int) -> str:
    del period
    return _find_weights(source)


def _missing(source: str) -> str:
    return f"the weights of SAM-2 ({source}) are not on this machine and the hub cannot be reached"


def _find_weights(source: str) -> str:
    """Say in words where the weights are; empty if they cannot be had."""
    from mmattr_app.segmenters.sam2.generation import can_be_fetched, is_local  # noqa: PLC0415  (torch takes seconds)

    return "are on this machine" if is_local(source) else "come from the hub" if can_be_fetched(source) else ""


def _superpixels(image: Pixels, source: str) -> Segmentation:
    cut = felzenszwalb(image, str(min(REGIONS, image.shape[0] * image.shape[1])))
    return replace(cut, says=f"Cut into superpixels, since {_missing(source)}.")
