"""The shares of picture, question and own words are exact Shapley values of a game with one player each."""

from collections.abc import Sequence

import numpy as np
import pytest

from mmattr_app.arithmetic.fitting import shapley_value
from mmattr_app.arithmetic.sampling import every_mask
from mmattr_app.arithmetic.shares import MOST_KINDS, OWN_WORDS, count_shared_masks, measure_shares
from mmattr_app.contrast import ContrastProbe
from mmattr_app.domain import Keeps, LogProbs
from tests.games import by_orders

KINDS = ("picture", "question", "own words")


class Table:
    """A probe that reads its replies off a table with a row for each mask."""

    def __init__(self, values: np.ndarray) -> None:
        self.values, self.tokens = values, values.shape[1]

    def __call__(self, keep: Keeps) -> LogProbs:
        return self.values[keep @ (1 << np.arange(keep.shape[1]))].astype(np.float32)

    def nothing(self) -> LogProbs:
        return self.values[0].astype(np.float32)

    def of(self, tokens: Sequence[int]) -> "Table":
        return Table(self.values[:, list(tokens)])


@pytest.mark.parametrize("number", [2, 3, 4])
def test_they_are_the_mean_over_all_orders(number: int) -> None:
    values = np.random.default_rng(number).normal(size=(2**number, 5))
    shares = measure_shares(Table(values), KINDS[:number] + ("document",) * (number - 3))
    np.testing.assert_allclose(shares.values, by_orders(values, number), atol=1e-5)
    np.testing.assert_allclose(shares.values.sum(axis=0), values[-1] - values[0], atol=1e-5)


def test_what_only_several_together_explain_is_said() -> None:
    masks = every_mask(3)
    both = np.stack([3.0 * masks[:, 0] * masks[:, 1], 1.0 * masks[:, 0] - 2.0 * masks[:, 2]], axis=1)
    shares = measure_shares(Table(both), KINDS)
    np.testing.assert_allclose(shares.joint, [3, 0], atol=1e-6)
    np.testing.assert_allclose(shares.values, [[1.5, 1], [1.5, 0], [0, -2]], atol=1e-6)


def test_a_share_is_of_the_sizes_whatever_their_signs() -> None:
    masks = every_mask(3)
    shares = measure_shares(Table(masks @ np.array([[2.0, 1], [-1, 0], [0, 1]])), KINDS)
    np.testing.assert_allclose(shares.of([0]), [2 / 3, 1 / 3, 0], atol=1e-6)
    np.testing.assert_allclose(shares.of([0, 1]), [3 / 5, 1 / 5, 1 / 5], atol=1e-6)


def test_while_its_own_words_stay_the_others_share_out_what_they_add_to_them() -> None:
    picture, question, own = every_mask(3).T.astype(float)
    # Without its own words the token is one of another place, which picture and question make less likely.
    by_place = own * (3 * picture + question) - (1 - own) * 2 * (picture + question) + 5 * own
    both_needed = own * 4 * picture * question
    shares = measure_shares(Table(np.stack([by_place, both_needed, 6 * own], axis=1)), KINDS)
    given = shares.given
    assert given
    assert given.kinds == ("picture", "question")
    np.testing.assert_allclose(given.values, [[3, 2, 0], [1, 2, 0]], atol=1e-6)
    np.testing.assert_allclose(given.joint, [0, 4, 0], atol=1e-6)
    np.testing.assert_allclose(given.of([0]), [0.75, 0.25], atol=1e-6)
    # With its own words hidden, too: 5 and half of 3 + 1 + 2 + 2 nats are theirs, and the others' signs nearly cancel.
    np.testing.assert_allclose(shares.values[:, 0], [0.5, -0.5, 9], atol=1e-6)
    np.testing.assert_allclose(shares.of([0]), [0.05, 0.05, 0.9], atol=1e-6)


@pytest.mark.parametrize("own", [0, 1, 2, 3])
def test_they_are_those_of_a_game_in_which_own_words_do_not_play(own: int) -> None:
    others = ("picture", "question", "document")
    kinds = (*others[:own], OWN_WORDS, *others[own:])
    values = np.random.default_rng(own).normal(size=(16, 5))
    given = measure_shares(Table(values), kinds).given
    alone = measure_shares(Table(values[every_mask(4)[:, own]]), others)
    assert given
    assert given.kinds == others
    np.testing.assert_allclose(given.values, by_orders(values[every_mask(4)[:, own]], 3), atol=1e-5)
    np.testing.assert_allclose(given.joint, alone.joint, atol=1e-5)
    assert alone.given is None


def test_those_of_a_contrast_are_the_mean_over_all_orders_of_the_difference() -> None:
    rng = np.random.default_rng(7)
    this, that = rng.normal(size=(8, 2)), rng.normal(size=(8, 3))
    shares = measure_shares(ContrastProbe(Table(this), Table(that)), KINDS).spread((1, 2), 5)
    difference = this.sum(axis=1, keepdims=True) - that.sum(axis=1, keepdims=True)
    assert shares.given
    for found, expected in ((shares, by_orders(difference, 3)), (shares.given, by_orders(difference[4:], 2))):
        np.testing.assert_allclose(found.values[:, 1:3].sum(axis=1), expected[:, 0], atol=1e-5)
        np.testing.assert_allclose(found.of((1, 2)), np.abs(expected[:, 0]) / np.abs(expected).sum(), atol=1e-5)
        assert (found.values[:, [0, 3, 4]] == 0).all()
    alone = this[[1, 2, 4]].sum() - that[[1, 2, 4]].sum() - 3 * difference[0, 0]
    assert shares.joint.sum() == pytest.approx(difference[7, 0] - difference[0, 0] - alone, abs=1e-5)


@pytest.mark.parametrize("own", [None, 0, 8])
def test_of_many_kinds_they_are_estimated_and_exact_where_no_three_work_together(own: int | None) -> None:
    kinds = [f"picture {number}" for number in range(9)]
    if own is not None:
        kinds[own] = OWN_WORDS
    rng, masks = np.random.default_rng(3), every_mask(9).astype(float)
    alone, pairs = rng.normal(size=(9, 1)), rng.normal(size=(9, 9))
    of_pairs = np.einsum("mi,ij,mj->m", masks, np.triu(pairs, 1), masks)[:, None]
    table, asked = Table(masks @ alone + of_pairs), set[bytes]()

    class Counting(Table):
        def __call__(self, keep: Keeps) -> LogProbs:
            asked.update(mask.tobytes() for mask in keep)
            return super().__call__(keep)

    shares = measure_shares(Counting(table.values), kinds)
    assert shares.estimated
    np.testing.assert_allclose(shares.values, exact(table.values, 9), atol=1e-4)
    assert len(asked) - 1 == count_shared_masks(kinds) < 160
    if own is not None:
        assert shares.given
        np.testing.assert_allclose(shares.given.values, exact(table.values[every_mask(9)[:, own]], 8), atol=1e-4)


def exact(values: np.ndarray, number: int) -> np.ndarray:
    return np.stack([shapley_value(values, player) for player in range(number)])


def test_with_many_kinds_that_all_work_together_the_estimate_is_near_and_adds_up() -> None:
    masks, wrong = every_mask(8), list[np.ndarray]()
    for seed in range(40):
        weights = np.random.default_rng(seed).exponential(size=(8, 1))
        values = -np.logaddexp(0, 4 - 2 * masks @ weights)  # the log-probability of a sum of logits
        shares, right = measure_shares(Table(values), list("abcdefgh")), exact(values, 8)
        wrong.append(np.abs(shares.of([0]) - np.abs(right[:, 0]) / np.abs(right).sum()))
        assert shares.values.sum() == pytest.approx(values[-1, 0] - values[0, 0], abs=1e-4)
    assert np.mean(wrong) < 0.018, "independent random orders are .02 to .03 off"
    assert np.max(wrong) < 0.12


def test_one_kind_is_not_shared() -> None:
    assert count_shared_masks(["picture"] * 9) == 0
    assert count_shared_masks(["picture", "question", "question", "own words"]) == 7
    assert count_shared_masks([str(kind) for kind in range(MOST_KINDS)]) == 63
    assert count_shared_masks([str(kind) for kind in range(8)]) <= 64
