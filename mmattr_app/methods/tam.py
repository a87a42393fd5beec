"""Token Activation Map (Li et al. 2025): the token's logits over the picture, minus what earlier words explain of them.

As in the paper and its code (xmed-lab/TAM), except that a picture of several sheets, such as tiles, is filtered sheet
by sheet, and that all words after the picture count as earlier words, those of the chat template included.
"""

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.pixel_maps import score_regions
from mmattr_app.contracts import Game
from mmattr_app.domain import Scores
from mmattr_app.white_box import Positions

SIDE = 3  # positions along a side of the filter's window


def tam(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a region by the activation map of the token over its positions."""
    del budget, seed
    maps = token_activation_maps(game.open.activations(), game.probe.tokens)
    return score_regions(game, game.open.spread(maps))


def token_activation_maps(found: Positions, tokens: int) -> NDArray[np.float32]:
    """Give the map of each of the last `tokens` words: [tokens, picture positions]."""
    first = found.words_before
    # Rows are words after the picture; their logits are over the picture's positions, and over all words' positions.
    picture, logits = (np.maximum(rows[first:], 0).astype(np.float64) for rows in (found.picture, found.words))
    ids, answer_start = found.word_ids[first:], len(found.word_ids) - first - tokens
    maps: list[NDArray[np.float64]] = []
    for word in range(answer_start, len(ids)):
        before = np.arange(word)
        # A word of the prompt is taken at its own position, one of the answer at the position before, which predicts it
        read = logits[word, first + np.where(before < answer_start, before, before - 1)]
        others = before[ids[:word] != ids[word]]
        left = remove_explained(picture[word], picture[others], read[others])
        lowest, highest = (extreme(np.append(left, read)) for extreme in (np.min, np.max))
        maps.append(filter_ranks((left - lowest) / max(highest - lowest, 1e-12), found.places))
    return np.array(maps, np.float32)


def remove_explained(
    own: NDArray[np.float64], others: NDArray[np.float64], logits: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Subtract from a word's activation [positions] its least-squares fit by the mean of the other words' activations.

    `others` [words, positions] are averaged with the weights `logits` [words]: the word's logit at each of them.
    """
    explained = logits / (logits.sum() + 1e-8) @ others
    power = explained @ explained
    scale = own @ explained / power if power > 0 else 0.0  # least squares
    return np.maximum(own - scale * explained, 0)


def filter_ranks(values: NDArray[np.float64], places: NDArray[np.intp]) -> NDArray[np.float64]:
    """Rank Gaussian filter: each value [positions] becomes a weighted mean of its sorted neighbours.

    The weights are a Gaussian around the middle rank; the more the neighbours differ, the wider it is.
    """
    filtered = np.zeros_like(values)
    for sheet in range(places[:, 0].max() + 1):
        here = places[:, 0] == sheet
        rows, columns = (np.unique(places[here, axis], return_inverse=True)[1] for axis in (1, 2))
        grid = np.zeros((rows.max() + 1, columns.max() + 1))
        grid[rows, columns] = values[here]
        margin = SIDE // 2
        padded = np.pad(grid, margin, mode="reflect") if min(grid.shape) > margin else np.pad(grid, margin, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, (SIDE, SIDE)).reshape(*grid.shape, SIDE**2)
        ranked = np.sort(windows, axis=-1)
        mean = ranked.mean(axis=-1)
        spread = np.where(mean > 0, ranked.std(axis=-1) / np.where(mean > 0, mean, 1), 0)
        offsets = np.arange(SIDE**2) - SIDE**2 // 2
        kernel = np.exp(-(offsets**2) / (2 * np.maximum(spread, 1e-6)[..., None] ** 2))
        smooth = (ranked * kernel).sum(axis=-1) / kernel.sum(axis=-1)
        filtered[here] = np.where(mean > 0, smooth, 0)[rows, columns]
    return filtered
