"""The map of some words over the pixels of a picture, as numbers and painted: orange supports, blue argues against."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmattr_app.domain import Attribution, PixelMaps, Pixels
from mmattr_app.errors import AppError
from mmattr_app.segmentation import Pictured

Heat: TypeAlias = NDArray[np.float32]  # [height, width]

SUPPORTS = np.array([(252, 220, 180), (246, 168, 88), (228, 112, 22), (194, 74, 2)], np.float64)  # from weak to strong
AGAINST = np.array([(200, 222, 244), (126, 177, 226), (58, 126, 196), (20, 84, 150)], np.float64)
FAINT = 0.02  # of the scale: less is drawn as nothing
LEAST_SCALE = 0.5  # nats or logits: the scale never ends below, so that noise is not magnified
GREY = 0.6  # of the picture's colours are taken away under a map
COVERS = 0.35, 0.85  # of the picture: the faintest and the strongest colour
INSIDE = 0.995  # of the cells of a map over pixels are inside of its scale: a few may stand far out


class Layer(NamedTuple):
    """A map to paint over a picture."""

    heat: Heat  # as fine as the picture, or a small map of it
    scale: float  # the score that is painted strongest
    smooth: bool = False  # painted without edges, as maps over pixels are


def find_layer(result: Attribution, tokens: Sequence[int], picture: int = 0) -> Layer:
    """Give what is painted for some tokens: the map over pixels where there is one, or the regions that are sure.

    The scale is one for all pictures.
    """
    if not result.scores.pixels or result.players.segmentation is None:
        return Layer(find_heat(result, tokens, sure=True, picture=picture), find_scale(result, tokens))
    heats = [_of_pixels(maps, result.chosen, tokens) for maps in result.scores.pixels]
    sizes = np.abs(np.concatenate([heat.ravel() for heat in heats]))
    return Layer(heats[picture], float(np.quantile(sizes, INSIDE)) or float(sizes.max()) or 1.0, smooth=True)


def _of_pixels(pixels: PixelMaps, chosen: Sequence[int], tokens: Sequence[int]) -> Heat:
    """Give the score of each cell of one picture for some tokens."""
    maps = pixels.values
    if len(maps) > 1:
        return maps[list(tokens)].sum(axis=0)
    return maps[0] if set(chosen) & set(tokens) else np.zeros_like(maps[0])  # of all chosen tokens together


def find_heat(result: Attribution, tokens: Sequence[int], *, sure: bool = False, picture: int = 0) -> Heat:
    """Give each pixel of a picture, counted from 0, the score of some tokens; where regions overlap, their sum.

    A region that was not asked yet counts as nothing; with `sure`, so does one whose score may be zero.
    """
    one = find_pictured(result, picture)
    if one is None:
        which = "a picture" if picture == 0 else f"picture {picture + 1}"
        raise AppError(f"No region of {which} played, so there is no map of it; let regions play.")
    _, cut, rows = one
    scores = np.nan_to_num(result.scores.values[:, list(tokens)].sum(axis=1)[rows])
    if sure:
        scores = np.where(is_sure(result, tokens)[rows], scores, 0)
    return np.append(scores @ cut.holds, 0)[cut.atoms].astype(np.float32)


def find_pictured(result: Attribution, picture: int) -> Pictured | None:
    """Find the regions of a picture, of which the first is 0; None where none of it plays."""
    return next((one for one in result.players.pictured if one.picture == picture), None)


def is_sure(result: Attribution, tokens: Sequence[int]) -> NDArray[np.bool_]:  # [players]
    """Say which players have a score for some tokens that is not zero by chance, or by the model's own noise."""
    if result.scores.errors is not None:
        return result.scores.surely_not_zero(tokens)
    scores = result.scores.values[:, list(tokens)].sum(axis=1)
    return np.abs(scores) >= (result.answer.noise if result.reads.startswith("measured") else 0.0)


def find_scale(result: Attribution, tokens: Sequence[int]) -> float:
    """Give the score that is painted strongest: the largest of these tokens."""
    largest = float(np.abs(np.nan_to_num(result.scores.values[:, list(tokens)].sum(axis=1))).max(initial=0))
    return max(largest, LEAST_SCALE if result.reads in ("measured loss", "measured gain", "estimate") else 1e-9)


def colours(share: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give the colour of each share of the scale, from -1 to 1: [..., 3]."""
    place = np.minimum(np.abs(share), 1) * (len(SUPPORTS) - 1)
    low = np.minimum(place.astype(int), len(SUPPORTS) - 2)
    steps = np.stack([AGAINST, SUPPORTS])
    side = (np.asarray(share) > 0).astype(int)
    part = (place - low)[..., None]
    return steps[side, low] * (1 - part) + steps[side, low + 1] * part


def ink(heat: Heat, scale: float, smooth: bool = False) -> NDArray[np.uint8]:  # [height, width, 4]
    """Give the colours of a map: red, green, blue, and how much they cover, which is from nothing on if smooth."""
    share = np.clip(heat / scale, -1, 1)
    strength, (least, most) = np.abs(share), COVERS
    least = 0.0 if smooth else least
    covers = np.where(strength < FAINT, 0, least + (most - least) * strength)
    return np.dstack([colours(share), 255 * covers]).round().astype(np.uint8)


def soften(image: Pixels) -> Pixels:
    """Take most of the colour out of a picture, so that the colours over it are those of the map."""
    return (image * (1 - GREY) + GREY * image.mean(axis=2, keepdims=True)).round().astype(np.uint8)


def paint_small(result: Attribution, tokens: Sequence[int], side: int) -> Image.Image:
    """Paint the map of some tokens over its picture, at most `side` pixels wide and high."""
    painted = paint(result.answer.question.image, *find_layer(result, tokens))
    painted.thumbnail((side, side), Image.Resampling.LANCZOS)
    return painted


def paint(image: Pixels, heat: Heat, scale: float, smooth: bool = False) -> Image.Image:
    """Paint a map over its picture."""
    return lay_over(Image.fromarray(soften(image)), Image.fromarray(ink(heat, scale, smooth)), smooth)


def lay_over(picture: Image.Image, inked: Image.Image, smooth: bool) -> Image.Image:
    """Lay the colours of a map over a picture of any size."""
    kernel = Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST
    return Image.alpha_composite(picture.convert("RGBA"), inked.resize(picture.size, kernel)).convert("RGB")
