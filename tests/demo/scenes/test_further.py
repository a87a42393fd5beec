"""The key of comparisons, groups, lists and the like is exact."""

import re

import pytest

from mmattr_app.demo.scenes import KINDS, Scene, Staging, scene
from mmattr_app.demo.scenes.kinds import GROUPS, plural


@pytest.fixture(scope="module")
def many() -> list[Scene]:
    return [scene(seed, 64, Staging(twins=seed % 2 == 0)) for seed in range(200)]


def asked(drawn: Scene, topic: str) -> list[tuple[dict[str, str], str]]:
    return [(question.about, question.answer) for question in drawn.further if question.topic == topic]


def test_what_is_called_bigger_is_clearly_bigger(many: list[Scene]) -> None:
    compared = 0
    for drawn in many:
        areas = {thing.kind: thing.area for thing in drawn.objects}
        for about, answer in asked(drawn, "bigger"):
            winner = next(kind for kind in about.values() if f"The {kind} is bigger." == answer)
            loser = next(kind for kind in about.values() if kind != winner)
            assert areas[winner] > 1.5 * areas[loser]
            compared += 1
        for about, answer in asked(drawn, "is bigger"):
            assert answer.startswith("Yes" if areas[about["kind"]] > areas[about["other"]] else "No")
    assert compared > 100


def test_more_is_more_and_the_same_is_said_to_be_the_same(many: list[Scene]) -> None:
    for drawn in many:
        count = {kind: sum(thing.kind == kind for thing in drawn.objects) for kind in KINDS}
        for about, answer in asked(drawn, "more"):
            first, second = count[about["kind"]], count[about["other"]]
            most = about["kind"] if first > second else about["other"]
            same = f"There are as many {plural(about['kind'])} as {plural(about['other'])}."
            assert answer == (same if first == second else f"There are more {plural(most)}.")


def test_groups_are_counted_and_listed(many: list[Scene]) -> None:
    for drawn in many:
        for about, answer in asked(drawn, "name group"):
            inside = {thing.kind for thing in drawn.objects if thing.kind in GROUPS[about["group"]][0]}
            named = set(re.findall(r"\w+", answer.lower()))
            assert {kind for kind in KINDS if kind in named or plural(kind) in named} == inside
    assert {about["group"] for drawn in many for about, _ in asked(drawn, "group")} == set(GROUPS)


def test_nothing_is_asked_of_a_group_while_one_could_quarrel_about_it(many: list[Scene]) -> None:
    for drawn in many:
        if any(thing.kind == "balloon" for thing in drawn.objects):
            assert "vehicles" not in {about["group"] for about, _ in asked(drawn, "group")}


def test_a_list_names_every_kind_once_with_its_number(many: list[Scene]) -> None:
    caption = next(drawn for drawn in many if len(drawn.objects) == 5 and len({t.kind for t in drawn.objects}) == 2)
    (_, answer), *_ = asked(caption, "list")
    assert re.fullmatch(r"(An?|Two|Three|Four) \w+ and (an?|two|three|four) \w+\.", answer)


def test_day_and_night_follow_the_backdrop(many: list[Scene]) -> None:
    said = {(drawn.backdrop, answer) for drawn in many for _, answer in asked(drawn, "day")}
    day, unknown = "It is day.", "One cannot tell."
    assert said == {
        ("night", "It is night."),
        ("meadow", day),
        ("beach", day),
        ("room", unknown),
        ("plain", unknown),
    }


def test_what_is_asked_about_absent_things_is_denied(many: list[Scene]) -> None:
    for drawn in many:
        for about, answer in asked(drawn, "absent"):
            assert about["kind"] not in {thing.kind for thing in drawn.objects}
            assert answer == f"There is no {about['kind']}."


def test_further_answers_are_justified_by_masks_that_are_there(many: list[Scene]) -> None:
    for drawn in many[:60]:
        for question in drawn.further:
            for masks in question.words.values():
                assert set(masks) <= set(drawn.masks)
