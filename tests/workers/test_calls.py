"""A call arrives as it was sent, and small; what it yields is what the model says."""

import pickle

import numpy as np

from mmattr_app import pipeline
from mmattr_app.domain import Pixels, Question, Task
from mmattr_app.players.regions import Regions
from mmattr_app.segmentation import Segmentation
from mmattr_app.workers.calls import HiddenQuestions, Scoring
from tests.games import FreeModel, ToyWorker


def test_a_call_arrives_as_it_was_sent(picture: Pixels) -> None:
    question = Question((picture,), "hello")
    answer = pipeline.ask(ToyWorker(), question)
    masks = np.random.default_rng(0).random((3, *picture.shape[:2])) < 0.5
    for cut in (pipeline.segment(picture, "grid:1x3"), Segmentation.from_masks("mine", masks)):
        call = Scoring(Task(answer, Regions(question, cut, "blur")), np.eye(3, dtype=bool))
        assert call.task
        call.task.players.blank()  # makes a picture to hide with, which need not travel
        there = pickle.loads(pickle.dumps(call))  # noqa: S301  (our own bytes)
        assert there.masks == 3
        assert there.task.fingerprint == call.task.fingerprint
        for region in range(cut.regions):
            np.testing.assert_array_equal(there.task.players.segmentation.mask(region), cut.mask(region))
        np.testing.assert_array_equal(there.task.players.blank().image, call.task.players.blank().image)


def test_regions_travel_squeezed_and_a_picture_once() -> None:
    image = np.zeros((1000, 1000, 3), np.uint8)
    question = Question((image,), "hello")
    answer = pipeline.ask(ToyWorker(), question)
    task = Task(answer, Regions(question, pipeline.segment(image, "grid:8x8"), "noise"))
    task.players.blank()
    assert len(pickle.dumps(task)) < image.nbytes + 100_000


def test_questions_are_made_as_they_are_looked_at(picture: Pixels) -> None:
    question = Question((picture,), "hello")
    players = Regions(question, pipeline.segment(picture, "grid:2x2"), "white")
    keeps = ~np.eye(4, dtype=bool)
    asked = HiddenQuestions(players, keeps)
    assert len(asked) == 4
    for number, keep in enumerate(keeps):
        np.testing.assert_array_equal(asked[number].image, players.hide(keep).image)
    answer = next(iter(FreeModel().answer(question)))
    assert not isinstance(answer, str)
    (scored,) = Scoring(Task(answer, players), keeps).run(FreeModel())
    assert scored.shape == (4, 1)
