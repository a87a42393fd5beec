"""A map is sharpened for some tokens in a job of its own, from the result that is there."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mmattr_app
from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Keeps, LogProbs, Pixels, Question, Task
from mmattr_app.errors import AppError
from mmattr_app.jobs import JobQueue, Sharpen
from mmattr_app.pipeline import Plan
from mmattr_app.results import exports
from mmattr_app.results.reading import read_npz
from mmattr_app.results.snippets import to_command
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


class Corner(ToyWorker):
    """Says words that rest on the top left pixels of one picture, an eighth of its height and width."""

    def __init__(self, picture: int) -> None:
        """Look at this picture."""
        super().__init__()
        self.picture = picture

    def score(self, task: Task, keeps: Keeps, *, blank: bool) -> LogProbs:
        """Give the words log-probabilities that fall with every hidden pixel of the corner."""
        self.masks += len(keeps)
        asked = [task.players.blank()] if blank else [task.players.hide(keep) for keep in keeps]
        whole = task.answer.question.pictures[self.picture]
        corner = tuple(slice(side // 8) for side in whole.shape[:2])
        lost = [(one.pictures[self.picture][corner] != whole[corner]).any(axis=2).mean() for one in asked]
        return np.repeat(-np.array([lost], np.float32).T * 3 - 0.1, 2, axis=1)


@pytest.mark.parametrize("looks_at", [0, 1])
@pytest.mark.parametrize("method", ["ablation", "surrogate"])
def test_of_several_pictures_the_one_that_matters_is_cut_finer(
    looks_at: int, method: str, picture: Pixels, tmp_path: Path
) -> None:
    worker, question = Corner(looks_at), Question((picture, picture[:40, :30].copy()), "hello")
    cuts = [pipeline.segment(one, grid) for one, grid in zip(question.pictures, ("grid:3x3", "grid:2x2"), strict=True)]
    players = pipeline.find_players(question, cuts, Plan())
    assert players
    known = pipeline.explain(worker, pipeline.ask(worker, question), players, Plan(method))
    asked = worker.masks
    finer = pipeline.sharpen(worker, known, (0,))
    assert worker.masks - asked <= 2 + pipeline.SHARPENING + 3, "and the shares of two pictures"
    top = int(finer.scores.values[:, 0].argmax())
    (number, cut, rows) = finer.players.pictured[looks_at]
    assert number == looks_at
    region = int(np.flatnonzero(rows == top)[0])
    assert finer.players.names()[top] == f"{region + 1} of picture {looks_at + 1}"
    high, wide = (np.flatnonzero(cut.mask(region).any(axis=axis)).max() + 1 for axis in (1, 0))
    assert (high <= cut.shape[0] / 6 + 1, wide <= cut.shape[1] / 6 + 1) == (True, True), "the corner, or a part of it"
    if method == "ablation":
        untouched = finer.players.pictured[1 - looks_at].segmentation
        assert untouched.regions == cuts[1 - looks_at].regions
        ends = [one.segmentation.made_by for one in finer.players.pictured]
        assert ends == ["grid:3x3, cut finer, grouped", "grid:2x2, cut finer, grouped"]
    path = tmp_path / "why.npz"
    exports.write(finer, path)
    again = read_npz(path, *question.pictures)
    assert again.players.names() == finer.players.names()
    keeps = np.random.default_rng(0).random((5, finer.players.count)) > 0.5
    assert again.players.keys(keeps) == finer.players.keys(keeps)
    if method == "ablation":
        command = to_command(finer).split()
        assert {"--sharpen", "--regions=grid:3x3", "--regions=grid:2x2"} < set(command), "each is cut in its own way"


@pytest.mark.parametrize("options", [{"fuse": ["grid:2x2"]}, {"instead_of": "a dog"}])
def test_what_cannot_be_sharpened_is_refused_before_a_model_is_loaded(options: dict[str, Any], picture: Pixels) -> None:
    with pytest.raises(AppError, match="Only a map of pictures can be sharpened"):
        mmattr_app.explain(picture, "What?", model="no such model", sharpen=True, **options)


def test_it_can_be_cancelled(queue: JobQueue, worker: ToyWorker, picture: Pixels) -> None:
    worker.gate.clear()
    job = queue.submit(Sharpen(explained(picture), (0,), "toy"))
    assert worker.busy.wait(10)
    job.cancel()
    worker.gate.set()
    end = last(job)
    assert (end.state, end.result) == ("cancelled", None)
