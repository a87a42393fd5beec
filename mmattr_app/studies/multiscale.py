"""Fuse the maps of several segmentations of a picture, coarse and fine ones, into one map."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.contrast import Alternative
from mmattr_app.domain import Answer, Attribution, LogProbs, Pixels, Question, Scores
from mmattr_app.errors import AppError
from mmattr_app.label_maps import enlarged
from mmattr_app.listener import SILENT, Listener, Progress
from mmattr_app.methods import METHODS
from mmattr_app.plan import REGIONS, Plan, check_scope, count_masks
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo
from mmattr_app.segmentation import Segmentation

SIZES = (1.0, 0.5, 0.25)  # scales at which the picture is cut


def check(question: Question, plan: Plan) -> None:
    """Raise an AppError if maps of this question cannot be fused."""
    if len(question.pictures) != 1 or plan.players != (REGIONS,):
        raise AppError("Maps of regions of one picture can be fused; give one picture, and let regions alone play.")
    _check_fusible(plan.method)


def segment_at_sizes(image: Pixels, regions: str, worker: Worker | None = None) -> list[Segmentation]:
    """Cut the picture at several scales; at small ones, fine detail has no effect on the regions.

    The regions are enlarged to the picture's size. Equal segmentations are kept once: a grid is the same at all scales.
    """
    height, width = image.shape[:2]
    found = dict[bytes, Segmentation]()
    for size in SIZES:
        shape = max(1, round(height * size)), max(1, round(width * size))
        small = np.asarray(Image.fromarray(image).resize((shape[1], shape[0]), Image.Resampling.LANCZOS))
        cut = pipeline.segment(small if size < 1 else image, regions, worker)
        atoms = enlarged(cut.atoms, height, width)
        scaled_up = Segmentation.from_atoms(f"{regions} at {size:g}", atoms, cut.holds)
        found.setdefault(scaled_up.fingerprint, scaled_up)
    return list(found.values())


def segment_each(image: Pixels, ways: Sequence[str], worker: Worker | None = None) -> list[Segmentation]:
    """Cut the picture in each of these ways; "sizes" among them means the first way at several scales."""
    others = [pipeline.segment(image, way, worker) for way in ways[1:] if way != "sizes"]
    first = segment_at_sizes(image, ways[0], worker) if "sizes" in ways else [pipeline.segment(image, ways[0], worker)]
    return [*first, *others]


def explain_at_scales(
    worker: Worker,
    answer: Answer,
    segmentations: Sequence[Segmentation],
    plan: Plan,
    *,
    selection: tuple[int, ...] | None = None,
    instead: Alternative | None = None,
    memo: Memo | None = None,
    listener: Listener = SILENT,
) -> Attribution:
    """Explain the answer on each segmentation, and fuse the maps on the one with the most regions."""
    check_scope(plan, selects=selection is not None, contrasts=instead is not None)
    _check_fusible(plan.method)
    memo, maps = dict[bytes, LogProbs]() if memo is None else memo, list[Attribution]()
    every = [Regions(answer.question, cut, plan.occluder) for cut in segmentations]
    unmeasured = replace(plan, measure=())
    counts = [_count(answer, players, unmeasured, selection if instead else None) for players in every]
    for players, before in zip(every, np.cumsum([0, *counts[:-1]]).tolist(), strict=True):
        part = _report_as_part(listener, before, sum(counts))
        maps.append(
            pipeline.explain(
                worker, answer, players, unmeasured, selection=selection, instead=instead, memo=memo, listener=part
            )
        )
    fused = fuse(maps)
    return pipeline.measure(worker, fused, plan.measure, instead=instead, memo=memo) if plan.measure else fused


def _count(answer: Answer, players: Regions, plan: Plan, selection: tuple[int, ...] | None) -> int:
    """Count the masks of one map, for a selection those of a contrast."""
    if selection:
        return pipeline.count_contrast_masks(answer, players, plan, selection)
    return count_masks(players, plan)


def fuse(maps: Sequence[Attribution]) -> Attribution:
    """Average the maps: spread each score evenly over its region's pixels, average, and sum over the finest regions.

    The sum of the scores is the mean of the maps' sums, and a span's score is still the sum of its tokens' scores.
    """
    finest = max(maps, key=lambda one: one.segmentation.regions)
    _check_fusible(finest.method)
    shared = [shares_of(finest.segmentation, one.segmentation) @ one.scores.values for one in maps]
    numbers = ", ".join(str(one.segmentation.regions) for one in maps)
    says = f"The mean of {len(maps)} maps, of {numbers} regions."
    mean: NDArray[np.float32] = (sum(shared[1:], shared[0]) / len(maps)).astype(np.float32)
    return replace(finest, scores=Scores(mean, says=says))


def _check_fusible(method: str) -> None:
    if METHODS[method].reads == "order" or METHODS[method].scope == "selection":
        raise AppError(f"Maps of {method} on different regions cannot be fused; use a method for all tokens.")


def shares_of(fine: Segmentation, coarse: Segmentation) -> NDArray[np.float64]:
    """Give the share of each coarse region that lies in each fine one: [fine regions, coarse regions]."""
    atoms, others = fine.holds.shape[1], coarse.holds.shape[1]
    both = (fine.atoms + 1).astype(np.int64) * (others + 1) + coarse.atoms + 1  # atom -1 is none
    pixels = np.bincount(both.ravel(), minlength=(atoms + 1) * (others + 1)).reshape(atoms + 1, others + 1)[1:, 1:]
    return fine.holds @ pixels @ coarse.holds.T / np.maximum(coarse.areas, 1)


def _report_as_part(listener: Listener, before: int, total: int) -> Listener:
    """Make a listener that reports one map's progress as a part of all maps' masks."""

    def on_result(result: Attribution, progress: Progress) -> None:
        listener.on_result(result, Progress(before + progress.done, total, progress.hiding))

    return replace(listener, on_result=on_result)
