"""What every method of METHODS must do, on games whose answer is known."""

import numpy as np
import pytest

from mmattr_app.methods import METHODS
from tests.games import LogitGame

# Region 3 makes token 0, region 1 argues against token 1, nothing matters to token 2, regions 0 and 5 share token 3.
WEIGHTS = np.zeros((9, 4))
WEIGHTS[3, 0] = 4
WEIGHTS[1, 1] = -3
WEIGHTS[[0, 5], 3] = 2, 1

NAMES = [name for name, method in METHODS.items() if method.needs == "probe"]


@pytest.mark.parametrize("name", NAMES)
def test_every_method_finds_the_region_that_matters(name: str) -> None:
    scores = METHODS[name].run(LogitGame(WEIGHTS.tolist()), budget=None, seed=0).values
    assert scores.shape == WEIGHTS.shape
    assert scores.dtype == np.float32
    assert scores[:, 0].argmax() == 3
    assert scores[:, 1].argmin() == 1
    assert scores[1, 1] < 0
    assert np.argsort(-scores[:, 3])[:2].tolist() == [0, 5]


@pytest.mark.parametrize("name", NAMES)
def test_every_method_leaves_a_token_alone_that_does_not_look(name: str) -> None:
    scores = METHODS[name].run(LogitGame(WEIGHTS.tolist()), budget=None, seed=0).values
    np.testing.assert_allclose(scores[:, 2], 0, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("budget", [None, 20, 100])
def test_every_method_asks_as_many_masks_as_it_says(name: str, budget: int | None) -> None:
    game = LogitGame(WEIGHTS.tolist())
    METHODS[name].run(game, budget=budget, seed=0)
    masks = METHODS[name].masks(game.regions, budget, 0)
    assert masks.shape == (len(masks), game.regions)
    assert game.asked in (len(masks), len(masks) + 1), "besides them it may ask of the whole picture"


@pytest.mark.parametrize("name", NAMES)
def test_every_method_gives_the_same_scores_for_the_same_seed(name: str) -> None:
    first, second = (METHODS[name].run(LogitGame(WEIGHTS.tolist()), budget=None, seed=7).values for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", NAMES)
def test_every_method_scores_a_single_region(name: str) -> None:
    scores = METHODS[name].run(LogitGame([[5.0, -5.0]]), budget=None, seed=0).values
    assert scores[0, 0] > 0 > scores[0, 1]


@pytest.mark.parametrize("name", NAMES)
def test_every_method_says_what_it_does_in_one_line(name: str) -> None:
    says = METHODS[name].says
    assert says.endswith(".")
    assert len(says) < 90
