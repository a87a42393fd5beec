"""What a training step is given: questions in new words each time, refusals, and pictures that are no scenes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmattr_app.demo.model.configuration import CONFIGURATION, TOPICS, Data
from mmattr_app.demo.model.data import Shard, pregenerate
from mmattr_app.demo.model.dense import NO_BACKDROP
from mmattr_app.demo.model.encoder import ALL_TOPICS, Encoder, training_topic
from mmattr_app.demo.model.reading import Reader
from mmattr_app.demo.model.words import tokenizer
from mmattr_app.demo.scenes import scene
from mmattr_app.demo.scenes.refusals import OUT_OF_SCOPE, UNKNOWN_PICTURE

DATA = Data(scenes=16, strange=8, shard=8, workers=1)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return pregenerate(tmp_path_factory.mktemp("pictures"), DATA, 128, 8)


def said(reader: Reader, rng: np.random.Generator, shard: Shard, index: int) -> list[tuple[str, str]]:
    known = tokenizer()
    texts = reader.texts(rng, shard, index)
    return [(str(known.decode(prompt[:-1])), str(known.decode(answer[:-1]))) for prompt, answer in texts]


def test_a_question_is_the_same_after_it_was_kept_as_numbers() -> None:
    encoder = Encoder()
    for seed in range(30):
        drawn = scene(seed, 64)
        for question in (*drawn.questions, *drawn.further):
            row = np.array(encoder.row(question), np.uint8)
            assert encoder.about(row) == (question.topic, question.about)
            assert training_topic(question) in ALL_TOPICS


def test_every_topic_has_a_share_in_training() -> None:
    topics = {training_topic(q) for seed in range(60) for q in (*scene(seed, 64).questions, *scene(seed, 64).further)}
    assert topics == {"caption", *TOPICS}


def test_the_same_question_comes_in_other_words_each_time(shards: list[Path]) -> None:
    reader, shard = Reader(shards, 6, DATA), Shard.open(shards[0])
    captions = {said(reader, np.random.default_rng(seed), shard, 0)[0] for seed in range(30)}
    assert len({answer for _, answer in captions}) == 1
    assert len({prompt for prompt, _ in captions}) > 15


def test_of_a_picture_that_is_no_scene_only_the_refusal_is_said(shards: list[Path]) -> None:
    reader, shard = (
        Reader(shards, 6, DATA),
        Shard.open(next(path for path in shards if path.name.startswith("strange"))),
    )
    assert not len(shard.texts)
    assert set(shard.backdrops) == {NO_BACKDROP}
    assert not shard.patches.any()
    told = [pair for seed in range(20) for pair in said(reader, np.random.default_rng(seed), shard, seed % 8)]
    assert {answer for _, answer in told} == {UNKNOWN_PICTURE}
    assert len({prompt for prompt, _ in told}) > 40


def test_as_many_steps_as_wanted_show_such_pictures_and_such_questions(shards: list[Path]) -> None:
    reader, rng = Reader(shards, 6, replace(DATA, strange_share=0.25, out_of_scope=0.3)), np.random.default_rng(0)
    drawn = reader.draw(rng, 800)
    assert 0.2 < np.mean([not len(shard.texts) for shard, _ in drawn]) < 0.3
    scenes = [(shard, index) for shard, index in drawn if len(shard.texts)][:60]
    answers = [answer for shard, index in scenes for _, answer in said(reader, rng, shard, index)[1:]]
    assert 0.2 < np.mean([answer == OUT_OF_SCOPE for answer in answers]) < 0.4


def test_two_questions_in_one_have_both_answers(shards: list[Path]) -> None:
    reader, rng = Reader(shards, 6, replace(DATA, out_of_scope=0, two_in_one=1)), np.random.default_rng(0)
    told = said(reader, rng, Shard.open(shards[0]), 1)
    assert all(answer.count(".") == 2 for _, answer in told[1:])


def test_a_word_given_by_its_letters_reads_like_an_unknown_word() -> None:
    encoder, known = Encoder(), tokenizer()
    spelt = encoder.prompt("describe umbrellaz", np.random.default_rng(0), spelt=1.0)
    assert known.convert_ids_to_tokens(spelt[:-1]) == ["▁", *"describe", "▁", *"umbrellaz"]
    assert spelt[9:-1] == known.encode("umbrellaz", add_special_tokens=False)


def test_a_prompt_of_two_hundred_words_fits() -> None:
    prompt = Encoder().prompt("bzzzwqk " * 200)
    assert len(prompt) + CONFIGURATION.network.side**2 + 80 < tokenizer().model_max_length


def test_no_word_of_another_script_is_silence() -> None:
    known = tokenizer()
    for text in ("这是什么颜色的", "बिल्ली कहाँ है", "кошка", "ねこ", "γάτα"):
        ids = known(text).input_ids
        assert known.decode(ids) == text
        assert known.unk_token_id not in ids
