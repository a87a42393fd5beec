"""A task arrives as it was sent, and small."""

import pickle

import numpy as np

from mmattr_app import pipeline
from mmattr_app.domain import Pixels, Question, Segmentation, Task
from mmattr_app.workers.parcels import pack, unpack
from tests.games import ToyWorker


def test_a_task_arrives_as_it_was_sent(picture: Pixels) -> None:
    answer = pipeline.ask(ToyWorker(), Question(picture, "hello"))
    masks = np.random.default_rng(0).random((3, *picture.shape[:2])) < 0.5
    for cut in (pipeline.segment(picture, "grid:2x3"), Segmentation.from_masks("mine", masks)):
        task = Task(answer, cut, "mean")
        there = unpack(pickle.loads(pickle.dumps(pack(task))))  # noqa: S301  (our own bytes)
        assert there.fingerprint == task.fingerprint
        for region in range(cut.regions):
            np.testing.assert_array_equal(there.segmentation.mask(region), cut.mask(region))


def test_regions_travel_squeezed() -> None:
    image = np.zeros((1000, 1000, 3), np.uint8)
    answer = pipeline.ask(ToyWorker(), Question(image, "hello"))
    parcel = pack(Task(answer, pipeline.segment(image, "grid:8x8"), "mean"))
    assert len(parcel.regions.pixels) < 100_000
