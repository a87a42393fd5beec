"""What words of an answer name: known for examples and drawn scenes, and for nothing else."""

from pathlib import Path

import numpy as np
import pytest

from mmattr_app.demo.answer_key import AnswerKey, find_key, named_pixels, read_key
from mmattr_app.demo.examples import FOLDER
from mmattr_app.demo.scenes import scene, write
from mmattr_app.domain import Answer, Question
from mmattr_app.selection import find_tokens
from mmattr_app.ui.examples import Example, load_examples

EXAMPLES = load_examples(FOLDER)


@pytest.mark.parametrize(("name", "word", "mask"), [
    ("1-night", "crown", "purple crown"),
    ("1-night", "night sky", "background"),
    ("4-colour", "green", "green cup"),
    ("5-relation", "book", "white book"),
    ("7-clever-hans", "fish", "tag"),
    ("7-clever-hans", "white", "white rocket"),
])  # fmt: skip
def test_the_words_of_an_example_name_what_is_drawn(name: str, word: str, mask: str) -> None:
    answer = _example(name).attribution.answer
    key = find_key(answer.question.image)
    assert key
    np.testing.assert_array_equal(named_pixels(answer, find_tokens(answer, word)), key.masks[mask])


def test_words_that_name_nothing_and_wrong_answers_have_no_pixels() -> None:
    answer = _example("1-night").attribution.answer
    assert named_pixels(answer, find_tokens(answer, "the")) is None
    denied = _example("6-denied").attribution.answer
    assert named_pixels(denied, find_tokens(denied, "guitar")) is None
    assert named_pixels(_said("A cat.", answer.question), (0,)) is None
    other = Question((answer.question.image[::-1].copy(),), answer.question.prompt)
    assert named_pixels(_said(answer.text, other), (0,)) is None


def test_one_answer_to_two_questions_with_two_causes_is_known_by_its_question() -> None:
    masks = {"a": np.eye(4, dtype=bool), "b": ~np.eye(4, dtype=bool)}
    entries = [{"prompt": name, "answer": "red", "marks": [{"start": 0, "end": 3, "masks": [name]}]} for name in masks]
    key, image = AnswerKey(entries, masks), np.zeros((4, 4, 3), np.uint8)
    np.testing.assert_array_equal(key.named(_said("red", Question((image,), "b")), (0,)), masks["b"])
    assert key.named(_said("red", Question((image,), "What?")), (0,)) is None


def test_a_scene_is_read_with_the_key_beside_it(tmp_path: Path) -> None:
    drawn = scene(12, 128)
    write(drawn, tmp_path)
    key = read_key(tmp_path)
    assert key
    named = key.named(_said(drawn.caption, Question((drawn.image,), "Describe the picture.")), (0,))
    assert named is not None
    assert named.any()
    assert read_key(tmp_path / "elsewhere") is None


def _example(name: str) -> Example:
    return next(one for one in EXAMPLES if one.name == name)


def _said(text: str, question: Question) -> Answer:
    """Give an answer of one token."""
    return Answer(question, (0,), (text,), np.zeros(1, np.float32), cut_off=False, model="", revision="", precision="")
