"""The map of some words over the pixels of a picture, as numbers and painted: orange supports, blue argues against."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmattr_app.domain import INTERVAL, Attribution, Pixels
from mmattr_app.errors import AppError

Heat: TypeAlias = NDArray[np.float32]  # [height, width]

SUPPORTS = np.array([(252, 220, 180), (246, 168, 88), (228, 112, 22), (194, 74, 2)], np.float64)  # from weak to strong
AGAINST = np.array([(200, 222, 244), (126, 177, 226), (58, 126, 196), (20, 84, 150)], np.float64)
FAINT = 0.02  # of the scale: less is drawn as nothing
LEAST_SCALE = 0.5  # nats or logits: the scale never ends below, so that noise is not magnified
GREY = 0.6  # of the picture's colours are taken away under a map


def find_heat(result: Attribution, tokens: Sequence[int], *, sure: bool = False) -> Heat:
    """Give each pixel of the first picture the score of some tokens; where regions overlap, their sum.

    A region that was not asked yet counts as nothing; with `sure`, so does one whose score may be zero.
    """
    cut = result.players.segmentation
    if cut is None:
        raise AppError("No region of a picture played, so there is no map of it; let regions play.")
    rows = result.players.region_rows()
    scores = np.nan_to_num(result.scores.values[:, list(tokens)].sum(axis=1)[rows])
    if sure:
        scores = np.where(is_sure(result, tokens)[rows], scores, 0)
    return np.append(scores @ cut.holds, 0)[cut.atoms].astype(np.float32)


def is_sure(result: Attribution, tokens: Sequence[int]) -> NDArray[np.bool_]:  # [players]
    """Say which players have a score for some tokens that is not zero by chance, or by the model's own noise."""
    scores, error = result.scores.values[:, list(tokens)].sum(axis=1), result.scores.error(tokens)
    if error is not None:
        return np.abs(scores) >= INTERVAL * error
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


def ink(heat: Heat, scale: float) -> NDArray[np.uint8]:  # [height, width, 4]
    """Give the map as a layer to lay over the picture: red, green, blue, and how much it covers."""
    share = heat / scale
    strength = np.abs(share)
    covers = np.where(strength < FAINT, 0, np.minimum(1, 0.35 + 0.5 * strength))
    return np.dstack([colours(share), 255 * covers]).round().astype(np.uint8)


def soften(image: Pixels) -> Pixels:
    """Take most of the colour out of a picture, so that the colours over it are those of the map."""
    return (image * (1 - GREY) + GREY * image.mean(axis=2, keepdims=True)).round().astype(np.uint8)


def paint_small(result: Attribution, tokens: Sequence[int], side: int) -> Image.Image:
    """Paint what is sure of the map of some tokens over its picture, at most `side` pixels wide and high."""
    heat = find_heat(result, tokens, sure=True)
    painted = paint(result.answer.question.image, heat, find_scale(result, tokens))
    painted.thumbnail((side, side), Image.Resampling.LANCZOS)
    return painted


def paint(image: Pixels, heat: Heat, scale: float) -> Image.Image:
    """Paint a map over its picture."""
    painted = Image.fromarray(soften(image)).convert("RGBA")
    layer = Image.fromarray(ink(heat, scale)).resize(painted.size, Image.Resampling.NEAREST)
    return Image.alpha_composite(painted, layer).convert("RGB")
