"""Questions come in thousands of phrasings, and what is held out of training never comes in it."""

import numpy as np
import pytest

from mmattr_app.demo.scenes import Scene, scene, wording
from mmattr_app.demo.scenes.wording import chatter, elsewhere, english, further, places, wrapping
from mmattr_app.demo.scenes.wording.languages import LANGUAGES, TOPICS
from mmattr_app.demo.scenes.wording.split import drawn_from, held_out_parts
from mmattr_app.demo.scenes.wording.typing import misspelt, typed

LISTS = [
    *(cores for module in (english, places, further) for cores in module.CORES.values()),
    *wrapping.LISTS,
    chatter.ABOUT_A_KIND,
    chatter.ABOUT_THE_PICTURE,
    elsewhere.ELSEWHERE,
    *(templates for language in LANGUAGES.values() for templates in language.TEMPLATES.values()),
]


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [scene(seed, 64) for seed in range(60)]


@pytest.mark.parametrize("parts", LISTS, ids=lambda parts: parts[0])
def test_about_a_tenth_of_every_list_is_held_out_whatever_its_order(parts: tuple[str, ...]) -> None:
    apart = held_out_parts(parts)
    assert apart == held_out_parts(parts[::-1])
    assert 1 <= len(apart) <= max(1, len(parts) / 10)
    assert set(drawn_from(parts, held_out=True)) == apart
    assert not apart & set(drawn_from(parts, held_out=False))


def test_every_topic_can_be_asked_in_words_and_the_blanks_are_filled(scenes: list[Scene]) -> None:
    rng, topics = np.random.default_rng(0), set()
    for drawn in scenes:
        for question in (*drawn.questions, *drawn.further):
            topics.add(question.topic)
            for asked in (
                wording.answerable(rng, question.topic, question.about),
                wording.phrase(rng, question.topic, question.about, held_out=True),
            ):
                assert asked
                assert "{" not in asked
    assert topics >= set(wording.CORES)


def test_there_are_thousands_of_ways_to_ask_for_a_caption() -> None:
    rng = np.random.default_rng(0)
    assert len({wording.answerable(rng, "caption", {}).lower() for _ in range(3000)}) > 1000


def test_a_question_with_a_core_held_out_is_never_asked_in_training() -> None:
    rng, held = np.random.default_rng(0), held_out_parts(wording.CORES["day"])
    asked = {wording.phrase(rng, "day", {}) for _ in range(500)}
    assert held
    assert not {text for text in asked if any(part.strip("?.") in text for part in held)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", TOPICS)
def test_the_ten_commonest_questions_can_be_asked_in_six_languages(language: str, topic: str) -> None:
    rng = np.random.default_rng(0)
    about = {"which": {"colour": "red"}, "caption": {}, "count": {}, "background": {}}.get(topic, {"kind": "cat"})
    name = LANGUAGES[language].words("cat")["the"].split(" ")[-1].lower()
    for held_out in (False, True):
        asked = wording.translated(rng, topic, about, language=language, held_out=held_out)
        assert "{" not in asked
        assert "kind" not in about or name[:4] in asked.lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_colour_has_a_name_in_every_language(language: str) -> None:
    spoken = LANGUAGES[language]
    assert set(spoken.NAMES) == set(LANGUAGES["german"].NAMES)
    assert set(spoken.COLOURS) == set(LANGUAGES["german"].COLOURS)
    assert len({spoken.words(kind)["the"] for kind in spoken.NAMES}) == len(spoken.NAMES)


def test_a_typo_changes_a_longer_word_and_makes_no_other_kind() -> None:
    rng, changed = np.random.default_rng(0), 0
    for _ in range(300):
        wrong = misspelt(rng, "what colour is the cat near boats", wording.known_words())
        assert "cat" in wrong.split()
        assert len(wrong.split()) == 7
        changed += wrong != "what colour is the cat near boats"
    assert changed > 250


def test_people_leave_out_capitals_and_question_marks() -> None:
    rng = np.random.default_rng(0)
    forms = {typed(rng, "where is it?") for _ in range(300)}
    assert forms >= {"where is it?", "Where is it?", "where is it", "WHERE IS IT?"}


def test_chatter_is_never_a_question_that_scenes_answer() -> None:
    rng = np.random.default_rng(0)
    said = {wording.out_of_scope(rng).lower().strip() for _ in range(2000)}
    assert "" in said
    assert len(said) > 1000
    assert not said & {core.lower() for cores in wording.CORES.values() for core in cores}
