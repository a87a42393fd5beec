"""A language model that begins again at the first changed tile gives the numbers of one that reads everything."""

from collections.abc import Callable

import numpy as np
import pytest

from mmattr_app.domain import Pixels, Question
from mmattr_app.models.families import FAMILIES
from mmattr_app.models.huggingface import HuggingFaceModel
from tests.models.short import again, answer, hidden_corners, scored

ModelOf = Callable[[str], HuggingFaceModel]

RESTARTING = [name for name, family in FAMILIES.items() if family.restarts_at_tiles]


@pytest.mark.parametrize("family", RESTARTING)
def test_beginning_again_moves_no_number(
    family: str, model_of: ModelOf, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, images = model_of(family), hidden_corners(question.image)
    said = answer(model, question)
    begun = scored(model, said, images)
    monkeypatch.setattr(model._scorer, "_restarts", False)
    whole = scored(model, again(said), images)
    np.testing.assert_allclose(begun, whole, atol=1e-4)
    assert np.abs(whole - said.logprobs).max() > 0.05, "the picture should matter"


@pytest.mark.parametrize("family", RESTARTING)
def test_what_comes_before_the_change_is_not_read_again(family: str, model_of: ModelOf, question: Question) -> None:
    model = model_of(family)
    said = answer(model, question)
    lengths: list[int] = []
    note = model._model.register_forward_pre_hook(
        lambda _module, _args, inputs: lengths.append(inputs["input_ids"].shape[1]), with_kwargs=True
    )
    with note:
        for image in hidden_corners(question.image)[:4]:
            scored(model, said, [image])
    first, last, _, whole = lengths
    assert last < first == whole
    read = model._encode(said.question, [said.question.image])["input_ids"].shape[1] + len(said.token_ids)
    assert first < read, "the words before the picture are not read again either"


def test_an_answer_whose_past_was_let_go_still_gives_its_numbers(model_of: ModelOf, picture: Pixels) -> None:
    model = model_of("smolvlm")
    both = [answer(model, Question((picture,), prompt, max_tokens=4)) for prompt in ("What?", "Where?")]
    images = hidden_corners(picture)
    for said in both:
        np.testing.assert_allclose(scored(model, said, images), scored(model, again(said), images), atol=1e-4)
