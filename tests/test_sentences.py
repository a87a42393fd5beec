"""The sentences about a map say what its numbers say."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mmattr_app.commands.terminal import report
from mmattr_app.contracts import Game
from mmattr_app.domain import Answer, Attribution, Curve, Question, Scores
from mmattr_app.metrics import METRICS
from mmattr_app.players.regions import Regions
from mmattr_app.players.together import Together
from mmattr_app.segmentation import Segmentation
from mmattr_app.sentences import PLACES, describe, percent, verdict, words
from tests.games import LogitGame

HIGH, WIDE = 90, 120
ROWS, COLUMNS = np.indices((HIGH, WIDE))
CUT = Segmentation.from_labels("grid:9x12", ROWS // 10 * 12 + COLUMNS // 10)
FULL, BLANK = np.log(np.array([0.9, 0.8], np.float32)), np.log(np.array([0.05, 0.79], np.float32))


def result(values: np.ndarray, cut: Segmentation = CUT, **more: Any) -> Attribution:
    """Make a result of the two tokens " red" and " car"."""
    question = Question((np.zeros((HIGH, WIDE, 3), np.uint8),), "?")
    answer = Answer(question, (1, 2), (" red", " car"), FULL, False, "toy", "1", "float32")
    scores = more.pop("scores", Scores(values.astype(np.float32)))
    reads = more.pop("reads", "measured loss")
    full, blank = more.pop("full", FULL), more.pop("blank", BLANK)
    players = Regions(question, cut, "white")
    return Attribution(answer, players, "ablation", None, 0, scores, reads, full, blank, **more)


def blob(row: int, column: int, score: float = 2.0) -> np.ndarray:
    """Give four neighbouring regions, in one of the nine places, this score, and the last token none."""
    values = np.zeros((9, 12))
    values[3 * row : 3 * row + 2, 4 * column : 4 * column + 2] = score
    return np.stack([values.ravel(), np.zeros(108)], axis=1)


def numbers(text: str) -> list[float]:
    return [float(number) / 100 for number in re.findall(r"([\d.]+)%", text)]


@pytest.mark.parametrize("row", range(3))
@pytest.mark.parametrize("column", range(3))
def test_the_place_is_the_ninth_of_the_picture_where_the_score_is(row: int, column: int) -> None:
    said = describe(result(blob(row, column)), [0])
    assert f"“red” rests mostly on {PLACES[row][column]} of the picture: 4 regions there" in said
    assert said.count(". ") == 1, "two sentences"
    assert said.endswith(".")


@pytest.mark.parametrize("seed", range(5))
def test_shares_are_those_of_the_pixels(seed: int) -> None:
    """The regions are of unequal size and some pixels are in none; heat is score times pixels."""
    labels = np.random.default_rng(seed).permutation(np.minimum(ROWS // 10, 5) * 12 + COLUMNS // 10 - 1)
    cut = Segmentation.from_labels("ragged", labels)
    values = np.zeros((cut.regions, 2))
    values[[3, 4], 0] = 1.5, 1.0
    values[9, 0] = 0.4  # less than half of the best
    said = describe(result(values, cut), [0])
    heat = np.sum([values[region, 0] * cut.mask(region) for region in range(cut.regions)], axis=0)
    strong = heat >= 0.75
    area, support = numbers(said)[:2]
    assert area == pytest.approx(strong.mean(), abs=0.006)
    assert support == pytest.approx(heat[strong].sum() / heat.sum(), abs=0.006)


def test_probabilities_are_named_as_they_were_measured() -> None:
    said = describe(result(blob(0, 2)), [0])
    assert numbers(said)[-3:] == pytest.approx([0.9, 0.9 * np.exp(-2), 0.05], abs=0.006)
    assert (
        "Hiding the best region alone takes its probability from 90% to 12%, and hiding the whole picture to 5%" in said
    )


def test_a_phrase_has_the_product_of_its_tokens_probabilities() -> None:
    assert numbers(describe(result(blob(0, 2)), [0, 1]))[-3] == pytest.approx(0.72, abs=0.006)
    assert describe(result(blob(0, 2)), [0, 1]).startswith("The whole answer rests")


def test_an_estimate_has_its_interval_and_no_probability_of_its_own() -> None:
    errors = np.full((108, 2), 0.25, np.float32)
    scores = Scores(blob(1, 1).astype(np.float32), errors)
    said = describe(result(blob(1, 1), scores=scores, reads="estimate"), [0])
    assert "“red” rests mostly on the middle" in said
    assert "The best region counts for +2.00 ± 0.41 logits; hiding the whole picture takes" in said
    unsure = replace(scores, errors=np.full((108, 2), 0.9, np.float32))
    assert "“red” probably rests" in describe(result(blob(1, 1), scores=unsure, reads="estimate"), [0])
    lost = replace(scores, errors=np.full((108, 2), 1.5, np.float32))
    said = describe(result(blob(1, 1), scores=lost, reads="estimate"), [0])
    assert said.startswith("No region surely supports “red”: the largest score is +2.00 ± 2.46 logits.")


def test_what_argues_against_the_word_is_named() -> None:
    values = blob(0, 0)
    values[107, 0] = -0.5
    assert ", while the lower right argues against it. " in describe(result(values), [0])
    values[107, 0] = -0.1
    assert "argues" not in describe(result(values), [0])


def test_two_places_are_named_as_two_and_scattered_ones_as_many() -> None:
    both = describe(result(blob(0, 0) + blob(2, 2)), [0])
    assert "the upper left and the lower right of the picture: 8 regions there" in both
    everywhere = describe(result(np.sum([blob(row, column) for row in range(3) for column in range(3)], axis=0)), [0])
    assert "on many parts of the picture: 36 regions" in everywhere


def test_a_word_that_needs_no_picture_is_said_to_need_none() -> None:
    said = describe(result(np.zeros((108, 2))), [1])
    assert said.startswith("“car” hardly needs the picture: its probability is 80% with it and 79% without it.")


def test_nothing_is_said_of_a_map_that_is_not_done() -> None:
    assert describe(result(np.full((108, 2), np.nan)), [0]) == ""


@pytest.mark.parametrize(
    ("probability", "said"), [(1.0, "100%"), (0.996, "over 99%"), (0.934, "93%"), (0.004, "under 1%")]
)
def test_probabilities_are_written_as_people_say_them(probability: float, said: str) -> None:
    assert percent(float(np.log(probability))) == said


def test_words_are_those_of_the_answer_or_the_selection() -> None:
    assert words(result(np.zeros((108, 2)))) == [[0], [1]]
    assert words(result(np.zeros((108, 2)), selection=(0, 1))) == [[0, 1]]


def measured(sign: float, *names: str) -> Attribution:
    """Measure a map of a game in which the first players make the word."""
    weights = np.zeros((108, 2))
    weights[:6, 0] = 1.5
    found = result(sign * weights, selection=(0,))
    game = Game(LogitGame(weights.tolist()), found.players, (0,))
    return replace(found, figures={name: METRICS[name].run(game, found.scores) for name in names})


def test_the_verdict_says_what_the_curves_say() -> None:
    why = measured(1.0, "deletion", "random-deletion")
    said, (curve, chance) = verdict(why), why.figures.values()
    assert isinstance(curve, Curve)
    assert isinstance(chance, Curve)
    hidden = re.match(r"Hiding the (\d+) best regions, ", said)
    assert hidden
    share, full, left, random = numbers(said)
    assert int(hidden[1]) / 108 == pytest.approx(share, abs=0.006)
    assert share == pytest.approx(0.1, abs=0.03)
    at = int(hidden[1]) / 108
    expected = [curve.values[0], *(np.interp(at, line.shares, line.values) for line in (curve, chance))]
    assert [full, left, random] == pytest.approx(expected, abs=0.006)
    assert random > left
    assert "takes “red” from" in said
    assert "chance" not in said


def test_of_several_pictures_the_verdict_is_about_all_of_them_and_says_which_region() -> None:
    """The second picture is as large as the first and one region matters, its last."""
    why = measured(1.0, "deletion")
    question = Question((np.zeros((HIGH, WIDE, 3), np.uint8),) * 2, "?")
    six = Segmentation.from_labels("grid:2x3", ROWS // 45 * 3 + COLUMNS // 40)
    for cut, best, said in ((CUT, "22 best regions", 22 / 216), (six, "best region (6 of picture 2)", 1 / 12)):
        players = Together([Regions(question, cut, "white", number) for number in (0, 1)])
        values = np.zeros((players.count, 2), np.float32)
        values[-1, 0] = 3
        game = Game(LogitGame(values.tolist()), players, (0,))
        many = replace(why, players=players, scores=Scores(values), selection=(0,))
        many = replace(many, figures={"deletion": METRICS["deletion"].run(game, many.scores)})
        assert verdict(many).startswith(f"Hiding the {best}, {100 * said:.0f}% of the pictures, takes “red” from 88%")


def test_a_map_that_is_no_better_than_chance_is_said_to_be_so() -> None:
    assert verdict(measured(-1.0, "deletion", "random-deletion")).endswith(
        "That is no better than chance: some of the random regions do as well."
    )


def test_without_a_control_nothing_is_compared_and_without_a_curve_nothing_is_said() -> None:
    assert verdict(measured(1.0, "deletion")).count("%") == 3
    assert verdict(measured(1.0)) == ""


def test_the_terminal_says_the_sentences_and_the_verdict() -> None:
    why = measured(1.0, "deletion", "random-deletion")
    assert describe(why, [0]) in report(why, top=3)
    assert verdict(why) in report(why, top=3)
