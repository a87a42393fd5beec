"""What scoring is spared, and does ahead of the device, changes no number in any family."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mmattr_app.domain import Pixels, Question
from mmattr_app.models import preprocessing
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.prefetch import prefetch
from mmattr_app.models.scorer import Scorer
from tests.families import FAMILIES
from tests.models.short import again, answer, scored, variants

TOGETHER = {"molmo2"}  # it numbers the patches of all pictures of a batch

ModelOf = Callable[[str], HuggingFaceModel]


@pytest.fixture
def forwards(monkeypatch: pytest.MonkeyPatch) -> Callable[[HuggingFaceModel], list[int]]:
    """Note how many pictures each forward takes."""

    def count(model: HuggingFaceModel) -> list[int]:
        sizes: list[int] = []
        honest = model._scorer._forward

        def noted(case: Any, pictures: Any) -> Any:
            sizes.append(len(pictures))
            return honest(case, pictures)

        monkeypatch.setattr(model._scorer, "_forward", noted)
        return sizes

    return count


@pytest.mark.parametrize("family", FAMILIES)
def test_pictures_read_apart_score_as_those_read_together(
    family: str, model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, images = model_of(family), variants(question.image)
    said = answer(model, question)
    apart = scored(model, said, images)
    read = model._scorer._case(said.question, said.token_ids, model._scorer.forced).encoder
    assert (read._apart is None) == (family in TOGETHER)
    monkeypatch.setattr(preprocessing, "_find_apart", lambda *_: None)
    np.testing.assert_allclose(apart, scored(model, again(said), images), atol=1e-4)


def test_pictures_that_the_model_cannot_tell_apart_are_asked_once(
    model_of: ModelOf, picture: Pixels, forwards: Callable[[HuggingFaceModel], list[int]]
) -> None:
    model = model_of("llava")  # which looks at the square in the middle only
    wide = np.concatenate([picture, picture, picture], axis=1)
    said = answer(model, Question((wide,), "What is it?", max_tokens=4))
    left, right, middle = wide.copy(), wide.copy(), wide.copy()
    left[:, :20] = right[:, -20:] = middle[:, 70:80] = 0
    sizes = forwards(model)
    whole, *hidden = scored(model, said, [wide, left, right, middle, middle])
    assert sizes == [1]
    np.testing.assert_array_equal(hidden[:2], [whole, whole])
    np.testing.assert_array_equal(hidden[2], hidden[3])
    assert np.abs(hidden[2] - whole).max() > 1e-3


def test_a_batch_goes_through_the_head_as_one_matrix(model_of: ModelOf, question: Question) -> None:
    model = model_of("llava")
    said = answer(model, question)
    shapes: list[tuple[bool, int]] = []
    head = model._model.get_output_embeddings()
    with head.register_forward_pre_hook(lambda _, given: shapes.append((given[0].is_contiguous(), given[0].shape[1]))):
        scored(model, said, variants(question.image)[1:])
    assert shapes == [(True, len(said.token_ids))], "row by row a product of matrices takes much longer"


def test_a_question_is_read_once_however_many_pictures_it_has(
    model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("qwen3_vl")
    said = answer(model, question)
    monkeypatch.setattr(model._processor, "apply_chat_template", None)
    assert len(scored(model, said, variants(question.image))) == 5


def test_the_answers_of_a_class_take_turns_without_being_read_again(
    model_of: ModelOf, picture: Pixels, forwards: Callable[[HuggingFaceModel], list[int]]
) -> None:
    model = model_of("llava")
    everybody = [answer(model, Question((picture,), f"What do {n} see?", max_tokens=2)) for n in range(30)]
    sizes = forwards(model)
    all_rows = [scored(model, said, [picture, image]) for image in variants(picture)[1:3] for said in everybody]
    assert sizes == [1] * 60
    for said, rows in zip([*everybody, *everybody], all_rows, strict=True):
        np.testing.assert_allclose(rows[0], said.logprobs, atol=1e-4)


def test_answers_at_hand_hold_no_more_than_so_many_bytes_of_pictures(
    model_of: ModelOf, picture: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("llava")

    def kept(most: int) -> int:
        monkeypatch.setattr("mmattr_app.models.scorer.CACHED_BYTES", most)
        scorer = Scorer(model._model, model._processor, exact=True, place=model._place, greedy=model._greedy)
        monkeypatch.setattr(model, "_scorer", scorer)
        for _ in range(4):
            answer(model, Question((picture.copy(),), "What?", max_tokens=2))
        return len(scorer._cases)

    assert kept(2 * picture.nbytes) == 2
    assert kept(0) == 1, "the newest stays"


def test_pictures_are_hidden_by_the_threads_too(
    model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, made_by = model_of("llava"), set[int]()
    said = answer(model, question)

    class Lazy(list[Pixels]):
        def __getitem__(self, place: Any) -> Any:
            made_by.add(threading.get_ident())
            return super().__getitem__(place)

    monkeypatch.setattr(model._scorer, "_threads", 2)
    assert len(scored(model, said, Lazy(variants(question.image)))) == 5
    assert made_by
    assert threading.get_ident() not in made_by, "whoever drives the device would wait for it"


def test_what_is_done_ahead_comes_in_order_and_not_too_early() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        return item * item

    done = prefetch(work, range(20), threads=4, depth=3)
    assert [next(done), next(done)] == [0, 1]
    assert max(begun) <= 1 + 3
    assert list(done) == [item * item for item in range(2, 20)]


def test_an_error_ahead_is_raised_in_its_place_and_ends_the_threads() -> None:
    def work(item: int) -> int:
        return 1 // (item - 2)

    before = threading.active_count()
    done = prefetch(work, range(5), threads=2, depth=4)
    assert [next(done), next(done)] == [-1, -1]
    with pytest.raises(ZeroDivisionError):
        next(done)
    assert threading.active_count() == before
