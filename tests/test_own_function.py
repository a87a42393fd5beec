"""Methods on a person's own function, against closed forms and brute force."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import mmattr_app
from mmattr_app.errors import AppError
from mmattr_app.methods import METHODS

WORTH = np.array([[1.0, 0.0], [2.0, 1.0], [0.0, -1.0], [0.5, 0.5]])


def together(keep: NDArray[np.bool_]) -> Any:
    """Give two tokens: of the second the first two players are worth something only together."""
    return np.stack([keep @ WORTH[:, 0] - 9, 2.0 * (keep[:, 0] & keep[:, 1]) + keep[:, 2] - 9], axis=1)


def test_what_a_sum_is_made_of_is_found_exactly() -> None:
    for method in ("ablation", "keep-one", "shapley", "owen", "kernelshap"):
        found = mmattr_app.play(lambda keep: keep @ WORTH - 9, 4, method)
        np.testing.assert_allclose(found.values, WORTH, atol=1e-5, err_msg=method)


def test_shapley_values_are_those_of_brute_force() -> None:
    found = mmattr_app.play(together, ["left", "right", "top", "bottom"], "shapley")
    np.testing.assert_allclose(found.values[:, 1], [1, 1, 1, 0], atol=1e-5)


def test_one_column_may_come_without_its_axis() -> None:
    found = mmattr_app.play(lambda keep: keep.sum(axis=1) - 9, 3, "ablation")
    np.testing.assert_allclose(found.values, np.ones((3, 1)))


def test_no_mask_is_asked_twice() -> None:
    asked: list[bytes] = []

    def function(keep: NDArray[np.bool_]) -> Any:
        asked.extend(row.tobytes() for row in keep)
        return keep @ WORTH - 9

    mmattr_app.play(function, 4, "smooth")
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("method", [name for name, method in METHODS.items() if method.needs == "probe"])
def test_every_method_that_asks_with_masks_plays(method: str) -> None:
    if method == "windows":
        with pytest.raises(AppError, match="cells of a grid"):
            mmattr_app.play(together, 4, method)
        return
    found = mmattr_app.play(together, 4, method)
    assert found.values.shape == (4, 2)
    assert int(found.values.sum(axis=1).argmax()) in (0, 1)


@pytest.mark.parametrize(
    ("function", "players", "how", "says"),
    [
        (lambda keep: keep.sum(), 3, {}, r"gave an array of shape \[\] for 1 masks"),
        (lambda keep: np.where(keep[:, :1], 0.0, -np.inf), 3, {}, "a number that is not finite"),
        (together, 0, {}, "There are 0 players"),
        (together, 4, {"places": [[0.0, 1.0]]}, "There are 4 players with 1 places"),
        (together, 4, {"method": "guess"}, "There is no method 'guess'"),
        (together, 4, {"method": "grad-cam"}, "choose another method"),
    ],
)
def test_what_cannot_be_played_is_refused_in_a_sentence(function: Any, players: int, how: Any, says: str) -> None:
    with pytest.raises(AppError, match=says):
        mmattr_app.play(function, players, **how)
