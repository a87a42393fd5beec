"""Sliding windows: hide squares of 2x2 neighbouring cells of a grid; a cell's score is the mean over its windows.

score[r, t] = mean over the windows w that hold r of log p_t(all visible) - log p_t(all but w), as in Captum's Occlusion
with sliding_window_shapes=(2, 2) and strides=1 (Zeiler and Fergus, Visualizing and Understanding Convolutional
Networks, 2014). A window can hide a small object, or enough of a colour, when no single cell can.
"""

import numpy as np

from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Keeps, LogProbs, Scores
from mmattr_app.errors import AppError

SIDE = 2  # cells
ROUND = 6  # digits of a coordinate: places that agree in them are in the same row or column


def masks(players: int, budget: int | None, seed: int) -> int:
    """Count the most masks: one less than there are cells, for a single row; other grids have fewer windows."""
    del budget, seed
    return max(players - 1, 1)


def windows(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a cell by the mean loss of the windows that hold it."""
    del budget, seed
    holds = ~_windows(game.players)
    losses = game.probe(np.ones((1, game.players.count), bool)) - game.probe(~holds)
    return Scores((holds.T @ losses / holds.sum(axis=0)[:, None]).astype(np.float32))


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Give the mean loss of the windows that were hidden so far."""
    del players
    holds = (~keeps).astype(np.float32)
    number = holds.sum(axis=0)[:, None]
    return Scores(np.where(number, holds.T @ (full - logprobs) / np.maximum(number, 1), np.nan).astype(np.float32))


def _windows(players: Players) -> Keeps:  # [windows, players]
    """Give the masks that hide each window once; in a grid that is one cell wide, windows are one cell wide, too."""
    cells = _grid(players)
    high, wide = (min(SIDE, side) for side in cells.shape)
    corners = np.argwhere(np.ones((cells.shape[0] - high + 1, cells.shape[1] - wide + 1)))
    keeps = np.ones((len(corners), players.count), bool)
    for keep, (row, column) in zip(keeps, corners, strict=True):
        keep[cells[row : row + high, column : column + wide]] = False
    return keeps


def _grid(players: Players) -> np.ndarray[tuple[int, int], np.dtype[np.intp]]:  # [rows, columns]
    """Give the number of the player in each cell of the grid; refuse players that form no grid."""
    places = players.places().round(ROUND)
    if players.segmentation is not None and places.shape[1] == 2:
        row, column = (np.unique(place, return_inverse=True)[1] for place in places.T)
        cells = np.full((row.max() + 1, column.max() + 1), -1)
        cells[row, column] = np.arange(players.count)
        if cells.size == players.count and (cells >= 0).all():
            return cells
    raise AppError("windows slides over the cells of a grid; choose regions such as grid:8x8, or another method.")
