"""The masks that are announced are those that a model is asked, whatever the method and the regions."""

from pathlib import Path

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Curve, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain
from mmattr_app.jobs.kinds import A_MASK
from mmattr_app.methods import METHODS
from mmattr_app.pipeline import Listener, Plan, Progress
from mmattr_app.players.regions import Regions
from mmattr_app.segmentation import Segmentation
from mmattr_app.ui.views import cost
from tests.games import ToyWorker, explain_regions, toy_queue
from tests.jobs.conftest import last

ROWS, COLUMNS = np.indices((36, 36))
QUARTERS = ROWS // 18 * 2 + COLUMNS // 18
ONE_REGION = np.zeros((36, 36), int)
SEGMENTATIONS = {
    "4x4": Segmentation.from_labels("4x4", ROWS // 9 * 4 + COLUMNS // 9),
    "quarters, covering": Segmentation.from_labels("a", QUARTERS),
    "quarters, some pixels in none": Segmentation.from_labels("b", np.where(ROWS < 3, -1, QUARTERS)),
    "one region, covering": Segmentation.from_labels("c", ONE_REGION),
    "one region, some pixels in none": Segmentation.from_labels("d", np.where(ROWS < 3, -1, ONE_REGION)),
    "overlapping, covering": Segmentation.from_masks("e", np.stack([ROWS < 20, ROWS > 15, COLUMNS > 18])),
    "overlapping, some pixels in none": Segmentation.from_masks("f", np.stack([ROWS < 9, COLUMNS < 9])),
}


PROBING = [name for name, method in METHODS.items() if method.needs == "probe"]


@pytest.fixture
def image() -> Pixels:
    return np.random.default_rng(0).integers(0, 255, (36, 36, 3), np.uint8)


@pytest.mark.parametrize("method", PROBING)
@pytest.mark.parametrize("regions", SEGMENTATIONS)
def test_what_is_announced_is_what_is_asked(method: str, regions: str, image: Pixels) -> None:
    told: list[Progress] = []
    toy = ToyWorker()
    answer = pipeline.ask(toy, Question((image,), "?"))
    listener = Listener(on_result=lambda _, progress: told.append(progress))
    if method == "windows" and regions.startswith("overlapping"):
        with pytest.raises(AppError, match=r"windows slides over the cells of a grid; choose regions such as grid:8x8"):
            explain_regions(toy, answer, SEGMENTATIONS[regions], Plan(method), listener=listener)
        return
    chosen = (0,) if METHODS[method].scope == "selection" else None
    explain_regions(toy, answer, SEGMENTATIONS[regions], Plan(method), listener=listener, selection=chosen)
    assert told[-1].done == toy.masks
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    if isinstance(METHODS[method].masks(4, None, 0), int):
        assert {progress.total for progress in told} == {told[0].total}
        assert toy.masks <= told[0].total
    else:
        assert {progress.total for progress in told} == {toy.masks}


def test_a_grid_of_four_by_four_takes_eighteen_masks_and_every_place_says_so(image: Pixels, tmp_path: Path) -> None:
    cut, plan = SEGMENTATIONS["4x4"], Plan("ablation")
    players = Regions(Question((image,), "?"), cut, plan.occluder)
    assert pipeline.count_masks(players, plan) == 18  # 16 regions, the whole picture and none of it
    toy = ToyWorker()
    request = Explain(Question((image,), "?"), cut, plan, "toy")
    end = last(toy_queue(toy, tmp_path).submit(request))
    assert (toy.masks, end.done, end.total) == (18, 18, 18)
    assert end.says.startswith("18 masks in ")
    assert request.seconds() == pytest.approx(18 * A_MASK)
    assert "18 masks to ask" in cost([cut], pipeline.count_masks(players, plan), None)


@pytest.mark.parametrize("plan", [Plan("ablation"), Plan("surrogate"), Plan("coarse-to-fine", budget=9)])
def test_what_is_known_from_before_counts_as_done(plan: Plan, image: Pixels, tmp_path: Path) -> None:
    toy = ToyWorker()
    queue = toy_queue(toy, tmp_path)
    request = Explain(Question((image,), "?"), pipeline.segment(image, "grid:4x4"), plan, "toy")
    first = last(queue.submit(request))
    assert first.done == first.total == toy.masks
    assert request.players is not None
    assert first.total <= pipeline.count_masks(request.players, plan)
    again = last(queue.submit(request))
    assert (again.done, again.total, toy.masks) == (first.done, first.total, first.total)


@pytest.mark.parametrize("method", PROBING)
def test_a_map_is_measured_in_the_same_run(method: str, image: Pixels) -> None:
    told: list[Progress] = []
    toy = ToyWorker()
    answer = pipeline.ask(toy, Question((image,), "?"))
    listener = Listener(on_result=lambda _, progress: told.append(progress))
    plan = Plan(method, measure=("insertion", "deletion"))
    chosen = (0,) if METHODS[method].scope == "selection" else None
    result = explain_regions(toy, answer, SEGMENTATIONS["4x4"], plan, listener=listener, selection=chosen)
    assert list(result.figures)[-2:] == ["insertion", "deletion"]
    assert all(isinstance(figure, Curve) for figure in result.figures.values())
    assert told[-1].done == toy.masks <= told[-1].total


def test_an_unknown_metric_is_refused_with_the_known_ones(image: Pixels) -> None:
    with pytest.raises(AppError, match="There is no metric 'beauty'; use some of insertion, deletion"):
        pipeline.check(Question((image,), "?"), None, Plan(measure=("beauty",)))


@pytest.mark.parametrize(
    ("names", "shared"), [(("words",), False), (("words", "answer"), True), (("regions", "words"), True)]
)
def test_masks_for_shares_are_announced_only_where_shares_are_measured(
    names: tuple[str, ...], shared: bool, image: Pixels
) -> None:
    toy, plan = ToyWorker(), Plan("ablation", players=names)
    answer = pipeline.ask(toy, Question((image,), "What is it?", system="Be short."))
    players = pipeline.find_all_players(answer, pipeline.segment_all(answer.question, plan, "grid:2x2"), plan)
    result = pipeline.explain(toy, answer, players, plan)
    assert (result.shares is not None) == shared
    surplus = 1 if shared else 0  # nothing visible is a mask of the shares, too, and asked once
    assert pipeline.count_masks(players, plan) == toy.masks + surplus
