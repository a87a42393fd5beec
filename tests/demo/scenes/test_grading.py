"""Answers are graded by their facts, whatever their words."""

import pytest

from mmattr_app.demo.scenes import Question, scene
from mmattr_app.demo.scenes.grading import right
from mmattr_app.demo.scenes.refusals import OUT_OF_SCOPE, UNKNOWN_PICTURE

CAPTION = Question("caption", "", "A red car at the top, two owls", ())
CASES = [
    ("colour", "What colour is the cat?", "The cat is red.", "Red.", True),
    ("colour", "What colour is the cat?", "The cat is red.", "It's a red cat", True),
    ("colour", "What colour is the cat?", "The cat is purple.", "violet", True),
    ("colour", "What colour is the cat?", "The cat is red.", "The cat is blue.", False),
    ("colour", "What colour is the cat?", "The cat is red.", "The cat.", False),
    ("colour", "What colour is the cat?", "The cat is red.", "It is red or blue.", False),
    ("count kind", "How many cats are there?", "There are two cats.", "2", True),
    ("count kind", "How many cats are there?", "There are two cats.", "Three cats.", False),
    ("count kind", "How many cats are there?", "There are no cats.", "None.", True),
    ("is there", "Is there a cat?", "Yes, there is a cat.", "yes", True),
    ("is there", "Is there a cat?", "No, there is no cat.", "There is no cat.", True),
    ("is there", "Is there a cat?", "No, there is no cat.", "Yes, there is a cat.", False),
    ("is there", "Is there a cat?", "Yes, there is a cat.", "No, there is no cat.", False),
    ("where", "Where is the cat?", "The cat is at the top left.", "In the upper left corner.", True),
    ("where", "Where is the cat?", "The cat is at the top left.", "At the top.", False),
    ("where", "Where is the cat?", "The cat is in the middle.", "In the centre of the picture.", True),
    ("bigger", "Which is bigger, the cat or the dog?", "The cat is bigger.", "The cat.", True),
    ("bigger", "Which is bigger, the cat or the dog?", "The cat is bigger.", "The dog is bigger.", False),
    ("which", "What is red?", "The plane.", "The airplane.", True),
    ("background", "What is in the background?", "A beach.", "The seaside.", True),
    ("day", "Is it day or night?", "It is day.", "It is night.", False),
    ("list", "Name all objects.", "A cat and two dogs.", "Two dogs, a cat", True),
    ("list", "Name all objects.", "A cat and two dogs.", "A cat and a dog", False),
    ("list", "Name all objects.", "A cat and two dogs.", "A dog, a cat and a dog", True),
    ("list", "Name all objects.", "A cat and two dogs.", "A dog, a cat and two dogs", False),
    ("list", "Name all objects.", "A cat and a dog.", "A cat, a dog and a cat", False),
    ("group", "Are there any animals?", "Yes, two cats.", "Yes, a cat and a cat.", True),
    ("group", "Are there any animals?", "Yes, two cats.", "A cat and a kitten.", True),
    ("group", "Are there any animals?", "Yes, two cats.", "Yes, a cat.", False),
    ("group", "Are there any animals?", "Yes, two cats.", "Yes.", False),
    ("group", "Are there any animals?", "Yes, two cats.", "No, there are no animals.", False),
    ("group", "Are there any animals?", "No, there are no animals.", "No.", True),
    ("group", "Are there any animals?", "No, there are no animals.", "No, a cat.", False),
    ("name group", "Which animals are there?", "There are no animals.", "None.", True),
    ("out of scope", "Hi!", OUT_OF_SCOPE, OUT_OF_SCOPE, True),
    ("out of scope", "Hi!", OUT_OF_SCOPE, UNKNOWN_PICTURE, False),
    ("out of scope", "Hi!", OUT_OF_SCOPE, "The cat.", False),
    ("colour", "What colour is the cat?", "The cat is red.", OUT_OF_SCOPE, False),
]


@pytest.mark.parametrize(("topic", "prompt", "answer", "text", "expected"), CASES)
def test_facts_decide(topic: str, prompt: str, answer: str, text: str, expected: bool) -> None:
    assert right(Question(topic, prompt, answer), text) == expected


def test_a_caption_may_use_other_words_and_another_order() -> None:
    asked = scene(12, 64).questions[0]
    other = (
        "A picture of a pink ship in the lower left, a brown boat in the center, a brown boat at the bottom right, a "
        "yellow butterfly at the top and a purple crown in the upper right, at night."
    )
    assert right(asked, other)
    assert not right(asked, other.replace("pink", "red"))
    assert not right(asked, other.replace("upper right", "upper left"))
    assert not right(asked, other.replace("night", "the beach"))


def test_the_answers_of_a_scene_are_right_and_those_to_the_same_question_elsewhere_are_not() -> None:
    for seed in range(30):
        drawn, other = scene(seed, 64), scene(seed + 1000, 64)
        for question in (*drawn.questions, *drawn.further):
            assert right(question, question.answer)
            for stranger in (*other.questions, *other.further):
                same = (stranger.topic, stranger.about) == (question.topic, question.about)
                if same and stranger.answer != question.answer and question.topic != "caption":
                    assert not right(question, stranger.answer), (question, stranger)
