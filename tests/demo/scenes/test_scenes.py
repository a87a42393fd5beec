"""Scenes are the project's ruler: if one of these fails, every figure measured on them is in doubt."""

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from mmattr_app.demo.scenes import BACKGROUND, COLOURS, KINDS, TAG, Scene, Staging, scene
from mmattr_app.demo.scenes.backdrops import BACKDROPS
from mmattr_app.demo.scenes.sprites import sprite

SIZE = 128


@pytest.fixture(scope="module")
def many() -> list[Scene]:
    return [scene(seed, SIZE) for seed in range(600)]


def test_there_are_at_least_forty_kinds_ten_colours_and_five_backdrops() -> None:
    assert len(KINDS) >= 40
    assert len(COLOURS) == 10
    assert len(BACKDROPS) == 5


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_drawn_and_shows_its_colour(kind: str) -> None:
    red, blue = (np.asarray(sprite(kind, colour, 10, 60)).astype(int) for colour in ("red", "blue"))
    solid = red[..., 3] > 127
    assert solid.sum() > 400
    differs = np.abs(red - blue)[..., :3].sum(-1) > 90
    assert (differs & solid).sum() > 0.2 * solid.sum()


def test_the_same_seed_gives_the_same_scene(many: list[Scene]) -> None:
    for drawn in many[:20]:
        again = scene(drawn.seed, SIZE)
        assert np.array_equal(drawn.image, again.image)
        assert drawn.questions == again.questions
        assert all(np.array_equal(mask, again.masks[name]) for name, mask in drawn.masks.items())


@pytest.mark.parametrize("seed", range(12))
def test_a_seed_is_the_same_scene_at_every_size(seed: int) -> None:
    small, large = scene(seed, SIZE), scene(seed, 4 * SIZE)
    assert small.questions == large.questions
    for name, mask in small.masks.items():
        shrunk = large.masks[name].reshape(SIZE, 4, SIZE, 4).mean((1, 3)) > 0.5
        union = (shrunk | mask).sum()
        assert union == 0 or (shrunk & mask).sum() / union > 0.8
    means = large.image.reshape(SIZE, 4, SIZE, 4, 3).mean((1, 3))
    assert np.abs(means - small.image).mean() < 9


def test_objects_and_background_share_out_every_pixel(many: list[Scene]) -> None:
    for drawn in many[:100]:
        assert np.array_equal(sum(mask.astype(int) for mask in drawn.masks.values()), np.ones((SIZE, SIZE)))


def test_a_mask_holds_what_changes_when_the_object_changes_colour() -> None:
    for seed in range(5):
        drawn = scene(seed, SIZE)
        for thing in drawn.objects:
            left, top, right, bottom = thing.box
            assert thing.mask[top:bottom, left:right].sum() == thing.mask.sum() > 0
            inside = drawn.image[thing.mask].astype(int)
            wanted = np.array(COLOURS[thing.colour])
            assert (np.abs(inside - wanted).sum(-1) < 120).mean() > 0.1


def test_the_middle_of_an_object_lies_in_its_zone(many: list[Scene]) -> None:
    for drawn in many:
        for thing in drawn.objects:
            if thing.visible > 0.999:
                left, top, right, bottom = thing.box
                assert int((left + right) / 2 / SIZE * 3) == thing.zone.column
                assert int((top + bottom) / 2 / SIZE * 3) == thing.zone.row


def test_names_of_masks_are_unique_and_the_key_names_only_masks(many: list[Scene]) -> None:
    for drawn in many:
        assert len({thing.name for thing in drawn.objects}) == len(drawn.objects)
        for question in drawn.questions:
            for word, masks in question.words.items():
                assert word in re.findall(r"\w+", question.answer)
                assert masks
                assert set(masks) <= set(drawn.masks)


def test_every_noun_and_colour_of_an_answer_is_justified_and_no_article_is(many: list[Scene]) -> None:
    for drawn in many[:200]:
        for question in drawn.questions:
            denied = question.answer.startswith(("No", "There are no"))
            told = {word for word in re.findall(r"\w+", question.answer) if word in KINDS or word in COLOURS}
            assert denied or told <= set(question.words)
            assert not {"a", "A", "an", "An", "the", "The", "and", "is", "there"} & set(question.words)


def test_the_caption_lists_objects_in_reading_order_and_then_the_backdrop() -> None:
    caption = "An orange truck at the top left, a white cup at the top, a brown tent at the top right, "
    caption += "a white crown in the middle and a pink star on the right, under a night sky."
    assert caption in {scene(seed, SIZE).caption for seed in range(12)}


def test_hardly_visible_objects_leave_the_text() -> None:
    hidden = 0
    for seed in range(40):
        drawn = scene(seed, SIZE, Staging(cutouts=True))
        assert all(thing.told == (thing.visible >= 0.4) for thing in drawn.objects)
        gone = [thing for thing in drawn.objects if not thing.told]
        hidden += len(gone)
        for question in drawn.questions:
            assert not {thing.name for thing in gone} & {name for names in question.words.values() for name in names}
    assert hidden


def test_at_least_three_in_ten_groups_have_an_overlap(many: list[Scene]) -> None:
    groups = [drawn for drawn in many if len(drawn.objects) > 1]
    overlapping = sum(min(thing.visible for thing in drawn.objects) < 0.97 for drawn in groups)
    assert overlapping / len(groups) >= 0.3


def test_counts_kinds_colours_and_backdrops_are_uniform(many: list[Scene]) -> None:
    things = [thing for drawn in many for thing in drawn.objects]
    for values, choices in (
        ([len(drawn.objects) for drawn in many], range(1, 6)),
        ([drawn.backdrop for drawn in many], BACKDROPS),
        ([thing.colour for thing in things], COLOURS),
        ([thing.kind for thing in things], KINDS),
    ):
        counts, expected = Counter(values), len(values) / len(choices)
        assert set(counts) == set(choices)
        assert all(abs(counts[choice] - expected) < 5 * expected**0.5 for choice in choices)


def test_relations_hold_by_zone_and_have_one_answer(many: list[Scene]) -> None:
    for drawn in many[:200]:
        for question in drawn.questions:
            if question.topic == "left of":
                anchor = question.prompt.removesuffix("?").rsplit(" ", 1)[1]
                column = next(t.zone.column for t in drawn.objects if t.kind == anchor)
                assert sum(t.zone.column < column for t in drawn.objects) == 1


def test_all_question_types_come_up(many: list[Scene]) -> None:
    topics = {question.topic for drawn in many for question in drawn.questions}
    wanted = {"caption", "colour", "count", "count kind", "where", "which", "is there", "background"}
    assert topics >= wanted | {"left of", "right of", "above", "below", "what is at"}


def test_a_question_is_asked_in_several_phrasings(many: list[Scene]) -> None:
    prompts = {q.prompt for drawn in many for q in drawn.questions if q.topic == "caption"}
    assert len(prompts) >= 4


def test_marks_stand_where_their_words_stand(many: list[Scene]) -> None:
    for question in (q for drawn in many[:50] for q in drawn.questions):
        assert all(a.end <= b.start for a, b in pairwise(question.marks))
        assert all(question.answer[m.start : m.end].isalnum() for m in question.marks)


def test_a_tag_lies_in_a_corner_and_in_front() -> None:
    plain, tagged = scene(7, SIZE), scene(7, SIZE, Staging(tag=True))
    changed = (plain.image != tagged.image).any(-1)
    assert np.array_equal(changed & tagged.masks[TAG], changed)
    rows, columns = np.nonzero(tagged.masks[TAG])
    cell = SIZE // 8
    assert len(set(rows // cell)) == len(set(columns // cell)) == 1
    assert TAG not in plain.masks


def test_a_fish_can_be_asked_for_or_left_out() -> None:
    for seed in range(30):
        assert any(thing.kind == "fish" for thing in scene(seed, SIZE, Staging(fish=True)).objects)
        assert all(thing.kind != "fish" for thing in scene(seed, SIZE, Staging(fish=False)).objects)


def test_a_fish_that_is_asked_for_comes_first() -> None:
    for seed in range(30):
        drawn = scene(seed, SIZE, Staging(fish=True))
        assert min(drawn.objects, key=lambda thing: thing.zone).kind == "fish"


def test_where_the_tag_says_fish_nothing_else_does() -> None:
    for seed in range(30):
        for fish in (True, False):
            tagged = scene(seed, SIZE, Staging(tag=True, fish=fish, tag_says_fish=True))
            assert tagged.caption.split()[2] == "fish"
            assert tagged.questions[0].words["fish"] == (TAG,)
            plain = scene(seed, SIZE, Staging(fish=fish, tag_says_fish=True))
            assert "fish" not in plain.caption
            asked = [q.answer for q in plain.questions if q.topic == "is there" and "fish" in q.prompt]
            assert set(asked) == {"No, there is no fish."}


def test_the_background_mask_justifies_the_backdrop() -> None:
    for seed in range(10):
        asked = next(q for q in scene(seed, SIZE).questions if q.topic == "background")
        assert set(asked.words.values()) == {(BACKGROUND,)}
