"""Checks of a map: what is changed, what it costs, and what comes out of it on toys where that is known."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from captum.metrics import sensitivity_max
from scipy.stats import spearmanr

from mmattr_app import pipeline
from mmattr_app.arithmetic.agreement import rank_correlation, top_overlap
from mmattr_app.domain import Answer, Attribution, LogProbs, Pixels, Question, Scores
from mmattr_app.errors import AppError
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.randomising import randomised
from mmattr_app.pipeline import Plan
from mmattr_app.probe import Memo
from mmattr_app.studies import checks, measuring
from mmattr_app.workers.inline import InlineWorker
from tests.games import explain_regions


class Bright:
    """A model whose word is the likelier the brighter the picture's upper left quarter is."""

    batch, device = 8, "cpu"

    def __init__(self) -> None:
        self.asked = 0

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        del text
        logprobs = np.array([self.look(question.image)])
        yield Answer(question, (1,), ("bright",), logprobs, False, "bright", "1", "float32")

    def score(self, answer: Answer, questions: Sequence[Question]) -> LogProbs:
        del answer
        self.asked += len(questions)
        return np.array([[self.look(question.image)] for question in questions], np.float32)

    @staticmethod
    def look(image: Pixels) -> np.float32:
        high, wide = image.shape[:2]
        return np.float32(np.log1p(image[: high // 2, : wide // 2].astype(np.float64).mean()) - 8)


@pytest.fixture
def model() -> Bright:
    return Bright()


@pytest.fixture
def image() -> Pixels:
    return np.random.default_rng(0).integers(40, 255, (48, 64, 3), np.uint8)


@pytest.fixture
def memo() -> Memo:
    return {}


@pytest.fixture
def why(model: Bright, image: Pixels, memo: Memo) -> Attribution:
    worker = InlineWorker(model)
    answer = pipeline.ask(worker, Question((image,), "?"))
    cut = pipeline.segment(image, "grid:6x8")
    result = explain_regions(worker, answer, cut, Plan("ablation", "black"), memo=memo)
    model.asked = 0
    return result


CHECKS: dict[str, Callable[[Attribution], checks.Check]] = {
    "occluder": lambda why: checks.other_occluder(why, "#101010"),
    "seed": lambda why: checks.other_seed(why, 7),
    "grid": lambda why: checks.other_grid(why, 12, 16),
    "shift": checks.shifted_grid,
    "layers": checks.random_layers,
    "pixels": lambda why: checks.other_pixels(why, samples=3),
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_says_what_it_costs_before_it_is_spent(name: str, why: Attribution, model: Bright) -> None:
    check = CHECKS[name](why)
    assert model.asked == 0
    check.explain(InlineWorker(model))
    assert model.asked == check.masks
    masks = {"occluder": 50, "seed": 50, "grid": 194, "shift": 65, "layers": 50, "pixels": 150}
    assert check.masks == masks[name], "one for each region, everything and nothing"


def test_what_was_asked_for_the_map_is_not_asked_again(why: Attribution, model: Bright, memo: Memo) -> None:
    (again,) = checks.other_seed(why, 7).explain(InlineWorker(model), memo=memo)
    assert model.asked == 0
    assert checks.agreement(why, again, [0]).correlation == pytest.approx(1)
    assert checks.agreement(why, again, [0]).overlap == 1


def test_other_pixels_and_other_weights_are_not_taken_from_memory(why: Attribution, model: Bright, memo: Memo) -> None:
    for check in (checks.other_pixels(why, samples=2), checks.random_layers(why), checks.other_occluder(why, "white")):
        model.asked = 0
        check.explain(InlineWorker(model), memo=memo)
        assert model.asked == check.masks


def test_another_occluder_hides_regions_otherwise_and_words_as_before(model: Bright, image: Pixels) -> None:
    worker, plan = InlineWorker(model), Plan("ablation", "black", players=("regions", "words"))
    answer = pipeline.ask(worker, Question((image, image), "how bright"))
    cuts = [pipeline.segment(image, "grid:6x8"), pipeline.segment(image, "grid:2x2")]
    players = pipeline.find_players(answer.question, cuts, plan)
    assert players
    why = pipeline.explain(worker, answer, players, plan)
    check = checks.other_occluder(why, "blur")
    ((_, others, _),) = check.runs
    keep = np.ones(players.count, bool)
    keep[0] = keep[players.count - 1] = False
    hidden, otherwise = players.hide(keep), others.hide(keep)
    assert hidden.prompt == otherwise.prompt != answer.question.prompt
    assert (hidden.pictures[0] != otherwise.pictures[0]).any()
    (again,) = check.explain(worker)
    assert checks.agreement(why, again, [0]).overlap > 0.7
    for result in (why, again):
        result.scores.values[48:52, 0] = 10, 20, 30, 40  # the second picture, at which this model does not look
    same = checks.agreement(why, again, [0])
    again.scores.values[48:52, 0] = 40, 30, 20, 10
    other = checks.agreement(why, again, [0])
    assert other.correlation < same.correlation - 0.2
    assert (same.overlap, other.overlap) == (1, 0), "the best tenth is one region of the second picture"
    assert checks.best_part(again, [0])[:2].tolist() == [48, 49], "in the second picture, and words left out"
    assert measuring.whynot_compared(why, [0]) == ""
    words = pipeline.find_players(answer.question, (), Plan(players=("words",)))
    assert words
    alone = replace(why, players=words)
    assert measuring.whynot_compared(alone, [0]).startswith("An occluder hides regions of a picture, and none played")


def test_every_check_explains_all_of_several_pictures_again(model: Bright, image: Pixels) -> None:
    """Only the first picture matters to the model; the second is half as high."""
    worker, second = InlineWorker(model), image[:24].copy()
    answer = pipeline.ask(worker, Question((image, second), "how bright"))
    cuts = [pipeline.segment(one, f"grid:{rows}x8") for one, rows in ((image, 6), (second, 3))]
    players = pipeline.find_players(answer.question, cuts, Plan())
    assert players
    why = pipeline.explain(worker, answer, players, Plan("ablation", "black"))
    for name, again in {**CHECKS, "hiding": checks.by_hiding}.items():
        ((asked, others, plan), *_) = again(why).runs
        assert [one.picture for one in others.pictured] == [0, 1], name
        whole = others.hide(np.ones(others.count, bool)).pictures
        same = [(one == was).all() for one, was in zip(whole, (image, second), strict=True)]
        assert same == [name != "pixels"] * 2, name
        other = pipeline.explain(worker, asked, others, plan)
        assert checks.agreement(why, other, [0]).overlap > 0.2, name
        best = checks.best_part(other, [0])
        assert (best < others.pictured[0].segmentation.regions).all(), name
        assert others.weights()[best].sum() == pytest.approx(0.1, abs=0.05), "a tenth of all pixels"


@pytest.mark.parametrize("name", ["occluder", "grid", "shift"])
def test_a_map_that_is_true_survives_another_occluder_size_and_offset(
    name: str, why: Attribution, model: Bright
) -> None:
    (other,) = CHECKS[name](why).explain(InlineWorker(model))
    found = checks.agreement(why, other, [0])
    assert found.correlation > 0.8
    assert found.overlap > 0.2


def test_maps_that_have_nothing_in_common_do_not_agree(why: Attribution, model: Bright) -> None:
    (other,) = checks.other_grid(why, 6, 8).explain(InlineWorker(model))
    other.scores.values[:] = other.scores.values[::-1]
    found = checks.agreement(why, other, [0])
    assert found.correlation < 0
    assert found.overlap < 0.2


def test_what_a_map_says_is_held_against_what_hiding_its_best_part_does(why: Attribution, model: Bright) -> None:
    (hidden,) = checks.by_hiding(why).explain(InlineWorker(model))
    assert (hidden.method, hidden.occluder, hidden.players.count) == ("smooth", "black", why.players.count)
    matter = checks.surely_matters(hidden, [0])
    assert matter.any()
    rows, columns = np.divmod(np.flatnonzero(matter), 8)  # of a grid of 6x8
    assert ((rows < 3) & (columns < 4)).mean() > 0.9, "of the upper left quarter"
    assert matter[checks.best_part(hidden, [0])[0]]
    astray = replace(why, scores=Scores(np.arange(48, dtype=np.float32)[:, None]), reads="weight")
    assert checks.best_part(astray, [0]).tolist() == [47, 46, 45, 44, 43], "a tenth of 48 equal regions, or more"
    assert not matter[checks.best_part(astray, [0])].any()
    nowhere = replace(astray, scores=Scores(np.zeros((48, 1), np.float32)))
    assert not len(checks.best_part(nowhere, [0]))


def test_only_a_grid_can_be_moved(model: Bright, image: Pixels) -> None:
    answer = pipeline.ask(InlineWorker(model), Question((image,), "?"))
    result = explain_regions(InlineWorker(model), answer, pipeline.segment(image, "slic:9"), Plan("ablation"))
    with pytest.raises(AppError, match="only a grid can be moved"):
        checks.shifted_grid(result)


def test_groups_are_taken_apart_before_they_are_found_again(model: Bright, image: Pixels) -> None:
    answer = pipeline.ask(InlineWorker(model), Question((image,), "?"))
    result = explain_regions(InlineWorker(model), answer, pipeline.segment(image, "grid:12x12"), Plan("coarse-to-fine"))
    assert result.players.count < 144
    ((_, players, _),) = checks.other_occluder(result, "white").runs
    assert players.count == 144


def test_max_sensitivity_is_captums(why: Attribution, model: Bright, image: Pixels) -> None:
    check = checks.other_pixels(why, radius=0.05, samples=4)
    others = check.explain(InlineWorker(model))
    pictures = [players.hide(np.ones(48, bool)).image for _, players, _ in check.runs]
    assert max(np.abs(picture.astype(int) - image).max() for picture in pictures) == 13

    def explanation(inputs: Any) -> tuple[torch.Tensor]:
        (batch,) = inputs if isinstance(inputs, tuple) else (inputs,)
        return (torch.stack([torch.from_numpy(explain_alone(model, picture.numpy())) for picture in batch]),)

    expected = sensitivity_max(
        explanation,
        torch.from_numpy(image[None].astype(np.float32)),  # pyright: ignore[reportArgumentType]
        perturb_func=lambda _: torch.from_numpy(np.stack(pictures).astype(np.float32)),
        n_perturb_samples=4,
    )
    assert float(expected) > 0.001
    assert checks.max_sensitivity(why, others, [0]) == pytest.approx(float(expected), rel=1e-3)


def explain_alone(model: Bright, picture: Any) -> np.ndarray:
    """Score by hand what the word loses without each cell of a grid of 6x8."""
    lost = np.zeros((6, 8), np.float32)
    for row, column in np.ndindex(6, 8):
        hidden = picture.copy()
        hidden[8 * row : 8 * row + 8, 8 * column : 8 * column + 8] = 0
        lost[row, column] = model.look(picture) - model.look(hidden)
    return lost.ravel()


@pytest.mark.parametrize("family", ["llava", "qwen3_vl", "smolvlm", "florence2"])
def test_a_model_with_random_layers_has_another_map_and_gets_its_own_back(
    family: str, model_of: Callable[[str], HuggingFaceModel], question: Question
) -> None:
    model = model_of(family)
    worker = InlineWorker(model)
    answer = pipeline.ask(worker, question)
    cut = pipeline.segment(question.image, "grid:3x3")
    why = explain_regions(worker, answer, cut, Plan("ablation"))
    with randomised(model, layers=1) as changed:
        (other,) = checks.random_layers(why).explain(InlineWorker(changed))
    assert np.abs(other.logprob_full - why.logprob_full).max() > 0.01
    assert checks.agreement(why, other, range(len(answer.tokens))).correlation < 0.95
    again = explain_regions(InlineWorker(model_of(family)), answer, cut, Plan("ablation"))
    np.testing.assert_array_equal(again.scores.values, why.scores.values)


def test_rank_correlation_is_spearmans_and_the_overlap_that_of_the_best() -> None:
    first, second = np.random.default_rng(0).integers(0, 20, (2, 50)).astype(float)  # with ties
    assert rank_correlation(first, second) == pytest.approx(spearmanr(first, second)[0])
    assert rank_correlation(first, np.ones(50)) == 0.0
    assert top_overlap(np.arange(20.0), np.arange(20.0) * 2, 0.2) == 1
    assert top_overlap(np.arange(20.0), -np.arange(20.0), 0.2) == 0
    assert top_overlap(np.arange(4.0), np.array([0.0, 3, 2, 4]), 0.5) == 0.5
