"""A map is sharpened for some tokens in a job of its own, from the result that is there."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mmattr_app
from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs import JobQueue, Sharpen
from mmattr_app.pipeline import Plan
from tests.games import ToyWorker, explain_regions, toy_queue
from tests.jobs.conftest import last


@pytest.fixture
def queue(worker: ToyWorker, tmp_path: Path) -> JobQueue:
    return toy_queue(worker, tmp_path)


def explained(picture: Pixels, regions: str = "grid:4x4", method: str = "ablation") -> Attribution:
    toy = ToyWorker()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    return explain_regions(toy, answer, pipeline.segment(picture, regions), Plan(method))


def test_it_starts_from_the_map_that_is_there_and_ends_with_a_finer_one(
    queue: JobQueue, worker: ToyWorker, picture: Pixels
) -> None:
    known = explained(picture)
    job = queue.submit(Sharpen(known, (0,), "toy"))
    seen = list(job.follow(pause=0))
    assert any(snapshot.attribution and snapshot.state == "hiding" for snapshot in seen)
    assert {snapshot.state for snapshot in seen} <= {"queued", "hiding", "done"}
    end = job.snapshot
    assert end.attribution is not None
    assert end.attribution.segmentation.regions > 16
    assert not np.isnan(end.attribution.scores.values).any()
    kept = queue.store.get(job.id)
    assert kept is not None
    assert kept.segmentation.made_by == "grid:4x4, cut finer, grouped"
    assert worker.masks <= 2 + pipeline.SHARPENING


def test_sharpening_twice_asks_once(queue: JobQueue, worker: ToyWorker, picture: Pixels) -> None:
    known = explained(picture)
    last(queue.submit(Sharpen(known, (0,), "toy")))
    before = worker.masks
    last(queue.submit(Sharpen(known, (0,), "toy")))
    assert worker.masks == before


def test_a_map_of_random_masks_is_sharpened_from_a_coarse_grid(queue: JobQueue, picture: Pixels) -> None:
    end = last(queue.submit(Sharpen(explained(picture, method="surrogate"), (0, 1), "toy")))
    assert end.attribution is not None
    assert end.attribution.segmentation.made_by == "grid:32x32, grouped"
    assert end.attribution.reads == "measured loss"


@pytest.mark.parametrize(("pictures", "options"), [
    (2, {}), (1, {"fuse": ["grid:2x2"]}), (1, {"instead_of": "a dog"}),
])  # fmt: skip
def test_what_cannot_be_sharpened_is_refused_before_a_model_is_loaded(
    pictures: int, options: dict[str, Any], picture: Pixels
) -> None:
    with pytest.raises(AppError, match="Only the map of one picture can be sharpened"):
        mmattr_app.explain([picture] * pictures, "What?", model="no such model", sharpen=True, **options)


def test_it_can_be_cancelled(queue: JobQueue, worker: ToyWorker, picture: Pixels) -> None:
    worker.gate.clear()
    job = queue.submit(Sharpen(explained(picture), (0,), "toy"))
    assert worker.busy.wait(10)
    job.cancel()
    worker.gate.set()
    end = last(job)
    assert (end.state, end.result) == ("cancelled", None)
