"""The probe remembers, counts, chunks and stops."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mmattr_app.domain import Answer, Keeps, LogProbs, Pixels, Question, Task
from mmattr_app.errors import Cancelled
from mmattr_app.players import regions
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo, RememberingProbe
from mmattr_app.segmentation import Segmentation

QUARTERS = np.array([[0, 0, 1, 1], [2, 2, 3, 3]])
HALVES = np.array([[0, 0, 1, 1], [0, 0, 1, 1]])


class Score:
    """A scoring call that counts what it is paid for."""

    def __init__(self) -> None:
        self.chunks: list[Keeps] = []
        self.blanks = 0

    def __call__(self, keeps: Keeps | None) -> LogProbs:
        if keeps is None:
            self.blanks += 1
            return np.zeros((1, 2), np.float32)
        self.chunks.append(keeps)
        rest = keeps.shape[1] + 1  # what no region holds stays
        return -(keeps @ np.arange(1, rest)[:, None] + rest + np.zeros(2)).astype(np.float32)

    @property
    def paid(self) -> int:
        return sum(map(len, self.chunks)) + self.blanks


def task(labels: Any, picture: Pixels, *, occluder: str = "white", prompt: str = "What?") -> Task:
    question = Question((picture,), prompt)
    answer = Answer(
        question,
        (7, 8),
        ("a", "b"),
        np.zeros(2, np.float32),
        cut_off=False,
        model="m",
        revision="r",
        precision="float32",
    )
    return Task(answer, Regions(question, Segmentation.from_labels("labels:x", labels), occluder))


def probe_of(score: Score, what: Task, memo: Memo | None = None, **options: Any) -> RememberingProbe:
    settings = {"chunk": lambda: 3, "on_reply": lambda *_: None, "cancelled": lambda: False, **options}
    return RememberingProbe(score, what, memo={} if memo is None else memo, **settings)


@pytest.fixture
def small(picture: Pixels) -> Pixels:
    return picture[:2, :4]


def test_a_mask_asked_twice_is_paid_once(small: Pixels) -> None:
    score = Score()
    probe = probe_of(score, task(QUARTERS, small))
    keep = np.array([[1, 1, 0, 1], [0, 1, 1, 1], [1, 1, 0, 1]], bool)
    first, again = probe(keep), probe(keep)
    assert score.paid == 2
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first[0], first[2])


def test_another_segmentation_of_the_same_pixels_is_not_paid_again(small: Pixels) -> None:
    score, memo = Score(), {}
    coarse = probe_of(score, task(HALVES, small), memo)(np.array([[False, True]]))
    fine = probe_of(score, task(QUARTERS, small), memo)(np.array([[False, True, False, True]]))
    assert score.paid == 1
    np.testing.assert_array_equal(coarse, fine)


def test_masks_and_a_label_map_that_hide_the_same_pixels_are_one_picture(small: Pixels) -> None:
    score, memo = Score(), {}
    left, right = np.array([[[1, 1, 0, 0]] * 2, [[0, 0, 1, 1]] * 2], bool)
    masks = Segmentation.from_masks("masks:x", np.array([left, left | right, right, ~left & ~right]))
    halves = task(HALVES, small)
    task_of_masks = replace(halves, players=Regions(halves.answer.question, masks, "white"))
    probe_of(score, task(HALVES, small), memo)(np.array([[True, False], [True, True], [False, False]]))
    keeps = np.array([[1, 1, 0, 1], [1, 1, 1, 0], [1, 0, 1, 1], [0, 1, 0, 1]], bool)
    probe_of(score, task_of_masks, memo)(keeps)
    assert score.paid == 3, "the right half, nothing, and everything, by two kinds of masks"
    probe_of(score, task_of_masks, memo)(np.array([[0, 1, 1, 1]], bool))
    assert score.paid == 4, "the left half alone was not asked before"


def test_pixels_get_their_codes_once_however_many_masks_are_asked(
    small: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    coded: list[tuple[int, int]] = []
    codes = regions.pixel_codes
    monkeypatch.setattr(regions, "pixel_codes", lambda *block: coded.append(block) or codes(*block))
    probe = probe_of(Score(), task(QUARTERS, small))
    for _ in range(2):
        probe(~np.eye(4, dtype=bool))
    assert coded == [(0, 8)]


@pytest.mark.parametrize("other", [{"occluder": "black"}, {"prompt": "Where?"}])
def test_another_occluder_or_question_is_another_picture(small: Pixels, other: dict[str, str]) -> None:
    score, memo, keep = Score(), {}, np.array([[False, True]])
    probe_of(score, task(HALVES, small), memo)(keep)
    probe_of(score, task(HALVES, small, **other), memo)(keep)
    assert score.paid == 2


def test_chunks_are_no_larger_than_asked(small: Pixels) -> None:
    score = Score()
    probe_of(score, task(QUARTERS, small))(~np.eye(4, dtype=bool))
    assert [len(chunk) for chunk in score.chunks] == [3, 1]


def test_every_question_is_told_once_paid_or_not(small: Pixels) -> None:
    heard: list[int] = []
    memo: Memo = {}
    keep = np.array([[1, 1, 0, 1], [0, 1, 1, 1], [1, 1, 0, 1]], bool)
    for _ in range(2):
        probe = probe_of(Score(), task(QUARTERS, small), memo, on_reply=lambda _, replies: heard.append(len(replies)))
        probe(keep)
        probe.nothing()
        probe(keep)
    assert sum(heard) == 6, "two masks and nothing, by each of two probes"


def test_what_is_known_of_another_segmentation_is_not_paid(small: Pixels) -> None:
    score, halves = Score(), task(HALVES, small)
    probe = probe_of(score, task(QUARTERS, small))
    probe.remember(halves.players.keys(np.array([[False, True]])), np.array([[-1, -2]], np.float32))
    np.testing.assert_array_equal(probe(np.array([[False, True, False, True]])), [[-1, -2]])
    assert score.paid == 0


def test_cancel_stops_between_chunks_and_keeps_what_was_paid(small: Pixels) -> None:
    score, memo = Score(), {}
    answers = iter([False, True])
    with pytest.raises(Cancelled):
        probe_of(score, task(QUARTERS, small), memo, cancelled=lambda: next(answers))(~np.eye(4, dtype=bool))
    assert score.paid == len(memo) == 3


def test_nothing_hides_the_uncovered_pixels_too(small: Pixels) -> None:
    score = Score()
    labels = np.array([[0, 0, 1, 1], [-1, -1, 1, 1]])
    probe = probe_of(score, task(labels, small))
    blank, empty = probe.nothing(), probe(np.zeros((1, 2), bool))[0]
    assert score.paid == 2
    assert blank[0] != empty[0]
    covered = probe_of(score, task(HALVES, small))
    np.testing.assert_array_equal(covered.nothing(), covered(np.zeros((1, 2), bool))[0])
    assert score.paid == 3


def test_columns_of_a_probe_share_its_memory(small: Pixels) -> None:
    score = Score()
    probe = probe_of(score, task(QUARTERS, small))
    keep = np.eye(4, dtype=bool)
    whole = probe(keep)
    second = probe.of([1, 0]).of([0])
    assert second.tokens == 1
    np.testing.assert_array_equal(second(keep), whole[:, [1]])
    np.testing.assert_array_equal(second.nothing(), probe.nothing()[[1]])
    assert score.paid == 5


def test_what_changes_the_picture_most_is_asked_first() -> None:
    picture = np.full((2, 4, 3), 255, np.uint8)
    picture[1, 2:], picture[0, :2] = 0, 200  # quarter 3 is black, quarter 0 grey, the others are white as the occluder
    score = Score()
    probe = probe_of(score, task(QUARTERS, picture), chunk=lambda: 1)
    replies = probe(~np.eye(4, dtype=bool))
    assert [int(chunk[0].argmin()) for chunk in score.chunks] == [3, 0, 1, 2]
    np.testing.assert_array_equal(replies, Score()(~np.eye(4, dtype=bool)))
