"""Regions and words in one game hide what each of them hides, and no method must know of it."""

from dataclasses import replace

import numpy as np
import pytest

from mmattr_app.arithmetic.fitting import fit_weights, to_logits
from mmattr_app.arithmetic.sampling import smooth_halves
from mmattr_app.contracts import Game, Players
from mmattr_app.domain import Answer, Keeps, Pixels, Question
from mmattr_app.methods import METHODS
from mmattr_app.players.regions import Regions
from mmattr_app.players.together import Together
from mmattr_app.players.words import find_words
from mmattr_app.segmentation import Segmentation
from tests.games import LogitGame

OTHERS = ("windows", "interactions")  # for cells of a grid, and for the few players at the top
NAMES = [name for name, method in METHODS.items() if method.needs == "probe" and name not in OTHERS]


def grid(rows: int, columns: int, side: int = 4) -> Segmentation:
    row, column = np.indices((rows * side, columns * side)) // side
    return Segmentation.from_labels(f"grid:{rows}x{columns}", row * columns + column)


def ask(*pictures: Pixels) -> Question:
    return Question(
        pictures or (np.arange(8 * 12 * 3, dtype=np.uint8).reshape(8, 12, 3),), "What is it now?", "Be brief."
    )


def both(question: Question, cut: Segmentation, *ways: str) -> Together:
    said = Answer(question, (1, 2), ("A", " cat"), np.zeros(2, np.float32), False, "m", "1", "f")
    return Together(
        [Regions(question, cut, "white"), find_words(question, ways or ("words", "answer"), "out", 99, said)]
    )


def test_each_part_hides_its_own() -> None:
    question = ask()
    players, regions = both(question, grid(2, 3)), Regions(question, grid(2, 3), "white")
    assert players.kinds() == ["picture"] * 6 + ["question"] * 4 + ["own words"] * 2
    assert players.names() == ["1", "2", "3", "4", "5", "6", "What", "is", "it", "now?", "A", "cat"]
    keep = np.array([1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1], bool)
    hidden = players.hide(keep)
    np.testing.assert_array_equal(hidden.image, regions.hide(keep[:6]).image)
    assert (hidden.prompt, hidden.system, hidden.said_hidden) == ("is it now?", "Be brief.", (0,))
    blank = players.blank()
    assert (blank.image == 255).all()
    assert (blank.prompt, blank.system, blank.said_hidden) == ("", "Be brief.", (0, 1))


def test_a_question_keeps_the_key_of_its_regions_while_all_words_are_visible() -> None:
    players, keeps = both(ask(), grid(2, 3)), np.random.default_rng(0).random((20, 12)) < 0.5
    regions = keeps.copy()
    regions[:, 6:] = True
    assert players.keys(regions) == Regions(ask(), grid(2, 3), "white").keys(keeps[:, :6])
    assert len(set(players.keys(keeps))) == len(np.unique(keeps, axis=0))
    assert players.blank_key() not in players.keys(keeps)


def test_two_pictures_each_have_regions_of_their_own() -> None:
    one, other = np.zeros((8, 12, 3), np.uint8), np.full((6, 6, 3), 9, np.uint8)
    question = ask(one, other)
    players = Together([Regions(question, grid(2, 3), "white", 0), Regions(question, grid(1, 1, 6), "white", 1)])
    assert players.kinds() == ["picture 1"] * 6 + ["picture 2"]
    assert players.names()[-2:] == ["6 of picture 1", "1 of picture 2"]
    keep = np.array([0, 1, 1, 1, 1, 1, 0], bool)
    first, second = players.hide(keep).pictures
    assert (first[:4, :4] == 255).all()
    assert not first[4:].any()
    assert (second == 255).all()
    assert len(set(players.keys(~np.eye(7, dtype=bool)))) == 7


def test_groups_that_somebody_made_are_players() -> None:
    groups = np.array([0, 0, 1, 1, 1, 1, 2, 2, 2, 0, 3, 3])
    alone = both(ask(), grid(2, 3))
    players = alone.grouped(groups)
    keep = np.array([False, True, False, True])
    for one, other in zip(vars(players.hide(keep)).values(), vars(alone.hide(keep[groups])).values(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert players.kinds() == ["picture and question", "picture", "question", "own words"]
    assert players.names()[0] == "1, 2, now?"
    assert players.region_rows().tolist() == [0, 1]
    assert players.segmentation is not None
    assert players.segmentation.areas.tolist() == [32, 64]
    np.testing.assert_allclose(players.weights(), np.bincount(groups, alone.weights()))
    assert players.grouped(np.array([0, 1, 0, 1])).hide(np.array([False, True])).prompt == ""
    assert players.fingerprint != alone.fingerprint


def test_groups_of_several_pictures_are_counted_in_each_picture() -> None:
    """Groups have their numbers in any order; one that holds regions of two pictures stays as it is."""
    question = Question((np.zeros((6, 6, 3), np.uint8), np.zeros((6, 3, 3), np.uint8)), "?")
    cuts = [Segmentation.from_labels("rows", np.indices((6, width))[0] // 2) for width in (6, 3)]
    alone = Together([Regions(question, cut, "white", number) for number, cut in enumerate(cuts)])
    groups = np.array([2, 2, 0, 3, 1, 1])
    players = alone.grouped(groups)
    assert players.names() == ["1 of picture 1", "1 of picture 2", "2 of picture 1", "2 of picture 2"]
    assert [one.rows.tolist() for one in players.pictured] == [[0, 2], [1, 3]]
    assert [one.segmentation.areas.tolist() for one in players.pictured] == [[12, 24], [12, 6]]
    keeps = np.random.default_rng(0).random((8, 4)) > 0.5
    assert players.keys(keeps) == alone.keys(keeps[:, groups])
    for keep in keeps:
        for one, other in zip(players.hide(keep).pictures, alone.hide(keep[groups]).pictures, strict=True):
            np.testing.assert_array_equal(one, other)
    again = players.grouped(np.array([0, 1, 0, 1]))
    assert again.names() == ["1 of picture 1", "1 of picture 2"]
    assert alone.grouped(np.array([0, 0, 1, 1, 2, 2])).names()[1] == "3 of picture 1, 1 of picture 2"


def test_kinds_can_play_as_one_player_each() -> None:
    players = both(ask(), grid(2, 3), "words", "system", "answer").by_kind()
    assert players.names() == ["picture", "question", "system prompt", "own words"]
    hidden = players.hide(np.array([True, False, False, True]))
    assert (hidden.prompt, hidden.system, hidden.said_hidden) == ("", "", ())


def test_parts_are_far_from_each_other_and_share_alike() -> None:
    players = both(ask(), grid(2, 3), "words")
    apart = np.linalg.norm(players.places()[:6, None] - players.places()[None, 6:], axis=-1)
    assert apart.min() > 50
    np.testing.assert_allclose([players.weights()[:6].sum(), players.weights()[6:].sum()], 0.5)
    assert (players.change()[:6].max(), players.change()[6:].max()) == (1, 1)


class Mixed(LogitGame):
    """A game of regions, of which those in the middle matter, and of words, of which one matters."""

    def __init__(self) -> None:
        self.players: Players = both(ask(np.zeros((32, 32, 3), np.uint8)), grid(8, 8), "words")
        rows, columns = np.indices((8, 8))
        bump = np.exp(-((rows - 2) ** 2 + (columns - 5) ** 2) / 3).ravel()
        weights = np.zeros((68, 3))
        weights[:64, 0], weights[65, 1], weights[:64, 2], weights[67, 2] = 2 * bump, 6, 1.5 * bump, -4
        super().__init__(weights.tolist())


@pytest.mark.parametrize("name", NAMES)
def test_every_method_finds_the_region_and_the_word_that_matter(name: str) -> None:
    toy = Mixed()
    game = Game(toy, toy.players)
    selections = [None] if METHODS[name].scope == "all tokens" else [(0,), (1,), (2,)]
    found = [METHODS[name].run(replace(game, selection=chosen), budget=None, seed=0) for chosen in selections]
    grouped = [scores.values if scores.groups is None else scores.values[scores.groups] for scores in found]
    values = np.sum(grouped, axis=0)  # of other tokens each has zero
    top = values.argmax(axis=0)
    assert np.hypot(top[0] // 8 - 2, top[0] % 8 - 5) <= 2
    assert top[1] == 65
    if METHODS[name].reads == "dependence":  # without a sign
        assert top[2] == 67
    elif METHODS[name].reads != "order":
        assert values[67, 2] == values[:, 2].min()
        assert np.hypot(top[2] // 8 - 2, top[2] % 8 - 5) <= 2


def test_a_groups_result_can_be_asked_for_by_players_of_the_picture() -> None:
    toy = Mixed()
    scores = METHODS["coarse-to-fine"].run(Game(toy, toy.players), budget=40, seed=0)
    assert scores.groups is not None
    grouped = toy.players.grouped(scores.groups)
    assert grouped.count == len(scores.values)
    assert all(" and " not in kind for kind in grouped.kinds()), "what is far apart is split first"
    cut = grouped.segmentation
    assert cut is not None
    assert cut.regions == len(grouped.region_rows())
    assert cut.areas.sum() == 32 * 32


def keeps_and_logits(toy: Mixed, number: int) -> tuple[Keeps, np.ndarray]:
    keeps = smooth_halves(toy.players.places(), number, np.random.default_rng(0))
    return keeps, to_logits(toy(keeps))


def test_a_gaussian_process_gives_a_word_its_weight_and_its_neighbours_none() -> None:
    toy = Mixed()
    found = fit_weights(toy.players.places(), *keeps_and_logits(toy, 64), [0, 1, 2])
    assert found.mean[65, 1] > 4
    assert np.abs(found.mean[[64, 66, 67], 1]).max() < 1
