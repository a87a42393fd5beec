"""Regions that take their time are found in a job, alone or before a run, and it can be followed and cancelled."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain, FindRegions, Job, JobQueue, Snapshot
from mmattr_app.pipeline import Plan
from tests.games import ToyWorker, toy_queue
from tests.jobs.conftest import last

Submit = Callable[..., Job]


@pytest.fixture
def queue(worker: ToyWorker, tmp_path: Path) -> JobQueue:
    return toy_queue(worker, tmp_path)


def until(job: Job, words: str) -> Snapshot:
    return next(snapshot for snapshot in job.follow(pause=0) if words in snapshot.says)


def test_a_job_finds_regions_alone_and_says_how_far_it_is(queue: JobQueue, worker: ToyWorker, picture: Pixels) -> None:
    worker.gate.clear()
    job = queue.submit(FindRegions(picture, "sam2", "toy"))
    assert until(job, "finding regions: points 1 of 2").state == "cutting"
    worker.gate.set()
    end = last(job)
    assert end.state == "done"
    assert end.segmentation is not None
    assert (end.segmentation.regions, end.segmentation.made_by) == (3, "sam2")
    assert end.attribution is None


def test_a_run_without_regions_finds_them_first(queue: JobQueue, worker: ToyWorker, picture: Pixels) -> None:
    job = queue.submit(Explain(Question((picture,), "hello"), None, Plan("ablation"), "toy", regions="sam2"))
    states = [snapshot.state for snapshot in job.follow(pause=0)]
    end = job.snapshot
    assert states[-1] == "done"
    assert end.segmentation is not None
    assert end.attribution is not None
    assert end.attribution.segmentation is end.segmentation
    assert end.attribution.scores.values.shape[0] == 3
    assert worker.cuts == 1


def test_finding_waits_in_the_queue_and_can_be_cancelled(queue: JobQueue, worker: ToyWorker, picture: Pixels) -> None:
    worker.gate.clear()
    job = queue.submit(FindRegions(picture, "sam2", "toy"))
    until(job, "points 1")
    behind = queue.submit(FindRegions(picture, "sam2", "toy"), "somebody else")
    until(behind, "next in the queue")
    behind.cancel()
    assert last(behind).state == "cancelled"
    job.cancel()
    assert last(job).state == "cancelled"  # whatever the worker is busy with
    assert job.snapshot.segmentation is None


def test_what_depends_on_the_regions_is_checked_once_they_are_found(queue: JobQueue, picture: Pixels) -> None:
    end = last(
        queue.submit(Explain(Question((picture,), "hello"), None, Plan("ablation", budget=2), "toy", regions="sam2"))
    )
    assert end.state == "failed"
    assert "ablation asks 3 masks for 3 regions, over the budget of 2" in end.says


def test_what_a_person_can_put_right_is_told(
    queue: JobQueue, worker: ToyWorker, picture: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Iterator[str]:
        raise AppError("These weights cannot be read.")
        yield ""

    monkeypatch.setattr(worker, "segment", fail)
    assert last(queue.submit(FindRegions(picture, "sam2", "toy"))).says == "These weights cannot be read."
