"""Exactly the hidden words are missing, of the question, the system prompt, a document and the answer so far."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from mmattr_app.domain import Answer, Question
from mmattr_app.errors import AppError
from mmattr_app.players.words import Words, find_words

ASKED = Question(
    (),
    "  What colour\n is the boat?",
    "Be  brief.",
    document="One two. Three!\nDr X said: “Four.” Five\n\n六七。八。",
)
MOST = 100


def said(*tokens: str) -> Answer:
    return Answer(ASKED, tuple(range(len(tokens))), tokens, np.zeros(len(tokens), np.float32), False, "m", "1", "f")


def find(*ways: str, answer: Answer | None = None, hidden_by: str = "out", most: int = MOST) -> Words:
    return find_words(ASKED, ways, hidden_by, most, answer)


def without(words: Words, *players: int) -> Question:
    return words.hide(~np.isin(np.arange(words.count), players))


@pytest.mark.parametrize(
    ("way", "names"),
    [
        ("words", ["What", "colour", "is", "the", "boat?"]),
        ("system", ["Be", "brief."]),
        ("sentences", ["One two.", "Three!", "Dr X said: “Four.”", "Five", "六七。", "八。"]),
        ("paragraphs", ["One two. Three!\nDr X said: “Four.” Five", "六七。八。"]),
    ],
)
def test_a_text_is_cut_into_its_words_sentences_or_paragraphs(way: str, names: list[str]) -> None:
    assert find(way).names() == names


def test_where_words_have_no_spaces_each_character_is_one() -> None:
    chinese = find_words(replace(ASKED, prompt="船是red的，what？ok"), ("words",), "out", MOST, None)
    assert chinese.names() == ["船", "是", "red", "的，", "what？", "ok"]


@pytest.mark.parametrize(
    ("hidden", "left"),
    [
        ((), "  What colour\n is the boat?"),
        ((0,), "  colour\n is the boat?"),
        ((2,), "  What colour the boat?"),
        ((1, 2), "  What the boat?"),
        ((4,), "  What colour\n is the"),
        ((0, 1, 2, 3), "  boat?"),
    ],
)
def test_a_word_that_is_left_out_takes_the_space_before_it_along(hidden: tuple[int, ...], left: str) -> None:
    asked = without(find("words"), *hidden)
    assert (asked.prompt, asked.system, asked.document) == (left, ASKED.system, ASKED.document)


def test_something_else_can_be_said_in_the_place_of_a_word() -> None:
    assert without(find("words", hidden_by="_"), 0, 3).prompt == "  _ colour\n is _ boat?"


def test_a_document_stands_before_the_question_unless_nothing_is_left_of_it() -> None:
    sentences = find("sentences")
    assert without(sentences, 1, 2, 3, 4, 5).text == "One two.\n\n" + ASKED.prompt
    assert sentences.blank().text == ASKED.prompt


def test_of_the_answer_the_tokens_of_a_word_are_hidden() -> None:
    answer = said(" A", " r", "ed", " ", "", "🌳", " boat", ".", " ")
    words = find("answer", answer=answer)
    assert words.names() == ["A", "red", "🌳", "boat."]
    assert words.kinds() == ["own words"] * 4
    assert without(words, 1, 2).said_hidden == (1, 2, 3, 4, 5)
    assert without(words, 3).said_hidden == (6, 7, 8)
    assert words.blank().said_hidden == tuple(range(9))


def test_questions_have_the_same_key_when_they_say_the_same() -> None:
    echo = find_words(replace(ASKED, prompt="the boat the boat"), ("words",), "out", MOST, None)
    keys = echo.keys(np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 1], [1, 1, 1, 1]], bool))
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert echo.keys(np.zeros((1, 4), bool)) == [echo.blank_key()]
    own = find("answer", answer=said("a", " b"))
    assert len(set(own.keys(np.array([[1, 1], [0, 1], [1, 0], [0, 0]], bool)))) == 4


def test_too_many_words_are_grouped_and_it_says_so() -> None:
    long = replace(ASKED, prompt="word " * 4999 + "last")
    words = find_words(long, ("words", "system"), "out", 1024, None)
    assert (words.count, words.kinds()[-1]) == (1001, "system prompt")
    assert words.says.startswith("5002 pieces of text are hidden 5 at a time, since at most 1024 players can play")
    assert without(words, 0).prompt == "word " * 4994 + "last"


def test_groups_of_words_hide_what_their_members_hide() -> None:
    words = find("words", "system")
    grouped = words.grouped(np.array([1, 0, 0, 1, 2, 2, 0]))
    assert grouped.names() == ["colour is brief.", "What the", "boat? Be"]
    keep = np.array([False, True, False])
    for name in ("prompt", "system", "document", "said_hidden"):
        assert getattr(grouped.hide(keep), name) == getattr(without(words, 1, 2, 6, 4, 5), name)


def test_words_come_back_from_a_journey() -> None:
    words = find("words", "sentences", hidden_by="_")
    back = pickle.loads(pickle.dumps(words))  # noqa: S301
    assert back.fingerprint == words.fingerprint != find("words", "sentences").fingerprint
    assert without(back, 2).prompt == without(words, 2).prompt


def test_every_word_has_its_share_and_a_place_of_its_own() -> None:
    words = find("words", "sentences")
    assert words.weights().sum() == pytest.approx(1)
    assert words.places().shape == (words.count, 1)
    assert (np.diff(words.places()[:, 0]) > 0).all()
    assert len(words.change()) == words.count


@pytest.mark.parametrize(
    ("way", "asked", "sentence"),
    [
        ("sentences", Question((), "What?"), "The document is empty, so none of it can be hidden"),
        ("system", Question((), "What?"), "The system prompt is empty, so none of it can be hidden"),
        ("words", Question((), " "), "The question is empty, so none of it can be hidden; ask something"),
    ],
)
def test_where_there_is_no_word_a_sentence_says_so(way: str, asked: Question, sentence: str) -> None:
    with pytest.raises(AppError, match=sentence):
        find_words(asked, (way,), "out", MOST, None)
