"""Coarse to fine finds the small cell that matters, asks few masks, and its scores are those of hiding each group."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Answer, Keeps, LogProbs, Question, Task
from mmattr_app.pipeline import Listener, Plan
from tests.games import RunsCalls, explain_regions

IMAGE = np.zeros((64, 64, 3), np.uint8)
QUESTION = Question((IMAGE,), "?")


class PixelWorker(RunsCalls):
    """Says three tokens: the first needs some pixels at the lower right, the second some above, the third none."""

    lanes = 1

    def __init__(self) -> None:
        self.worth = np.zeros((3, 64, 64), np.float32)
        self.worth[0, 49:52, 53:56] = 1 / 9
        self.worth[1, 8:16, 20:24] = 1 / 32
        self.all_at_once = np.zeros(3, bool)  # tokens that hardly suffer until most of their worth is hidden
        self.asked = 0

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        del text
        none = np.zeros(3, np.float32)
        yield Answer(question, (1, 2, 3), ("a", "b", "c"), none, False, "pixels", "1", "float32")

    def score(self, task: Task, keeps: Keeps, *, blank: bool) -> LogProbs:
        del blank  # every pixel has its region
        self.asked += len(keeps)
        cut = task.players.segmentation
        assert cut
        hidden = np.stack([cut.hidden(keep) for keep in keeps])
        lost = np.einsum("mhw,thw->mt", hidden, self.worth).astype(np.float32)
        return -3 * np.where(self.all_at_once & (lost < 0.65 * self.worth.sum(axis=(1, 2))), 0.1 * lost, lost)

    def chunk(self) -> int:
        return 8


GRID = pipeline.segment(IMAGE, "grid:16x16")
PLAN = Plan("coarse-to-fine")


def asked(worker: PixelWorker) -> Answer:
    return pipeline.ask(worker, QUESTION)


def test_the_top_group_is_small_and_few_masks_are_asked() -> None:
    worker = PixelWorker()
    result = explain_regions(worker, asked(worker), GRID, PLAN)
    cut, scores = result.segmentation, result.scores.values
    assert (cut.areas[scores[:, :2].argmax(axis=0)] == 16).all()
    assert cut.areas.sum() == 64 * 64, "a group that is split gives its place to its parts"
    assert cut.areas.max() == 256
    assert worker.asked <= 2 + 64
    assert "Approximate" in result.scores.says


def test_each_score_is_the_effect_of_hiding_just_that_group() -> None:
    worker = PixelWorker()
    result = explain_regions(worker, asked(worker), GRID, PLAN)
    for region in range(result.segmentation.regions):
        expected = 3 * worker.worth[:, result.segmentation.mask(region)].sum(axis=1)
        np.testing.assert_allclose(result.scores.values[region], expected, atol=1e-5)


@pytest.mark.parametrize("budget", [1, 5, 16, 20, 27, 40, 300])
def test_it_keeps_to_the_budget(budget: int) -> None:
    worker = PixelWorker()
    result = explain_regions(worker, asked(worker), GRID, Plan("coarse-to-fine", budget=budget))
    assert worker.asked <= 2 + budget
    assert result.budget == budget


def test_few_players_are_hidden_one_by_one() -> None:
    worker = PixelWorker()
    cut = pipeline.segment(IMAGE, "grid:4x4")
    result = explain_regions(worker, asked(worker), cut, PLAN)
    alone = explain_regions(worker, asked(worker), cut, Plan("ablation"))
    np.testing.assert_array_equal(result.scores.values, alone.scores.values)


def test_the_map_is_told_as_it_becomes_finer() -> None:
    worker, told = PixelWorker(), []
    listener = Listener(on_result=lambda result, progress: told.append((result, progress)))
    result = explain_regions(worker, asked(worker), GRID, PLAN, listener=listener)
    regions = [partial.segmentation.regions for partial, _ in told]
    assert regions[0] == 1, "at first nothing is known of anybody"
    assert regions == sorted(regions)
    assert regions[-1] >= result.segmentation.regions
    assert all(partial.scores.values.shape == (partial.segmentation.regions, 3) for partial, _ in told)
    hidden = [(partial.segmentation, progress.hiding) for partial, progress in told if progress.hiding is not None]
    assert len(hidden) > 3
    assert min(cut.areas[hiding] for cut, hiding in hidden) == 16


def test_a_split_whose_parts_say_less_than_a_neighbour_is_taken_back() -> None:
    worker = PixelWorker()
    worker.worth[:] = 0
    worker.worth[0, :32, :32] = 1 / 32**2
    worker.worth[0, 32:, 32:] = 0.4 / 32**2
    worker.all_at_once[0] = True  # as a colour, which shows all over its object
    worker.worth[1, :32, 32:] = 1 / 32**2
    grid = pipeline.segment(IMAGE, "grid:8x8")
    result = explain_regions(worker, asked(worker), grid, Plan("coarse-to-fine", budget=30))
    top = int(result.scores.values[:, 0].argmax())
    assert result.segmentation.areas[top] == 32 * 32
    np.testing.assert_array_equal(result.segmentation.mask(top), pipeline.segment(IMAGE, "grid:2x2").mask(0))
    np.testing.assert_allclose(result.scores.values[top, 0], 3, atol=1e-5)
    assert result.segmentation.regions > 4, "the other token's region was split"


def test_asking_again_is_free() -> None:
    worker, memo = PixelWorker(), {}
    answer = asked(worker)
    first = explain_regions(worker, answer, GRID, PLAN, memo=memo)
    before = worker.asked
    again = explain_regions(worker, answer, GRID, PLAN, memo=memo)
    assert worker.asked == before
    np.testing.assert_array_equal(first.scores.values, again.scores.values)
    assert first.segmentation.fingerprint == again.segmentation.fingerprint


@pytest.mark.parametrize("regions", ["grid:8x8", "slic:20"])
@pytest.mark.parametrize("method", ["ablation", "surrogate"])
def test_one_token_can_be_sharpened(regions: str, method: str) -> None:
    worker: Any = PixelWorker()
    result = explain_regions(worker, asked(worker), pipeline.segment(IMAGE, regions), Plan(method))
    before, told = worker.asked, []
    listener = Listener(on_result=lambda _, progress: told.append(progress))
    sharp = pipeline.sharpen(worker, result, [0], listener=listener)
    top = int(sharp.scores.values[:, 0].argmax())
    assert worker.asked - before <= 2 + 32
    assert told[-1].done == worker.asked - before
    assert all(0 <= progress.done <= progress.total == 2 + 32 for progress in told)
    assert sharp.segmentation.areas[top] < 64
    assert sharp.segmentation.mask(top)[49:52, 53:56].any()
    assert (sharp.method, sharp.selection) == ("coarse-to-fine", (0,))
    for region in range(sharp.segmentation.regions):
        expected = 3 * worker.worth[:, sharp.segmentation.mask(region)].sum(axis=1)
        np.testing.assert_allclose(sharp.scores.values[region], expected, atol=1e-5)


def test_older_links_that_name_the_cells_still_open() -> None:
    assert pipeline.read_refined("refine:5-16", Plan("ablation", "white")) == (
        "grid:16x16",
        Plan("coarse-to-fine", "white"),
    )
    assert pipeline.read_refined("grid:8x8", Plan("surrogate")) == ("grid:8x8", Plan("surrogate"))
