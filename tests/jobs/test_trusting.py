"""A result is measured, or explained again with another occluder, while it stays on show."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Curve, Keeps, LogProbs, Pixels, Question, Task
from mmattr_app.errors import AppError
from mmattr_app.jobs import CompareByHiding, Explain, HideOtherwise, Measure
from mmattr_app.listener import Listener
from mmattr_app.pipeline import Plan
from mmattr_app.studies import measuring
from tests.games import ToyWorker, explain_regions, toy_queue
from tests.jobs.conftest import last


def explained(picture: Pixels, method: str = "ablation", **more: object) -> Attribution:
    toy = ToyWorker()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    return explain_regions(toy, answer, pipeline.segment(picture, "grid:4x4"), Plan(method), **more)


def test_a_map_is_measured_beside_what_it_was(worker: ToyWorker, picture: Pixels, tmp_path: Path) -> None:
    known = explained(picture)
    end = last(toy_queue(worker, tmp_path).submit(Measure(known, (1,), "toy")))
    assert end.state == "done", end.says
    assert end.found
    assert end.found.scores is known.scores
    assert end.found.figures == {}
    (one,) = end.found.measured
    assert one.tokens == (1,)
    assert isinstance(one.figures["deletion"], Curve)


def test_the_figures_are_those_that_measure_gives_at_once(worker: ToyWorker, picture: Pixels) -> None:
    known = explained(picture)
    found = measuring.measure(worker, known, (1,), memo={}).measured[0].figures
    whole = pipeline.measure(worker, replace(known, selection=(1,)), measuring.FIGURES, memo={}).figures
    assert found["above-chance"] == whole["above-chance"]


def test_the_masks_that_are_counted_are_those_that_are_asked_and_told(worker: ToyWorker, picture: Pixels) -> None:
    known, memo = explained(picture), dict[bytes, np.ndarray]()
    told: list[tuple[int, int]] = []
    listener = Listener(on_result=lambda _, progress: told.append((progress.done, progress.total)))
    counted = measuring.count_masks(known, (0,))
    measured = measuring.measure(worker, known, (0,), memo=memo, listener=listener)
    assert worker.masks == counted
    assert told[-1] == (counted, counted)
    assert measuring.count_masks(measured, (1,)) <= 2 * 21, "random orders are known"
    measuring.measure(worker, measured, (1,), memo=memo)
    assert worker.masks == counted, "both words have the same map here"


class Likely(ToyWorker):
    """Says words that are certain as long as the last region is visible."""

    def score(self, task: Task, keeps: Keeps, *, blank: bool) -> LogProbs:
        self.worth = lambda count: 2.0 * (np.arange(count) == count - 2)
        return super().score(task, keeps, blank=blank) + 90


def test_the_map_of_several_pictures_is_measured_and_one_with_words_is_not(picture: Pixels) -> None:
    worker, question = Likely(), Question((picture, picture[:32]), "hello you")
    answer = pipeline.ask(worker, question)
    cuts = [pipeline.segment(one, "grid:4x4") for one in question.pictures]
    players = pipeline.find_players(question, cuts, Plan())
    assert players
    known = pipeline.explain(worker, answer, players, Plan("ablation"))
    assert measuring.whynot(known, (0,)) == ""
    counted, asked = measuring.count_masks(known, (0,)), worker.masks
    (one,) = measuring.measure(worker, known, (0,), memo={}).measured
    assert worker.masks - asked == counted
    curve = one.figures["deletion"]
    assert isinstance(curve, Curve)
    share = picture[:32].size / (picture.size + picture[:32].size) / 16
    assert curve.shares[1] >= share - 1e-9
    assert curve.values[1] < curve.values[0] - 0.01, "the one region that matters is hidden first"
    np.testing.assert_allclose(curve.values[1:], curve.values[1])
    words = pipeline.find_players(question, cuts, Plan(players=("regions", "words")), answer)
    assert words
    assert "regions alone play" in measuring.whynot(replace(known, players=words), (0,))


def test_measuring_a_word_again_takes_the_place_of_the_figures_before(worker: ToyWorker, picture: Pixels) -> None:
    result = explained(picture)
    for tokens in ((0,), (1,), (0,)):
        result = measuring.measure(worker, result, tokens, memo={})
    assert [one.tokens for one in result.measured] == [(1,), (0,)]


def test_a_measured_result_is_kept_in_place_of_the_one_before(
    worker: ToyWorker, picture: Pixels, tmp_path: Path
) -> None:
    queue = toy_queue(worker, tmp_path)
    job = queue.submit(
        Explain(Question((picture,), "hello"), pipeline.segment(picture, "grid:2x2"), Plan("ablation"), "toy")
    )
    result = last(job).result
    assert result
    (queue.store.find(job.id) / "mmattr.json").write_text("{}")  # pyright: ignore[reportOptionalOperand]
    found = last(queue.submit(Measure(result, (0,), "toy", job.id))).found
    assert found
    queue.renew(job.id, found)
    assert job.snapshot.result is found
    assert not (tmp_path / job.id / "mmattr.json").exists(), "it is made again"
    again = toy_queue(worker, tmp_path).store.get(job.id)
    assert again
    assert again.measured[0].tokens == (0,)
    assert again.measured[0].figures["above-chance"] == found.measured[0].figures["above-chance"]
    queue.store.delete(job.id)
    queue.renew(job.id, found)
    assert queue.store.get(job.id) is None, "what was deleted does not come back"


def test_a_map_is_explained_again_with_another_occluder(worker: ToyWorker, picture: Pixels, tmp_path: Path) -> None:
    known = explained(picture)
    queue = toy_queue(worker, tmp_path)
    job = queue.submit(HideOtherwise(known, (0,), "toy", occluder="blur"))
    end = last(job)
    assert end.found
    assert (end.found.occluder, end.found.method, end.found.players.count) == ("blur", "ablation", 16)
    assert queue.store.get(job.id) is None, "it is looked at once"
    assert worker.masks == job.kind.seconds() / 0.1


def test_a_map_of_weights_is_explained_again_by_hiding(worker: ToyWorker, picture: Pixels, tmp_path: Path) -> None:
    known = replace(explained(picture), method="attention-last", reads="weight")
    job = toy_queue(worker, tmp_path).submit(CompareByHiding(known, (0,), "toy"))
    end = last(job)
    assert end.found
    assert (end.found.method, end.found.occluder, end.found.reads) == ("smooth", known.occluder, "estimate")
    assert end.found.segmentation.fingerprint == known.segmentation.fingerprint
    assert 0 < worker.masks <= job.kind.seconds() / 0.1, "it may be sure before"


@pytest.mark.parametrize("kind", [Measure, HideOtherwise, CompareByHiding])
def test_it_can_be_cancelled(kind: type[Measure], worker: ToyWorker, picture: Pixels, tmp_path: Path) -> None:
    worker.gate.clear()
    job = toy_queue(worker, tmp_path).submit(kind(explained(picture), (0,), "toy"))
    worker.busy.wait(10)
    job.cancel()
    worker.gate.set()
    end = last(job)
    assert (end.state, end.found) == ("cancelled", None)


def test_other_words_or_another_way_are_not_the_same(picture: Pixels) -> None:
    known = explained(picture)
    assert Measure(known, (0,), "toy").same(Measure(known, (0,), "toy"))
    assert not Measure(known, (0,), "toy").same(Measure(known, (1,), "toy"))
    assert not Measure(known, (0,), "toy").same(HideOtherwise(known, (0,), "toy"))


def test_what_cannot_be_measured_says_why(picture: Pixels) -> None:
    chosen = explained(picture, "eagle", selection=(0,))
    assert measuring.whynot(chosen, (0,)) == ""
    with pytest.raises(AppError, match="This map is for “hello” only"):
        Measure(chosen, (1,), "toy").check()
    assert "against another" in measuring.whynot(replace(chosen, instead_of="bye"), (0,))
