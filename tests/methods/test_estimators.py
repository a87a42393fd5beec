"""Methods on random masks against Captum's on the same masks, and against Xplique's estimators, written out."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from captum._utils.models.linear_model import SkLearnLinearRegression, SkLearnRidge
from captum.attr import Lime, Occlusion
from captum.attr._core.lime import get_exp_kernel_similarity_function
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.arithmetic.fitting import to_logits
from mmattr_app.domain import Keeps, Question
from mmattr_app.errors import AppError
from mmattr_app.methods import METHODS
from mmattr_app.players.regions import Regions
from tests.games import LogitGame, SetGame
from tests.methods.test_shapley import tangled

Matrix = NDArray[Any]


def masks_of(name: str, players: int, budget: int, seed: int) -> Keeps:
    """List the masks of a method that chooses them all beforehand."""
    masks = METHODS[name].masks(players, budget, seed)
    assert not isinstance(masks, int)
    return masks


def captums_lime(game: SetGame, keeps: Keeps, fit: Any, similarity: Any, *, logits: bool) -> Matrix:
    """Let Captum's Lime fit these masks."""

    def generator(*_: Any, **__: Any) -> Iterator[torch.Tensor]:
        yield from torch.from_numpy(keeps[:, None]).long()

    def forward(shown: torch.Tensor, token: int) -> torch.Tensor:
        replies = game(shown.numpy() > 0.5)
        return torch.from_numpy(to_logits(replies) if logits else replies)[:, token]

    ones, columns = torch.ones(1, game.players.count), []
    for token in range(game.tokens):
        lime = Lime(forward, fit, similarity, generator)
        columns.append(lime.attribute(ones, additional_forward_args=(token,), n_samples=len(keeps))[0])
    return torch.stack(columns, dim=1).numpy()


def test_lime_is_captums_on_the_same_masks() -> None:
    game = tangled(12)
    scores = METHODS["lime"].run(game.game, budget=60, seed=3).values
    keeps = masks_of("lime", 12, 60, 3)
    kernel = get_exp_kernel_similarity_function("cosine", kernel_width=1.0)
    np.testing.assert_allclose(
        scores, captums_lime(game, keeps, SkLearnRidge(alpha=1.0), kernel, logits=True), atol=1e-4
    )


def test_kernelshap_is_captums_on_the_same_masks() -> None:
    game = tangled(12)
    scores = METHODS["kernelshap"].run(game.game, budget=101, seed=3).values
    keeps = np.vstack([np.ones((1, 12), bool), masks_of("kernelshap", 12, 101, 3)])

    def similarity(*asked: Any, **_: Any) -> float:
        return 1e6 if asked[2].sum() in (0, 12) else 1.0

    expected = captums_lime(game, keeps, SkLearnLinearRegression(), similarity, logits=False)
    np.testing.assert_allclose(scores, expected, atol=2e-3)
    np.testing.assert_allclose(scores.sum(axis=0), np.subtract(*game(keeps[:2])), atol=1e-5)


def test_kernelshap_draws_pairs_and_sizes_as_the_kernel_has_them() -> None:
    keeps = masks_of("kernelshap", 20, 4001, 0)
    assert not keeps[0].any()
    np.testing.assert_array_equal(keeps[1::2], ~keeps[2::2])
    sizes = np.arange(1, 20)
    expected = 1 / (sizes * (20 - sizes))
    found = np.bincount(keeps[1:].sum(axis=1), minlength=20)[1:] / 4000
    np.testing.assert_allclose(found, expected / expected.sum(), atol=0.02)


def on_grid(rows: int, columns: int) -> SetGame:
    """Play a tangled game on the cells of a grid."""
    picture = np.zeros((rows * 3, columns * 5, 3), np.uint8)
    players = Regions(Question((picture,), "?"), pipeline.segment(picture, f"grid:{rows}x{columns}"), "mean")
    return SetGame(players, tangled(rows * columns).logprobs)


@pytest.mark.parametrize(("rows", "columns"), [(4, 4), (3, 5), (2, 2), (6, 1), (1, 1)])
def test_windows_are_captums_occlusion(rows: int, columns: int) -> None:
    game = on_grid(rows, columns)
    scores = METHODS["windows"].run(game.game, budget=None, seed=0).values

    def forward(shown: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(game(shown.numpy().reshape(len(shown), -1) > 0.5))

    window = (min(2, rows), min(2, columns))
    for token in range(game.tokens):
        occlusion = Occlusion(forward).attribute(torch.ones(1, rows, columns), window, target=token)
        np.testing.assert_allclose(scores[:, token], occlusion[0].ravel().numpy(), atol=1e-5)


def test_windows_refuse_regions_that_are_no_grid(picture: Matrix) -> None:
    cut = pipeline.segment(picture, "slic:12")
    game = SetGame(Regions(Question((picture,), "?"), cut, "mean"), tangled(cut.regions).logprobs)
    with pytest.raises(AppError, match=r"^windows slides over the cells of a grid; choose .* or another method\.$"):
        METHODS["windows"].run(game.game, budget=None, seed=0)


def replies(game: SetGame, keeps: Keeps) -> Matrix:
    return to_logits(game(keeps))


def test_rise_is_xpliques_but_for_the_mean_of_all_masks() -> None:
    game = tangled(12)
    scores, keeps = METHODS["rise"].run(game.game, budget=80, seed=2).values, masks_of("rise", 12, 80, 2)
    logits = replies(game, keeps)
    rise = keeps.T @ logits / keeps.sum(axis=0)[:, None]
    hidden = (1 - keeps.mean(axis=0))[:, None]
    np.testing.assert_allclose(logits.mean(axis=0) + hidden * scores, rise, atol=1e-4)


def test_rise_and_lime_of_all_masks_give_the_weights_of_an_additive_game() -> None:
    weights = np.array([[2.0], [-1.0], [0.5], [0.0], [0.0]])
    game = LogitGame(weights.tolist()).game
    np.testing.assert_allclose(METHODS["rise"].run(game, budget=None, seed=0).values, weights, atol=1e-4)
    np.testing.assert_allclose(METHODS["lime"].run(game, budget=None, seed=0).values, weights, atol=0.3)


def jansen(game: SetGame, drawn: Keeps, other: Keeps) -> Matrix:
    """Write out Xplique's JansenEstimator on the designs A and B, in which player i of C_i is B's."""
    a, indices = replies(game, drawn), []
    for player in range(drawn.shape[1]):
        redrawn = drawn.copy()
        redrawn[:, player] = other[:, player]
        indices.append(((a - replies(game, redrawn)) ** 2).sum(axis=0) / (2 * len(a) * a.var(axis=0, ddof=1)))
    return np.stack(indices)


def test_sobol_is_what_jansens_estimator_tends_to() -> None:
    game, rng = tangled(7), np.random.default_rng(0)
    exact = METHODS["sobol"].run(game.game, budget=200, seed=0).values
    assert len(masks_of("sobol", 7, 200, 0)) == 2**7
    estimate = jansen(game, rng.random((20_000, 7)) < 0.5, rng.random((20_000, 7)) < 0.5)
    np.testing.assert_allclose(exact, estimate, atol=0.02)


def test_sobol_on_drawn_masks_is_half_of_jansen_with_each_player_turned_over() -> None:
    game = tangled(12)
    scores, keeps = METHODS["sobol"].run(game.game, budget=26 * 13, seed=1).values, masks_of("sobol", 12, 338, 1)
    drawn = keeps[:26]
    scale = replies(game, drawn).var(axis=0, ddof=1) / replies(game, keeps).var(axis=0)
    np.testing.assert_allclose(scores, jansen(game, drawn, ~drawn) / 2 * scale, rtol=1e-4)


def test_sobol_of_few_masks_is_at_most_one() -> None:
    weights = np.zeros((40, 1))
    weights[[3, 5], 0] = 9
    game = SetGame(LogitGame(weights.tolist()).game.players, lambda keep: keep @ weights * keep[:, [7]] - 30.0)
    for seed in range(20):
        scores = METHODS["sobol"].run(game.game, budget=82, seed=seed).values
        assert 0 <= scores.min() <= scores.max() <= 1


def test_sobol_of_an_additive_game_is_each_players_share_of_the_squares() -> None:
    weights = np.array([[2.0], [-1.0], [0.5], [0.0]])
    scores = METHODS["sobol"].run(LogitGame(weights.tolist()).game, budget=None, seed=0).values
    np.testing.assert_allclose(scores, weights**2 / 5.25, atol=1e-5)


def xpliques_hsic(keeps: Keeps, outputs: Matrix, width: float) -> Matrix:
    """Write out Xplique's BinaryEstimator for one output: [players]."""
    number = len(keeps)
    middle = np.eye(number) - 1 / number
    likeness = np.exp(-((outputs[:, None] - outputs) ** 2) / (2 * width**2))
    scores = []
    for shown in keeps.T.astype(float):
        kernel = 1 + (0.5 - (shown[:, None] - shown) ** 2)
        scores.append(((middle @ kernel @ middle) * (middle @ likeness @ middle).T).sum() / number)
    return np.array(scores)


def test_hsic_is_xpliques_divided_by_what_depends_on_itself() -> None:
    game = tangled(12)
    scores, keeps = METHODS["hsic"].run(game.game, budget=70, seed=2).values, masks_of("hsic", 12, 70, 2)
    middle = np.eye(70) - 1 / 70
    for token, outputs in enumerate(replies(game, keeps).T):
        width = float(np.median(np.abs(outputs[:, None] - outputs)[np.triu_indices(70, 1)]))
        likeness = middle @ np.exp(-((outputs[:, None] - outputs) ** 2) / (2 * width**2)) @ middle
        for player, shown in enumerate(keeps.T.astype(float)):
            kernel = middle @ (1.5 - (shown[:, None] - shown) ** 2) @ middle
            expected = xpliques_hsic(keeps, outputs, width)[player] * 70
            expected /= np.sqrt((kernel**2).sum() * (likeness**2).sum())
            assert scores[player, token] == pytest.approx(expected, abs=1e-5)


def test_hsic_of_all_masks_is_zero_for_a_player_who_changes_nothing_and_one_for_the_only_one() -> None:
    scores = METHODS["hsic"].run(LogitGame([[3.0], [0.0], [0.0]]).game, budget=None, seed=0).values
    np.testing.assert_allclose(scores[:, 0], [1, 0, 0], atol=1e-5)
