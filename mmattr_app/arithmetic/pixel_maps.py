"""Turn maps over pixels into scores of regions and into small maps, for methods that read an open model."""

import numpy as np
from numpy.typing import NDArray

from mmattr_app import spans
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, PixelMaps, Pixels, Scores
from mmattr_app.segmentation import Segmentation

LONGEST = 96  # cells of a small map's longer side
MOST_CELLS = 240_000  # cells of all small maps of an answer together: a page saved as one file holds them twice


def full_picture(players: Players) -> Pixels:
    """Give the picture with every player visible."""
    return players.hide(np.ones(players.count, bool)).image


def blank_picture(players: Players) -> Pixels:
    """Give the picture with every pixel hidden by the occluder: the baseline of gradient methods."""
    return players.blank().image


def baselines(players: Players, rng: np.random.Generator) -> list[Pixels]:
    """Give five baselines: the occluder's picture, black, white, the mean colour and random pixels."""
    image = full_picture(players)
    mean = np.rint(image.mean(axis=(0, 1))).astype(np.uint8)
    plain = [np.broadcast_to(np.array(colour, np.uint8), image.shape) for colour in (0, 255, mean)]
    return [blank_picture(players), *plain, rng.integers(0, 256, image.shape, np.uint8)]


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


def shrink(maps: NDArray[np.float32]) -> PixelMaps:
    """Make small maps of maps [tokens, height, width]: each cell is the mean of its pixels."""
    scale = min(1, LONGEST / max(maps.shape[1:]), (MOST_CELLS / maps.size) ** 0.5)
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


def score_regions(game: Game, maps: NDArray[np.float32], says: str = "") -> Scores:
    """Score each region by the sum of each token's map [tokens, height, width] over the region."""
    segmentation = game.players.segmentation
    assert segmentation, "the plan refuses players that are no regions"
    return Scores(pool(maps, segmentation), says=says, pixels=shrink(maps))


def score_regions_for_span(game: Game, maps: NDArray[np.float32], says: str = "") -> Scores:
    """Score regions by the map [1, height, width] of a span; its tokens get equal parts, the other tokens zero."""
    return spans.share_out(score_regions(game, maps, says), game.probe.tokens, spans.columns(game))


def draw_nothing(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Give the sketch of a method whose map comes only at its end: all NaN."""
    del players, full
    return Scores(np.full((keeps.shape[1], logprobs.shape[1]), np.nan, np.float32))


def one_pass(players: int, budget: int | None, seed: int) -> int:
    """Count the passes through the model of a method that always needs one."""
    del players, budget, seed
    return 1
