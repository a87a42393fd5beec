"""Turn maps over pixels into scores of regions and into small maps, for methods that read an open model."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app import spans
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, PixelMaps, Scores
from mmattr_app.segmentation import Segmentation
from mmattr_app.white_box import Maps

Pictures: TypeAlias = Sequence[NDArray[Any]]  # of a question, each [height, width, 3]

LONGEST = 96  # cells of a small map's longer side
MOST_CELLS = 240_000  # cells of all small maps of an answer together: a page saved as one file holds them twice


def full_pictures(players: Players) -> Pictures:
    """Give the pictures with every player visible."""
    return players.hide(np.ones(players.count, bool)).pictures


def blank_pictures(players: Players) -> Pictures:
    """Give the pictures with every pixel hidden by the occluder: the baseline of gradient methods."""
    return players.blank().pictures


def baselines(players: Players, rng: np.random.Generator) -> list[Pictures]:
    """Give five baselines: the occluder's pictures, black, white, the mean colour of each and random pixels."""
    images = full_pictures(players)
    means = [np.rint(image.mean(axis=(0, 1))).astype(np.uint8) for image in images]
    plain = [
        [
            np.broadcast_to(np.array(colour, np.uint8), image.shape)
            for image, colour in zip(images, colours, strict=True)
        ]
        for colours in ([0] * len(images), [255] * len(images), means)
    ]
    return [blank_pictures(players), *plain, [rng.integers(0, 256, image.shape, np.uint8) for image in images]]


def noisy(pictures: Pictures, deviation: float, rng: np.random.Generator) -> list[NDArray[np.float32]]:
    """Add normal noise to each picture; `deviation` is a share of the range of its values."""
    return [
        picture + rng.normal(0, deviation * float(np.ptp(picture)), picture.shape).astype(np.float32)
        for picture in pictures
    ]


def sum_up(runs: Iterable[Maps]) -> Maps:
    """Add up the maps of several runs, picture by picture; no more than two are in memory at once."""
    return reduce(_add, runs)


def _add(total: Maps, maps: Maps) -> Maps:
    return [before + more for before, more in zip(total, maps, strict=True)]


def pool(maps: NDArray[np.float32], segmentation: Segmentation) -> NDArray[np.float32]:
    """Sum each map [tokens, height, width] over each region: [regions, tokens].

    A map of a large picture has one value for a square of pixels; each pixel gets an equal part of it.
    """
    height, width = segmentation.shape
    side = -(-height // maps.shape[1])
    atoms, ids = segmentation.holds.shape[1], segmentation.atoms.ravel() + 1  # atom -1 becomes number 0
    sums = np.empty((len(maps), atoms))
    for token, small in enumerate(maps):
        pixels = np.repeat(np.repeat(small, side, axis=0), side, axis=1)[:height, :width] / side**2
        sums[token] = np.bincount(ids, pixels.ravel(), atoms + 1)[1:]
    return (segmentation.holds.astype(np.float64) @ sums.T).astype(np.float32)


def shrink(maps: NDArray[np.float32], cells: int = 0) -> PixelMaps:
    """Make small maps of one picture's maps [tokens, height, width]: each cell is the mean of its pixels.

    `cells` is the size of the maps of all pictures together, which share the room; 0 if there is only this one.
    """
    scale = min(1, LONGEST / max(maps.shape[1:]), (MOST_CELLS / max(maps.size, cells)) ** 0.5)
    rows, columns = (_cells(pixels, max(1, int(pixels * scale))) for pixels in maps.shape[1:])
    small = np.stack([rows @ one @ columns.T for one in maps])
    ends = np.abs(small).max(axis=(1, 2))
    shares = small / np.where(ends > 0, ends, 1)[:, None, None]
    # Square roots: a few pixels may be far larger than the others, which must not all be rounded to zero.
    levels = np.rint(127 * np.sign(shares) * np.sqrt(np.abs(shares))).astype(np.int8)
    return PixelMaps(levels, ends.astype(np.float32))


def _cells(pixels: int, cells: int) -> NDArray[np.float32]:
    """Give the weights [cells, pixels] that average a line of pixels into cells of about equal length."""
    owners = np.arange(pixels) * cells // pixels
    weights = (owners == np.arange(cells)[:, None]).astype(np.float32)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def score_regions(game: Game, maps: Maps, says: str = "") -> Scores:
    """Score each region by the sum of each token's map of its picture over the region."""
    values = np.zeros((game.players.count, len(maps[0])), np.float32)
    for picture, segmentation, rows in game.players.pictured:
        values[rows] = pool(maps[picture], segmentation)
    cells = sum(of_picture.size for of_picture in maps)
    return Scores(values, says=says, pixels=tuple(shrink(of_picture, cells) for of_picture in maps))


def score_regions_for_span(game: Game, maps: Maps, says: str = "") -> Scores:
    """Score regions by the map of a span, one row; its tokens get equal parts, the other tokens zero."""
    return spans.share_out(score_regions(game, maps, says), game.probe.tokens, spans.columns(game))


def draw_nothing(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Give the sketch of a method whose map comes only at its end: all NaN."""
    del players, full
    return Scores(np.full((keeps.shape[1], logprobs.shape[1]), np.nan, np.float32))


def one_pass(players: int, budget: int | None, seed: int) -> int:
    """Count the passes through the model of a method that always needs one."""
    del players, budget, seed
    return 1
