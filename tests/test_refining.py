"""Coarse to fine finds the small cell that matters, asks few masks, and its scores are those of hiding each cell."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Answer, Keeps, LogProbs, Pixels, Question, Segmentation, Task
from mmattr_app.errors import AppError
from mmattr_app.masking import hidden_pixels
from mmattr_app.pipeline import Listener, Plan

IMAGE = np.zeros((64, 64, 3), np.uint8)
QUESTION = Question(IMAGE, "?")


class PixelWorker:
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

    def score(self, task: Task, keeps: Keeps) -> LogProbs:
        self.asked += len(keeps)
        hidden = np.stack([hidden_pixels(task.segmentation, keep) for keep in keeps])
        lost = np.einsum("mhw,thw->mt", hidden, self.worth).astype(np.float32)
        return -3 * np.where(self.all_at_once & (lost < 0.65 * self.worth.sum(axis=(1, 2))), 0.1 * lost, lost)

    def segment(self, image: Pixels, regions: str) -> Iterator[str | Segmentation]:
        yield pipeline.segment(image, regions)

    def chunk(self) -> int:
        return 8


def asked(worker: PixelWorker) -> Answer:
    return pipeline.ask(worker, QUESTION)


def test_the_top_cell_is_small_and_few_masks_are_asked() -> None:
    worker = PixelWorker()
    result = pipeline.explain(worker, asked(worker), pipeline.segment(IMAGE, "refine:4-16"), Plan())
    cut, scores = result.segmentation, result.scores.values
    assert (cut.areas[scores[:, :2].argmax(axis=0)] == 16).all()
    assert cut.areas.sum() == 64 * 64, "a cell that is split gives its place to its parts"
    assert cut.areas.max() == 256
    assert worker.asked <= 2 + 64
    assert "Approximate" in cut.says


def test_each_score_is_the_effect_of_hiding_just_that_cell() -> None:
    worker = PixelWorker()
    result = pipeline.explain(worker, asked(worker), pipeline.segment(IMAGE, "refine:4-16"), Plan())
    for region in range(result.segmentation.regions):
        expected = 3 * worker.worth[:, result.segmentation.mask(region)].sum(axis=1)
        np.testing.assert_allclose(result.scores.values[region], expected, atol=1e-5)


@pytest.mark.parametrize("budget", [16, 20, 27, 40])
def test_it_keeps_to_the_budget(budget: int) -> None:
    worker = PixelWorker()
    plan = Plan(budget=budget)
    start = pipeline.segment(IMAGE, "refine:4-16")
    pipeline.check(QUESTION, start, plan)
    pipeline.explain(worker, asked(worker), start, plan)
    assert worker.asked <= 2 + budget
    with pytest.raises(AppError, match="16 masks"):
        pipeline.check(QUESTION, start, Plan(budget=15))


def test_the_regions_are_told_as_they_become_finer() -> None:
    worker, told = PixelWorker(), []
    listener = Listener(on_regions=lambda cut, scores: told.append((cut.regions, scores.shape, np.isnan(scores).any())))
    start = pipeline.segment(IMAGE, "refine:4-16")
    result = pipeline.explain(worker, asked(worker), start, Plan(), listener=listener)
    assert told
    assert max(regions for regions, _, _ in told) <= result.segmentation.regions + 3, "one split was taken back"
    assert all(shape == (regions, 3) and unknown for regions, shape, unknown in told)


def test_a_split_whose_parts_say_less_than_a_neighbour_is_taken_back() -> None:
    worker = PixelWorker()
    worker.worth[:] = 0
    start = pipeline.segment(IMAGE, "refine:2-8")
    assert start.labels is not None
    worker.worth[0, :32, :32] = 1 / 32**2
    worker.worth[0, 32:, 32:] = 0.4 / 32**2
    worker.all_at_once[0] = True  # as a colour, which shows all over its object
    worker.worth[1, :32, 32:] = 1 / 32**2
    result = pipeline.explain(worker, asked(worker), start, Plan(budget=40))
    top = int(result.scores.values[:, 0].argmax())
    assert result.segmentation.areas[top] == 32 * 32
    np.testing.assert_array_equal(result.segmentation.mask(top), start.mask(0))
    np.testing.assert_allclose(result.scores.values[top, 0], 3, atol=1e-5)
    assert result.segmentation.regions > 4, "the other token's region was split"


def test_asking_again_is_free() -> None:
    worker, memo = PixelWorker(), {}
    answer, start = asked(worker), pipeline.segment(IMAGE, "refine:4-16")
    first = pipeline.explain(worker, answer, start, Plan(), memo=memo)
    before = worker.asked
    again = pipeline.explain(worker, answer, start, Plan(), memo=memo)
    assert worker.asked == before
    np.testing.assert_array_equal(first.scores.values, again.scores.values)
    assert first.segmentation.fingerprint == again.segmentation.fingerprint


@pytest.mark.parametrize(("regions", "method"), [("grid:8x8", "ablation"), ("grid:8x8", "surrogate")])
def test_one_token_can_be_sharpened(regions: str, method: str) -> None:
    worker: Any = PixelWorker()
    result = pipeline.explain(worker, asked(worker), pipeline.segment(IMAGE, regions), Plan(method))
    before = worker.asked
    sharp = pipeline.sharpen(worker, result, [0])
    top = int(sharp.scores.values[:, 0].argmax())
    assert worker.asked - before <= 2 + 32
    assert sharp.segmentation.areas[top] < 64
    assert sharp.segmentation.mask(top)[49:52, 53:56].any()
    assert sharp.method == "ablation"


def test_another_method_is_refused() -> None:
    with pytest.raises(AppError, match="choose ablation, not surrogate"):
        pipeline.check(QUESTION, pipeline.segment(IMAGE, "refine:4-16"), Plan("surrogate"))


@pytest.mark.parametrize("settings", ["", "4", "16-4", "0-4", "4x4-16", "4-9999"])
def test_what_is_no_pair_of_sizes_is_refused(settings: str) -> None:
    with pytest.raises(AppError, match="such as refine:5-16"):
        pipeline.segment(IMAGE, f"refine:{settings}")
