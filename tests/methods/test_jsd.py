"""Jensen-Shannon divergence: closed forms on toys, and a brute force over the whole vocabulary on tiny models."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.spatial import distance

from mmattr_app import own_function, pipeline
from mmattr_app.domain import Answer, Attribution, Keeps, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.methods.ablation import ablation
from mmattr_app.methods.jsd import AT_ONCE, divergence, jsd
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.pipeline import Listener, Plan
from mmattr_app.workers import distributions
from mmattr_app.workers.inline import InlineWorker
from tests.games import LogitGame, ToyWorker, explain_regions
from tests.oracles import forced_distributions

scipy_distance: Any = distance.jensenshannon  # the root of the divergence
HALF_MOVED = 1.5 - 0.75 * np.log2(3)  # from (1/2, 1/2) to (1, 0), by hand


def told(keeps: Keeps) -> Any:
    """Give two tokens' distributions over two words and all others: each token needs one of the first two players."""
    rows = np.empty((len(keeps), 2, 3))
    rows[:, 0] = np.where(keeps[:, [0]], (1, 0, 0), (0, 0, 1))
    rows[:, 1] = np.where(keeps[:, [1]], (0.5, 0.5, 0), (1, 0, 0))
    with np.errstate(divide="ignore"):
        return np.log(rows).astype(np.float32)


def test_what_moves_all_is_one_bit_and_what_moves_nothing_is_zero() -> None:
    game = replace(LogitGame([[0, 0]] * 3).game, distributions=told)
    scores = jsd(game, budget=None, seed=0).values
    np.testing.assert_allclose(scores, [[1, 0], [0, HALF_MOVED], [0, 0]], atol=1e-6)


def test_rivals_that_change_places_are_seen_where_the_word_itself_stays() -> None:
    def swapping(keeps: Keeps) -> Any:
        rows = np.where(keeps[:, [0]], (0.4, 0.6, 0), (0.4, 0, 0.6))
        with np.errstate(divide="ignore"):
            return np.log(rows[:, None]).astype(np.float32)

    game = replace(LogitGame([[0], [0]]).game, distributions=swapping)
    assert ablation(game, budget=None, seed=0).values[0, 0] == 0, "its probability is the same"
    assert jsd(game, budget=None, seed=0).values[0, 0] == pytest.approx(0.6)


def test_many_players_are_asked_in_blocks_and_each_once() -> None:
    asked: list[Keeps] = []

    def listening(keeps: Keeps) -> Any:
        asked.append(keeps)
        return told(keeps)

    jsd(replace(LogitGame([[0, 0]] * (AT_ONCE + 5)).game, distributions=listening), budget=None, seed=0)
    assert [len(keeps) for keeps in asked] == [1, AT_ONCE, 5]
    assert (np.vstack(asked[1:]) == ~np.eye(AT_ONCE + 5, dtype=bool)).all()


def test_any_two_distributions_are_as_far_apart_as_scipy_says() -> None:
    first, second = np.random.default_rng(0).dirichlet(np.ones(50), (2, 7, 3))
    expected = scipy_distance(first, second, base=2, axis=-1) ** 2
    found = divergence(np.log(first).astype(np.float32), np.log(second).astype(np.float32))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def explained(model: HuggingFaceModel, answer: Answer, **more: Any) -> Attribution:
    cut = pipeline.segment(answer.question.image, "grid:2x2")
    return explain_regions(InlineWorker(model), answer, cut, Plan("jsd", "white"), **more)


@pytest.mark.parametrize("family", ["llava", "qwen2_vl", "blip2_t5"])
def test_scores_are_those_of_a_brute_force_over_the_whole_vocabulary(
    family: str, model_of: Callable[[str], HuggingFaceModel], picture: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributions, "WORDS", 10**6)
    model = model_of(family)
    answer = pipeline.ask(InlineWorker(model), Question((picture,), "What is this?", max_tokens=4))
    asked = "What is this?", answer.token_ids
    own: tuple[Any, Any] = model._model, model._processor
    result, rows = explained(model, answer), list[Any]()
    full = np.exp(forced_distributions(*own, picture, *asked).astype(np.float64))
    for region in range(4):
        painted = picture.copy()
        painted[result.segmentation.mask(region)] = 255
        without = np.exp(forced_distributions(*own, painted, *asked).astype(np.float64))
        rows.append(scipy_distance(full, without, base=2, axis=-1) ** 2)
    np.testing.assert_allclose(result.scores.values, rows, atol=1e-5)
    assert result.scores.values.max() > 1e-5, "the picture matters"


def test_fewer_words_by_themselves_never_show_more_and_masks_are_counted(
    model_of: Callable[[str], HuggingFaceModel], question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("llava")
    answer = pipeline.ask(InlineWorker(model), question)
    told = list[int]()
    listener = Listener(on_result=lambda _, progress: told.append(progress.done))
    usual = explained(model, answer, listener=listener)
    assert told[-1] == 9 == pipeline.count_masks(usual.players, Plan("jsd")), "and no more"
    monkeypatch.setattr(distributions, "WORDS", 8)
    assert (explained(model, answer).scores.values <= usual.scores.values + 1e-6).all()


def test_what_tells_no_distributions_is_refused_in_a_sentence(picture: Pixels) -> None:
    toy = ToyWorker()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    with pytest.raises(AppError, match="toy does not tell how likely other words are; choose a method"):
        explain_regions(toy, answer, pipeline.segment(picture, "grid:2x2"), Plan("jsd"))
    with pytest.raises(AppError, match="jsd reads a model, and a function is none"):
        own_function.play(lambda keeps: keeps.sum(axis=1), 3, "jsd")
