"""What jobs hold in memory is bounded in bytes, whether they wait or have ended."""

from pathlib import Path

import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain, Job, JobQueue
from mmattr_app.pipeline import Plan
from mmattr_app.settings import Settings
from tests.games import ToyWorker, toy_queue
from tests.jobs.conftest import last


def submit(queue: JobQueue, picture: Pixels, who: str) -> Job:
    cut = pipeline.segment(picture, "grid:2x2")
    return queue.submit(Explain(Question((picture.copy(),), who), cut, Plan("ablation"), "toy"), who)


def test_a_job_counts_what_is_large_once(picture: Pixels, worker: ToyWorker, tmp_path: Path) -> None:
    job = submit(toy_queue(worker, tmp_path), picture, "ada")
    end = last(job)
    assert end.attribution is not None
    why = end.attribution
    assert job.nbytes == picture.nbytes + why.segmentation.nbytes + why.scores.values.nbytes


def test_of_ended_jobs_only_as_much_is_kept_as_there_is_room(
    picture: Pixels, worker: ToyWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = 8 * picture.nbytes  # for three of them
    monkeypatch.setattr("mmattr_app.jobs.queue.KEPT_BYTES", room)
    queue = toy_queue(worker, tmp_path)
    jobs: list[Job] = []
    for number in range(8):
        jobs.append(submit(queue, picture, f"tab {number}"))
        last(jobs[-1])
    worker.gate.clear()
    submit(queue, picture, "one more")
    kept = queue.jobs()[:-1]
    assert kept == jobs[-3:]
    assert sum(job.nbytes for job in kept) <= room


def test_pictures_that_wait_do_not_fill_the_memory(
    picture: Pixels, worker: ToyWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmattr_app.jobs.queue.settings", lambda: Settings(max_jobs_megabytes=0))
    worker.gate.clear()
    queue = toy_queue(worker, tmp_path)
    submit(queue, picture, "ada")
    with pytest.raises(AppError, match="The pictures of the jobs that wait fill the memory; try again in a minute"):
        submit(queue, picture, "grace")


def test_a_job_in_which_words_alone_play_leaves_the_queue_open(
    picture: Pixels, worker: ToyWorker, tmp_path: Path
) -> None:
    queue = toy_queue(worker, tmp_path)
    kind = Explain(Question((picture,), "two words"), None, Plan("ablation", players=("words",)), "toy")
    job = queue.submit(kind)
    end = last(job)
    assert end.result is not None, end.says
    assert end.result.players.count == 2
    assert job.nbytes > picture.nbytes
    assert last(queue.submit(kind)).state == "done"
