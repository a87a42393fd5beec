"""The bench of wrong words knows which words are wrong."""

import numpy as np

from mmattr_app.demo.scenes import KINDS, scene
from tests.bench.hallucination import exchange, judge

SEEDS = range(12)


def test_every_word_of_the_answer_key_is_right() -> None:
    for drawn in (scene(seed, 128) for seed in SEEDS):
        judged = judge(drawn, drawn.caption)
        assert not any(wrong for _, _, wrong in judged)
        assert {drawn.caption[start:end] for start, end, _ in judged} <= {*KINDS, *(o.colour for o in drawn.objects)}


def test_exactly_the_word_that_was_exchanged_is_wrong() -> None:
    for drawn in (scene(seed, 128) for seed in SEEDS):
        text = exchange(drawn.caption, np.random.default_rng(0))
        wrong = [text[start:end] for start, end, wrong in judge(drawn, text) if wrong]
        changed = [new for new, old in zip(text.split(), drawn.caption.split(), strict=True) if new != old]
        assert wrong == [word.strip(",.") for word in changed]


def test_a_thing_of_another_colour_has_a_wrong_colour_and_a_right_name() -> None:
    drawn = scene(2, 128)
    name = f"{drawn.objects[0].colour} {drawn.objects[0].looks}"
    other = f"{'pink' if drawn.objects[0].colour != 'pink' else 'blue'} {drawn.objects[0].looks}"
    text = drawn.caption.replace(name, other)
    assert [text[start:end] for start, end, wrong in judge(drawn, text) if wrong] == [other.split(maxsplit=1)[0]]
