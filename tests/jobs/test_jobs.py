"""Jobs run one after another, tell how they stand, stop when told, and never fail in silence."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain, Job, JobQueue, Store
from mmattr_app.pipeline import Plan
from mmattr_app.settings import Settings
from mmattr_app.workers.inline import InlineSlot
from tests.games import WORTH, ToyWorker, toy_queue
from tests.jobs.conftest import last


@pytest.fixture
def submit(worker: ToyWorker, picture: Pixels, tmp_path: Path) -> Callable[..., Job]:
    queue = toy_queue(worker, tmp_path)

    def job(prompt: str = "hello", **plan: Any) -> Job:
        question = Question((picture,), prompt)
        return queue.submit(
            Explain(question, pipeline.segment(picture, "grid:2x3"), Plan(**{"method": "ablation", **plan}), "toy")
        )

    return job


def limit(monkeypatch: pytest.MonkeyPatch, **limits: Any) -> None:
    """Have the queue and its jobs read other settings."""
    for module in ("queue", "job", "store"):
        monkeypatch.setattr(f"mmattr_app.jobs.{module}.settings", lambda: Settings(**limits))


def says(job: Job, words: str) -> bool:
    """Wait for words."""
    return any(snapshot.says.startswith(words) for snapshot in job.follow(pause=0))


def test_a_job_goes_from_the_queue_to_its_scores(submit: Callable[..., Job]) -> None:
    job = submit()
    end = last(job)
    assert end.state == "done"
    assert (end.done, end.total) == (8, 8)
    assert end.attribution is not None
    np.testing.assert_allclose(end.attribution.scores.values[:, 0], WORTH * np.arange(6), atol=1e-4)
    assert len(job.id) >= 20


def test_whoever_comes_late_gets_the_state_so_far(submit: Callable[..., Job], worker: ToyWorker) -> None:
    worker.gate.clear()
    job = submit()
    first = next(snapshot for snapshot in job.follow(pause=0) if snapshot.state == "hiding")
    assert first.attribution is not None
    assert first.text == "hello!"
    late = next(iter(job.follow(pause=0)))
    assert late.state == "hiding"
    worker.gate.set()
    assert last(job).state == last(job).state == "done"


def test_scores_fill_in_as_regions_are_hidden(submit: Callable[..., Job]) -> None:
    job = submit()
    seen = [snapshot.attribution for snapshot in job.follow(pause=0) if snapshot.attribution]
    unknown = [int(np.isnan(result.scores.values[:, 0]).sum()) for result in seen]
    assert unknown == sorted(unknown, reverse=True)
    assert unknown[-1] == 0


def test_random_masks_give_a_rough_map_before_the_end(submit: Callable[..., Job]) -> None:
    job = submit(method="surrogate")
    results = [snapshot.attribution for snapshot in job.follow(pause=0) if snapshot.attribution]
    seen = [result for result in results if not np.isnan(result.scores.values).any()]
    assert len(seen) > 1
    assert {result.reads for result in seen} == {"estimate"}


def test_jobs_wait_in_line_and_say_so(submit: Callable[..., Job], worker: ToyWorker) -> None:
    worker.gate.clear()
    submit()
    worker.busy.wait(10)
    second = submit("b")
    assert says(second, "next in the queue")
    third = submit("c")
    assert says(third, "number 2 in the queue, about ")
    second.cancel()
    assert last(second).state == "cancelled"
    worker.gate.set()
    assert last(third).state == "done"


def test_cancel_stops_before_the_next_chunk_and_keeps_what_is_there(
    submit: Callable[..., Job], worker: ToyWorker
) -> None:
    worker.gate.clear()
    job = submit()
    next(snapshot for snapshot in job.follow(pause=0) if snapshot.state == "hiding")
    job.cancel()
    worker.gate.set()
    end = last(job)
    assert end.state == "cancelled"
    assert worker.chunks <= 1
    assert end.attribution is not None
    assert end.result is None
    assert last(submit("again")).state == "done"


def test_a_job_that_nobody_follows_is_cancelled(picture: Pixels) -> None:
    request = Explain(Question((picture,), "?"), pipeline.segment(picture, "grid:2x2"), Plan("ablation"), "toy")
    job = Job(request, patience=0.0)
    assert job.unwanted()
    follower = job.follow(pause=0)
    next(follower)
    assert not job.unwanted()
    follower.close()
    assert job.unwanted()


def test_what_a_person_can_put_right_is_told_to_them(submit: Callable[..., Job], worker: ToyWorker) -> None:
    worker.error = AppError("Ask something else.")
    assert last(submit()).says == "Ask something else."


def test_a_bug_is_loud_in_the_log_and_silent_about_itself_on_the_page(
    submit: Callable[..., Job], worker: ToyWorker, caplog: pytest.LogCaptureFixture
) -> None:
    worker.error = KeyError("secret")
    job = submit()
    end = last(job)
    assert end.state == "failed"
    assert "secret" not in end.says
    assert job.id[:6] in end.says
    assert "KeyError" in caplog.text
    worker.error = None
    assert last(submit("again")).state == "done"


def test_the_same_question_twice_is_paid_once(submit: Callable[..., Job], worker: ToyWorker) -> None:
    last(submit())
    paid = worker.chunks
    assert last(submit()).state == "done"
    assert worker.chunks == paid


def test_a_full_queue_refuses_in_words(
    submit: Callable[..., Job], worker: ToyWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, max_jobs=2)
    worker.gate.clear()
    running = submit()
    next(snapshot for snapshot in running.follow(pause=0) if snapshot.state == "hiding")
    submit("waits")
    with pytest.raises(AppError, match="2 jobs are waiting already; try again"):
        submit("one too many")


def test_one_person_cannot_fill_the_queue(
    picture: Pixels, worker: ToyWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, max_jobs_each=1)
    queue = toy_queue(worker, tmp_path)
    worker.gate.clear()
    request = Explain(Question((picture,), "?"), pipeline.segment(picture, "grid:2x2"), Plan("ablation"), "toy")
    queue.submit(request, "greedy")
    with pytest.raises(AppError, match="1 jobs of yours are waiting already; cancel one"):
        queue.submit(request, "greedy")
    queue.submit(request, "modest")


def test_new_tabs_do_not_make_more_room_for_a_visitor(
    picture: Pixels, worker: ToyWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, max_jobs_visitor=2)
    queue = toy_queue(worker, tmp_path)
    worker.gate.clear()
    request = Explain(Question((picture,), "?"), pipeline.segment(picture, "grid:2x2"), Plan("ablation"), "toy")
    for number in range(2):
        queue.submit(request, f"tab {number}", "address 10.0.0.9")
    with pytest.raises(AppError, match="2 jobs from where you are wait already; try again in a minute"):
        queue.submit(request, "tab 3", "address 10.0.0.9")
    queue.submit(request, "tab 4", "address 10.0.0.8")


def test_nobody_writes_a_line_of_his_own_into_the_log(
    picture: Pixels,
    worker: ToyWorker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    limit(monkeypatch, log_prompts=1)
    evil = "x\n2026-01-01 mmattr INFO job\r\x1b[2J\u2028\u0085"
    request = Explain(Question((picture,), evil), pipeline.segment(picture, "grid:2x2"), Plan("ablation"), evil)
    with caplog.at_level("INFO", "mmattr"):
        job = toy_queue(worker, tmp_path).submit(request)
        last(job)
        for thread in threading.enumerate():
            if thread.name.endswith(job.id[:6]):
                thread.join()
    (line,) = [record.getMessage() for record in caplog.records if job.id[:6] in record.getMessage()]
    assert line.isprintable()
    assert "prompt=" in line


def test_a_job_that_takes_too_long_is_stopped_in_words(
    submit: Callable[..., Job], worker: ToyWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, max_minutes=0)
    worker.gate.clear()
    end = last(submit())
    assert end.state == "failed"
    assert "longer than 0 minutes" in end.says


def test_a_job_leaves_one_line_in_the_log_and_no_secret(
    submit: Callable[..., Job], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "mmattr"):
        job = submit("my secret\nprompt")
        assert last(job).state == "done"
        for thread in threading.enumerate():
            if thread.name.endswith(job.id[:6]):
                thread.join()
    (line,) = [record.getMessage() for record in caplog.records if job.id[:6] in record.getMessage()]
    assert line.startswith(f"job {job.id[:6]} model='toy' regions=6 tokens=2 masks=8 seconds=")
    assert line.endswith("outcome=done")
    assert "secret" not in line
    assert job.id not in line


def test_a_result_is_kept_and_can_be_deleted(picture: Pixels, worker: ToyWorker, tmp_path: Path) -> None:
    queue = toy_queue(worker, tmp_path)
    request = Explain(Question((picture,), "kept"), pipeline.segment(picture, "grid:2x2"), Plan("ablation"), "toy")
    job = queue.submit(request)
    end = last(job)
    kept = Store(tmp_path).get(job.id)  # as after a restart
    assert kept is not None
    assert end.attribution is not None
    np.testing.assert_array_equal(kept.scores.values, end.attribution.scores.values)
    np.testing.assert_array_equal(kept.answer.question.image, picture)
    queue.forget(job.id)
    assert Store(tmp_path).get(job.id) is None
    assert queue.find(job.id) is None


def test_a_map_that_becomes_finer_has_a_row_for_each_of_its_regions(picture: Pixels, tmp_path: Path) -> None:
    request = Explain(
        Question((picture,), "hello"), pipeline.segment(picture, "grid:4x4"), Plan("coarse-to-fine", budget=14), "toy"
    )
    *seen, end = toy_queue(ToyWorker(), tmp_path).submit(request).follow(pause=0)
    assert end.state == "done", end.says
    results = [snapshot.attribution for snapshot in (*seen, end) if snapshot.attribution]
    assert all(len(result.scores.values) == result.segmentation.regions for result in results)
    assert 4 <= results[-1].segmentation.regions < 16
    assert not np.isnan(results[-1].scores.values).any()


def test_a_download_is_told_and_leaves_the_state_as_it_was(picture: Pixels, worker: ToyWorker, tmp_path: Path) -> None:
    told = threading.Event()

    def open_slowly(_: str, *, on_loading: Callable[[str], None]) -> Any:
        on_loading("1.00 of 2.00 GB fetched")  # whatever the words are
        assert told.wait(10)
        return worker

    slots: list[Any] = [InlineSlot(open_slowly)]
    queue = JobQueue.on(slots, Store(tmp_path))
    job = queue.submit(
        Explain(Question((picture,), "hello"), pipeline.segment(picture, "grid:2x2"), Plan("ablation"), "toy")
    )
    for snapshot in job.follow(pause=0):
        if snapshot.says == "1.00 of 2.00 GB fetched":
            assert snapshot.state == "answering"
            told.set()
    assert told.is_set()
    assert job.snapshot.state == "done"
