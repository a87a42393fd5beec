"""Convert results of Captum's LLMAttribution over regions of a picture into ours, and ours into Captum's."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmattr_app.domain import Answer, Attribution, Pixels, Question, Scores
from mmattr_app.errors import AppError
from mmattr_app.label_maps import resampled
from mmattr_app.methods import METHODS
from mmattr_app.packages import import_package
from mmattr_app.pictures import Source, read_with_size
from mmattr_app.players.regions import Regions, occluder
from mmattr_app.segmentation import Segmentation
from mmattr_app.spans import share_out

MADE_BY = "captum"  # the name of the regions and of the method, if nothing else is known of them
SPACES = str.maketrans({"▁": " ", "Ġ": " ", "Ċ": "\n"})  # how tokenizers write spaces and newlines


def from_captum(
    result: Any,
    image: Source | None = None,
    mask: Any = None,
    *,
    prompt: str = "",
    method: str = MADE_BY,
    tokens: Sequence[str] | None = None,
) -> Attribution:
    """Convert Captum's result; picture and mask are those of its input unless they are given."""
    inp = result.inp
    image = getattr(inp, "image", None) if image is None else image
    masks = getattr(inp, "mask_list", None) or getattr(inp, "mask", None) if mask is None else mask
    if image is None or masks is None:
        raise AppError("Captum's result knows no picture with a mask; give both: from_captum(result, image, mask).")
    pixels, original = read_with_size(image)
    cut = _segmentation(masks, pixels, original)
    said = tuple(token.translate(SPACES) for token in result.output_tokens) if tokens is None else tuple(tokens)
    if cut.regions != len(result.input_tokens) or len(said) != len(result.output_tokens):
        raise AppError(
            f"Captum's result is about {len(result.input_tokens)} features and {len(result.output_tokens)} tokens, "
            f"but {cut.regions} regions and {len(said)} tokens are given; give those that it is about."
        )
    unknown = np.full(len(said), np.nan, np.float32)
    ids = tuple(range(len(said)))
    answer = Answer(Question((pixels,), prompt, original=original), ids, said, unknown, False, "captum", "", "unknown")
    baseline = getattr(inp, "baseline", (255, 255, 255))
    players = Regions(answer.question, cut, "#" + bytes(int(part) for part in baseline).hex())
    reads = METHODS[method].reads if method in METHODS else "weight"
    return Attribution(answer, players, method, None, 0, _scores(result), reads, unknown, unknown)


def to_captum(result: Attribution) -> Any:
    """Make Captum's result; its input is the picture with its regions, if only regions of one picture played."""
    attr, torch = import_package("captum.attr", "to_captum()"), import_package("torch", "to_captum()")
    values, players = result.scores.values, result.players
    inp = None
    if isinstance(players, Regions):
        regions = range(players.count)
        masks = [torch.from_numpy(players.segmentation.mask(region)) for region in regions]
        inp = attr.ImageMaskInput(Image.fromarray(players.image), mask_list=masks, baseline=_colour(players))
    return attr.LLMAttributionResult(
        input_tokens=players.names(),
        output_tokens=list(result.answer.tokens),
        seq_attr=torch.from_numpy(values.sum(axis=1)),
        token_attr=torch.from_numpy(np.ascontiguousarray(values.T)),
        inp=inp,
    )


def _segmentation(masks: Any, pixels: Pixels, original: tuple[int, int] | None) -> Segmentation:
    """Read a label map, in which each number is a feature of Captum, or a list of masks."""
    values = _array(masks)
    if values.shape[-2:] != (original or pixels.shape[:2]):
        raise AppError(
            f"The mask has the shape {list(values.shape)}; it should have the height and width of the picture."
        )
    values = resampled(values, *pixels.shape[:2])
    if values.ndim == 3:
        return Segmentation.from_masks(MADE_BY, values.astype(bool))
    return Segmentation.from_labels(MADE_BY, np.unique(values, return_inverse=True)[1].reshape(values.shape))


def _scores(result: Any) -> Scores:
    """Take the scores of each token; if there are none, share those of the whole answer out in equal parts."""
    if result.token_attr is not None:
        return Scores(np.ascontiguousarray(_array(result.token_attr).T, np.float32))
    column, count = _array(result.seq_attr).astype(np.float32)[:, None], len(result.output_tokens)
    return share_out(Scores(column), count, range(count))


def _colour(players: Regions) -> tuple[int, ...]:
    """Give the occluder's colour, the mean one if it is not a single colour."""
    return tuple(int(part) for part in occluder(players.occluder)(players.image).mean(axis=(0, 1)).round())


def _array(values: Any) -> NDArray[Any]:
    """Read a tensor, an array, or a list of either."""
    parts: Any = values
    if isinstance(values, list):
        return np.stack([_array(part) for part in parts])
    return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
